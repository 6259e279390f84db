import type { RawEvent } from './raw-log.ts';

/** What of an event the audit looks at. */
export type Entry = Pick<RawEvent, 'topic' | 'type' | 'data'>;

export interface Audit {
  /** One sentence for everything that is wrong. */
  problems: string[];
  /** Orders that were submitted and are not decided. */
  undecided: number;
  /** Reservations that are neither committed nor released. */
  reservations: number;
  /** Orders by decision: OrderConfirmed, OrderRejected, OrderCancelled. */
  decisions: Record<string, number>;
}

interface Stock {
  onHand: number;
  delivered: number;
  deliveries: Set<string>;
  reserved: Map<string, number>;
  released: Set<string>;
  committed: Set<string>;
  /** What each order must be answered. */
  answers: Map<string, { type: string; quantity: number; onHand?: number }>;
}

const DECISIONS = ['OrderConfirmed', 'OrderRejected', 'OrderCancelled'];

/**
 * Recomputes what orders and stock should have come to, from what stands on the log. Entries are
 * without repeats; those of one key are in order, between keys and topics no order is assumed.
 */
export function audit(entries: readonly Entry[]): Audit {
  const problems: string[] = [];
  const stock = replayStock(entries, problems);
  const orders = groupBy(entries, 'orders', ({ data }) => data.orderId);
  checkAnswers(stock, orders, problems);
  const decisions = Object.fromEntries(DECISIONS.map((type) => [type, 0]));
  let undecided = 0;
  for (const [orderId, events] of orders) {
    const made = events.filter(({ type }) => DECISIONS.includes(type));
    if (made.length === 0) undecided += 1;
    if (made.length === 1) decisions[made[0]!.type]! += 1;
    if (made.length > 1) problems.push(`${orderId} is decided ${made.length} times`);
    checkOrder(orderId, events, stock, problems);
  }
  checkRequests(stock, orders, problems);
  checkSums(stock, orders, problems);
  checkLevels(entries, stock, problems);
  const reservations = [...stock.values()].reduce((sum, { reserved }) => sum + reserved.size, 0);
  return { problems, undecided, reservations, decisions };
}

/** Plays the stock through, in the order of each product. */
function replayStock(entries: readonly Entry[], problems: string[]): Map<string, Stock> {
  const stocks = new Map<string, Stock>();
  for (const { topic, type, data } of entries) {
    if (topic !== 'stock' || data.sku === undefined) continue;
    const stock = stocks.get(data.sku) ?? emptyStock();
    stocks.set(data.sku, stock);
    if (type === 'GoodsDelivered') deliver(stock, data);
    else if (type === 'StockRequested') request(stock, data, problems);
    else if (type === 'StockReleaseRequested') release(stock, data);
    else if (type === 'StockCommitted') commit(stock, data, problems);
  }
  return stocks;
}

function emptyStock(): Stock {
  return {
    onHand: 0,
    delivered: 0,
    deliveries: new Set(),
    reserved: new Map(),
    released: new Set(),
    committed: new Set(),
    answers: new Map(),
  };
}

function deliver(stock: Stock, data: any): void {
  if (stock.deliveries.has(data.deliveryId)) return;
  stock.deliveries.add(data.deliveryId);
  stock.delivered += data.quantity;
  stock.onHand += data.quantity;
}

function request(stock: Stock, { sku, orderId, quantity }: any, problems: string[]): void {
  if (stock.answers.has(orderId)) {
    problems.push(`${orderId} asks twice for ${sku}`);
    return;
  }
  const { onHand } = stock;
  if (onHand < quantity) {
    stock.answers.set(orderId, { type: 'StockRefused', quantity, onHand });
    return;
  }
  stock.answers.set(orderId, { type: 'StockReserved', quantity });
  stock.reserved.set(orderId, quantity);
  stock.onHand -= quantity;
}

function release(stock: Stock, { orderId }: any): void {
  stock.released.add(orderId);
  stock.onHand += stock.reserved.get(orderId) ?? 0;
  stock.reserved.delete(orderId);
}

function commit(stock: Stock, { sku, orderId }: any, problems: string[]): void {
  if (!stock.reserved.delete(orderId)) problems.push(`${orderId} commits ${sku}, not reserved`);
  stock.committed.add(orderId);
}

/** Every request has the answer that the stock gives, once, and nobody else has one. */
function checkAnswers(
  stocks: Map<string, Stock>,
  orders: Map<string, Entry[]>,
  problems: string[],
): void {
  const given = new Map<string, Entry[]>();
  for (const [orderId, events] of orders) {
    for (const event of events) {
      if (event.type !== 'StockReserved' && event.type !== 'StockRefused') continue;
      const line = `${orderId} ${event.data.sku}`;
      given.set(line, [...(given.get(line) ?? []), event]);
    }
  }
  for (const [sku, { answers }] of stocks) {
    for (const [orderId, due] of answers) {
      const line = `${orderId} ${sku}`;
      const [answer, ...more] = given.get(line) ?? [];
      given.delete(line);
      if (!answer) problems.push(`${line} has no answer`);
      else if (more.length > 0) problems.push(`${line} is answered ${more.length + 1} times`);
      else if (!isSame(answer, due)) problems.push(`${line} should be ${due.type}`);
    }
  }
  for (const line of given.keys()) problems.push(`${line} is answered and was not asked`);
}

function isSame({ type, data }: Entry, due: { type: string; quantity: number; onHand?: number }) {
  return type === due.type && data.quantity === due.quantity && data.onHand === due.onHand;
}

