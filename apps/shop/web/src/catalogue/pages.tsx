import { Link } from 'react-router';
import type { Catalogue } from '../api.ts';

export function Pages({ data, params }: { data: Catalogue; params: URLSearchParams }) {
  const last = Math.ceil(data.total / data.pageSize);
  if (last <= 1) return null;
  return (
    <nav className="pages" aria-label="Pages">
      {data.page > 1 ? <Link to={to(params, data.page - 1)}>← Back</Link> : <span />}
      <span>
        Page {data.page} of {last}
      </span>
      {data.page < last ? <Link to={to(params, data.page + 1)}>More →</Link> : <span />}
    </nav>
  );
}

function to(params: URLSearchParams, page: number): string {
  const next = new URLSearchParams(params);
  next.set('page', String(page));
  return `/?${next}`;
}
