import type { Client } from 'pg';
import type { RawEvent } from './raw-log.ts';

/** A row of a state table: its key, and what is kept of it, parsed. */
export interface Row {
  key: string;
  state: any;
}

/** All rows of a state table. Ends the connection. */
export async function dump(client: Client, table: string): Promise<Row[]> {
  try {
    const { rows } = await client.query<{ key: string; state: string | null }>(
      `select key, state from ${table}`,
    );
    return rows.map(({ key, state }) => ({
      key,
      state: state === null ? null : JSON.parse(state),
    }));
  } finally {
    await client.end();
  }
}

/** Beyond it the count of views stops. */
const MOST_VIEWS = 50;

/** What the database of the stock says is what was delivered, less what was sold or is set aside. */
export function checkStock(events: readonly RawEvent[], rows: readonly Row[]): string[] {
  const delivered = new Map<string, Map<string, number>>();
  const asked = new Map<string, number>();
  const sold = new Map<string, number>();
  for (const { topic, type, data } of events) {
    if (topic !== 'stock' || data.sku === undefined) continue;
    if (type === 'GoodsDelivered') {
      const of = delivered.get(data.sku) ?? new Map<string, number>();
      delivered.set(data.sku, of.set(data.deliveryId, data.quantity));
    }
    if (type === 'StockRequested') asked.set(`${data.sku} ${data.orderId}`, data.quantity);
    if (type === 'StockCommitted') {
      const quantity = asked.get(`${data.sku} ${data.orderId}`) ?? 0;
      sold.set(data.sku, (sold.get(data.sku) ?? 0) + quantity);
    }
  }
  const sum = (numbers: Iterable<number>) => [...numbers].reduce((a, b) => a + b, 0);
  const states = new Map(rows.map(({ key, state }) => [key, state]));
  const problems: string[] = [];
  for (const [sku, deliveries] of delivered) {
    const state = states.get(sku);
    const reserved = sum(Object.values(state?.reserved ?? {}));
    const due = sum(deliveries.values()) - (sold.get(sku) ?? 0) - reserved;
    if (state?.onHand === due && due >= 0) continue;
    problems.push(`${sku}: the database has ${state?.onHand} on hand, the log ${due}`);
  }
  return problems;
}

/** Each hit counts once, however often it is on the log. */
export function checkViews(events: readonly RawEvent[], rows: readonly Row[]): string[] {
  const seen = new Map<string, Set<string>>();
  for (const { type, data, mark } of events) {
    if (type !== 'ProductViewed' || mark !== null) continue;
    const hits = seen.get(data.visitorId) ?? new Set();
    seen.set(data.visitorId, hits.add(`${data.tab}/${data.hit}`));
  }
  const problems: string[] = [];
  for (const { key, state } of rows) {
    const due = Math.min(seen.get(key)?.size ?? 0, MOST_VIEWS);
    if (state === null || state.productViews === due) continue;
    problems.push(`${key} has seen ${due} products, and ${state.productViews} are counted`);
  }
  return problems;
}