function checkOrder(
  orderId: string,
  events: readonly Entry[],
  stocks: Map<string, Stock>,
  problems: string[],
): void {
  const all = (type: string) => events.filter((event) => event.type === type);
  const [submitted] = all('OrderSubmitted');
  if (!submitted) return void problems.push(`${orderId} was never submitted`);
  const placed = all('OrderPlaced').length;
  const decision = events.find(({ type }) => DECISIONS.includes(type));
  if (placed > 1 || (decision && placed === 0))
    problems.push(`${orderId} is placed ${placed} times`);
  const shipped = all('OrderShipped').length;
  if (shipped > (decision?.type === 'OrderConfirmed' ? 1 : 0)) {
    problems.push(`${orderId} is shipped ${shipped} times`);
  }
  if (!decision) return;
  for (const { sku, quantity } of submitted.data.lines) {
    const stock = stocks.get(sku);
    const answer = stock?.answers.get(orderId);
    if (answer?.quantity !== quantity) problems.push(`${orderId} does not ask for its ${sku}`);
    const isReserved = answer?.type === 'StockReserved';
    const isCommitted = stock?.committed.has(orderId) ?? false;
    const isConfirmed = decision.type === 'OrderConfirmed';
    if (isConfirmed && !isReserved) problems.push(`${orderId} is confirmed without its ${sku}`);
    if (isConfirmed !== isCommitted) {
      problems.push(`${orderId} is ${decision.type}, and its ${sku} committed: ${isCommitted}`);
    }
    if (!isConfirmed && isReserved && !stock!.released.has(orderId)) {
      problems.push(`${orderId} is ${decision.type} and keeps its ${sku}`);
    }
  }
  checkReasons(orderId, decision, submitted, stocks, problems);
}

/** A rejection names what was refused, a cancellation lines of the order. */
function checkReasons(
  orderId: string,
  { type, data }: Entry,
  submitted: Entry,
  stocks: Map<string, Stock>,
  problems: string[],
): void {
  const skus = new Set(submitted.data.lines.map(({ sku }: { sku: string }) => sku));
  if (type === 'OrderCancelled' && !data.unanswered.every((sku: string) => skus.has(sku))) {
    problems.push(`${orderId} is cancelled for a line it does not have`);
  }
  if (type !== 'OrderRejected') return;
  for (const { sku, requested, onHand } of data.short) {
    const answer = stocks.get(sku)?.answers.get(orderId);
    const isRight = answer?.type === 'StockRefused' && answer.onHand === onHand;
    if (isRight && answer.quantity === requested) continue;
    problems.push(`${orderId} is rejected for ${sku}, which was not short by that`);
  }
}

/** Nobody asks for what no order wants. */
function checkRequests(
  stocks: Map<string, Stock>,
  orders: Map<string, Entry[]>,
  problems: string[],
): void {
  for (const [sku, { answers }] of stocks) {
    for (const orderId of answers.keys()) {
      const events = orders.get(orderId) ?? [];
      const submitted = events.find(({ type }) => type === 'OrderSubmitted');
      const lines: { sku: string }[] = submitted?.data.lines ?? [];
      if (!lines.some((line) => line.sku === sku)) problems.push(`${orderId} wants no ${sku}`);
    }
  }
}

/** Delivered is on hand, set aside or sold; sold is what confirmed orders say, not the stock. */
function checkSums(
  stocks: Map<string, Stock>,
  orders: Map<string, Entry[]>,
  problems: string[],
): void {
  const sold = new Map<string, number>();
  for (const events of orders.values()) {
    if (!events.some(({ type }) => type === 'OrderConfirmed')) continue;
    const submitted = events.find(({ type }) => type === 'OrderSubmitted');
    for (const { sku, quantity } of submitted?.data.lines ?? []) {
      sold.set(sku, (sold.get(sku) ?? 0) + quantity);
    }
  }
  for (const [sku, { delivered, onHand, reserved }] of stocks) {
    const aside = [...reserved.values()].reduce((sum, quantity) => sum + quantity, 0);
    const gone = sold.get(sku) ?? 0;
    if (gone > delivered) problems.push(`${sku}: sold ${gone} of ${delivered}`);
    if (onHand + aside + gone === delivered) continue;
    problems.push(`${sku}: ${delivered} delivered, ${onHand} + ${aside} there, ${gone} sold`);
  }
}

/** The last level that was published is the level. */
function checkLevels(
  entries: readonly Entry[],
  stocks: Map<string, Stock>,
  problems: string[],
): void {
  const levels = groupBy(entries, 'stock-levels', ({ data }) => data.sku);
  for (const [sku, events] of levels) {
    for (const { data } of events) {
      if (data.onHand < 0 || data.reserved < 0) problems.push(`${sku} falls below zero`);
    }
  }
  for (const [sku, { onHand, reserved, delivered }] of stocks) {
    if (delivered === 0) continue;
    const aside = [...reserved.values()].reduce((sum, quantity) => sum + quantity, 0);
    const last = levels.get(sku)?.at(-1)?.data;
    if (last?.onHand === onHand && last.reserved === aside) continue;
    problems.push(
      `${sku} is published as ${last?.onHand} + ${last?.reserved}, not ${onHand} + ${aside}`,
    );
  }
}

function groupBy(
  entries: readonly Entry[],
  topic: string,
  keyOf: (entry: Entry) => string | undefined,
): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = entry.topic === topic ? keyOf(entry) : undefined;
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group) group.push(entry);
    else groups.set(key, [entry]);
  }
  return groups;
}
