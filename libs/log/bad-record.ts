/**
 * Why a record is bad, as a label of few values: the bytes cannot be read, the event does not fit its
 * contract, the fold or the handler threw, a timer threw, the database refuses a value, or it was
 * skipped before, which a rebuild repeats.
 */
export type BadKind =
  | 'unparsable'
  | 'invalid'
  | 'fold'
  | 'handler'
  | 'timer'
  | 'database'
  | 'skipped';

/** The record itself is at fault, for the reason in the message. */
export class BadRecord extends Error {
  constructor(
    readonly kind: BadKind,
    reason: string,
  ) {
    super(reason);
  }
}

/** A record that a group put on the bad track. */
export interface Bad {
  offset: number;
  reason: string;
  kind: BadKind;
}

/** What is thrown at a record, as text. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
