import { useCallback, useEffect, useState } from 'react';
import { ApiError } from './api.ts';
import { useLive } from './live.tsx';

export type Loaded<T> = { data: T | undefined; error: ApiError | undefined; retry(): void };

const KEPT = 40;
/** What was loaded lately, oldest first: going back shows it at once, and then what is new. */
const kept = new Map<string, unknown>();

/**
 * Loads what a screen shows, again after every reconnection. `key` names it; a failed refresh
 * leaves what is already on the screen.
 */
export function useLoad<T>(key: string, load: () => Promise<T>): Loaded<T> {
  const { generation } = useLive();
  const [attempt, setAttempt] = useState(0);
  const [failure, setFailure] = useState<{ key: string; error: ApiError }>();
  const [, setLoads] = useState(0);

  useEffect(() => {
    let current = true;
    load().then(
      (data) => {
        keep(key, data);
        if (!current) return;
        setFailure(undefined);
        setLoads((n) => n + 1);
      },
      (error: unknown) => {
        if (current) setFailure({ key, error: asApiError(error) });
      },
    );
    return () => {
      current = false;
    };
    // `load` is a new function at each drawing; `key` says when it means something else.
  }, [key, generation, attempt]);

  const retry = useCallback(() => {
    setFailure(undefined);
    setAttempt((n) => n + 1);
  }, []);
  const data = kept.get(key) as T | undefined;
  return { data, error: data ? undefined : failureOf(key, failure), retry };
}

function failureOf(key: string, failure: { key: string; error: ApiError } | undefined) {
  return failure?.key === key ? failure.error : undefined;
}

function keep(key: string, data: unknown): void {
  kept.delete(key);
  kept.set(key, data);
  const [oldest] = kept.keys();
  if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
}

function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, 'This page could not be read.');
}
