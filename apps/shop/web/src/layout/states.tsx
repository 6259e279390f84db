import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { ApiError } from '../api.ts';

/** Stands where content will: its shape, without a word for the eyes. */
export function Loading({ className, children }: { className: string; children?: ReactNode }) {
  return (
    <div className={className} aria-busy="true">
      <span className="visually-hidden">Loading</span>
      {children}
    </div>
  );
}

/** A load that failed, with the way to try it again. */
export function Failed({ error, retry }: { error: ApiError; retry(): void }) {
  return (
    <div className="state" role="alert">
      <h2>That did not work</h2>
      <p>{error.message}</p>
      <button type="button" className="button" onClick={retry}>
        Try again
      </button>
    </div>
  );
}

/** Nothing to show, and where to go from here. */
export function Empty({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="state">
      <StillWater />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function NotFound({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="state">
      <title>Not found · Streamside</title>
      <StillWater />
      <h1>{title}</h1>
      <p>{children}</p>
      <Link className="button" to="/">
        Back to the shop
      </Link>
    </div>
  );
}

function StillWater() {
  return (
    <svg className="still-water" viewBox="0 0 120 48" width="120" height="48" aria-hidden="true">
      <ellipse cx="60" cy="24" rx="56" ry="20" />
      <ellipse cx="60" cy="24" rx="36" ry="12" />
      <ellipse cx="60" cy="24" rx="16" ry="5" />
    </svg>
  );
}
