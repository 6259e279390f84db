/** Puts one piece of a product in the visitor's cart, as the shop's page does. */
export async function putInCart(shopUrl: string, visitorId: string, sku: string): Promise<void> {
  const answer = await fetch(`${shopUrl}/api/cart/items`, {
    method: 'POST',
    headers: { cookie: `visitor=${visitorId}`, 'content-type': 'application/json' },
    body: JSON.stringify({ sku, quantity: 1 }),
  });
  if (answer.status !== 200) throw new Error(`The cart answers with ${answer.status}.`);
  await answer.body?.cancel();
}

/** A product of the shop. */
export async function anySku(shopUrl: string): Promise<string> {
  const answer = await fetch(`${shopUrl}/api/products?sort=price`);
  const { products } = (await answer.json()) as { products: { sku: string }[] };
  return products[0]!.sku;
}
