import type { z } from 'zod';
import { parse } from '#contracts/parse';
import type { Cause } from './envelope.ts';
import type { KeptState } from './kept-states.ts';

/** One key's row: what the database keeps for it. */
export interface StateRow {
  /** JSON text of the state; null when only hit windows are known. */
  state: string | null;
  wakeAt: number | null;
  /** See {@link KeptState.lookAt}. */
  lookAt: number | null;
  /** JSON text of pairs of tab and hit window, last used last, for keys with numbered hits. */
  hits: string | null;
  /** JSON text of the {@link Cause} that set the timer. */
  cause: string | null;
}

/** What a key has come to. Its row is written out when somebody asks for it. */
export class ChangedRow {
  #row: StateRow | undefined;

  constructor(readonly kept: KeptState) {}

  get row(): StateRow {
    return (this.#row ??= rowOf(this.kept));
  }
}

/** Reads a row; `schema` is that of the state. Throws when the state does not fit it. */
export function keptOf(row: StateRow, schema: z.ZodType): KeptState {
  return {
    state: row.state === null ? null : parse(schema, JSON.parse(row.state)),
    wakeAt: row.wakeAt,
    lookAt: row.lookAt,
    hits: row.hits === null ? null : new Map(JSON.parse(row.hits)),
    cause: row.cause === null ? null : (JSON.parse(row.cause) as Cause),
  };
}

/** What is known of a key that has no row. */
export function unknownKey(): KeptState {
  return { state: null, wakeAt: null, lookAt: null, hits: null, cause: null };
}

function rowOf({ state, wakeAt, lookAt, hits, cause }: KeptState): StateRow {
  return {
    state: state === null ? null : JSON.stringify(state),
    wakeAt,
    lookAt,
    // As pairs: an object would put tabs with numbers for names first.
    hits: hits === null ? null : JSON.stringify([...hits]),
    cause: cause === null ? null : JSON.stringify(cause),
  };
}
