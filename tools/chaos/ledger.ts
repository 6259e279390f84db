/** What the doors took: each of it has to be found on the log. Nothing else is known for sure. */
export class Ledger {
  /** Every checkout that was tried, whether it was answered or not: order id and visitor. */
  readonly tried = new Map<string, string>();
  /** Order ids that were answered with 202. */
  readonly orders = new Set<string>();
  /** Hits that were answered with 204, as `visitor/tab/number`. */
  readonly hits = new Set<string>();
  /** Deliveries that were answered with 202: how many products each had. */
  readonly deliveries = new Map<string, number>();
}
