import { Client } from 'pg';
import type { ClientConfig } from 'pg';

/** Different statements that are prepared, at most: one that is put together anew each time ends here. */
const MOST = 300;
/** "cached plan must not change result type": the table has been altered since. */
const PLAN_IS_OLD = '0A000';

const names = new Map<string, string>();
let count = 0;

/**
 * A connection whose statements with parameters are prepared: PostgreSQL parses and plans each once.
 * A small batch consists of the same five statements as a large one, and to plan them took three
 * times as long as to run them. For the pool: `{ Client: PreparingClient }`.
 */
export class PreparingClient extends Client {
  constructor(config?: ClientConfig) {
    super(config);
    const query = this.query.bind(this) as (...args: unknown[]) => unknown;
    this.query = ((text: unknown, values: unknown, done: unknown) => {
      const name = nameOf(text, values);
      if (name === undefined) return query(text, values, done);
      const answer = query({ name, text }, values, done);
      if (answer instanceof Promise) answer.catch((error: unknown) => renewIfOld(text, error));
      return answer;
    }) as Client['query'];
  }
}

function nameOf(text: unknown, values: unknown): string | undefined {
  if (typeof text !== 'string' || !Array.isArray(values) || values.length === 0) return undefined;
  const known = names.get(text);
  if (known !== undefined || names.size >= MOST) return known;
  const name = `streamside_${(count += 1)}`;
  names.set(text, name);
  return name;
}

/** The next time it is prepared again, under another name. */
function renewIfOld(text: unknown, error: unknown): void {
  if ((error as { code?: unknown }).code === PLAN_IS_OLD) names.delete(text as string);
}
