import { Cart, emptyCart, evolve } from '../../apps/shop/src/cart.ts';
import type { RawEvent } from './checker/raw-log.ts';
import type { World } from './world.ts';

/** A cart is the fold of the shop's own events: compares each row with what the log gives. */
export async function checkCarts(
  world: Pick<World, 'databaseOf'>,
  events: readonly RawEvent[],
): Promise<string[]> {
  const folded = new Map<string, Cart>();
  for (const { topic, lane, type, key, data } of events) {
    if (topic !== 'visitors' || !lane?.startsWith('shop:') || key === null) continue;
    folded.set(key, evolve(folded.get(key) ?? emptyCart, { type, data } as never));
  }
  const client = await world.databaseOf('shop');
  try {
    const { rows } = await client.query<{ visitor_id: string; state: string }>(
      'select visitor_id, state from shop_carts',
    );
    return rows
      .filter(({ visitor_id, state }) => {
        const due = Cart.parse(folded.get(visitor_id) ?? emptyCart);
        return JSON.stringify(Cart.parse(JSON.parse(state))) !== JSON.stringify(due);
      })
      .map(({ visitor_id }) => `the cart of ${visitor_id} is not what the log gives`);
  } finally {
    await client.end();
  }
}
