import { until } from '../log-harness.ts';
import { at, leaveThroughTheTop, newVisitor } from './page.ts';
import type { Visitor } from './page.ts';

interface Around {
  shopUrl: string;
  collectorUrl: string;
  open(): Promise<Visitor>;
  /** `npm run versions`: what it said. */
  versions(line: string): Promise<string>;
  /** Resolves when the nth event of the type is on the log of a visitor. */
  nth(visitorId: string, type: string): Promise<{ data: any }>;
}

/** Everybody looks at one of them; few look at the other, but then at nothing else. */
const [SKU, POPULAR, PARTNER] = ['CAMP-001', 'CAMP-002', 'CAMP-003'] as const;
const APPLICATIONS = ['recommendations', 'feedback'] as const;

/** Two visitors side by side, each on another version of what recommends and of what offers. */
export function twoVersions(around: () => Around): void {
  it('shows two visitors two versions side by side, and a switch to who watches', async () => {
    const { versions, nth } = around();
    await lookAround(around());
    for (const application of APPLICATIONS) {
      expect(await versions(`start ${application} v2`)).toContain('has caught up');
    }
    const [first, second] = await Promise.all([come(around()), come(around())]);
    await expectRelease([first, second], ['v1', 'v1']);
    for (const application of APPLICATIONS) {
      await versions(`pin ${application} ${second.visitorId} v2`);
    }
    await expectRelease([first, second], ['v1', 'v2']); // In pages that nobody has loaded again.

    const firstOf = async ({ page }: Visitor) => {
      await page.goto(`${around().shopUrl}/products/${SKU}`);
      const others = page.getByRole('region', { name: 'Others also looked at' });
      return at(others, 'product-card').first().getAttribute('data-sku');
    };
    await until('each sees what their version puts first', async () => {
      const shown = await Promise.all([firstOf(first), firstOf(second)]);
      return shown[0] === POPULAR && shown[1] === PARTNER;
    });
    const offers = [first, second].map(async ({ visitorId, page }) => {
      await at(page, 'add-to-cart').first().click();
      await at(page, 'cart-line').waitFor();
      await nth(visitorId, 'ItemAddedToCart');
      await leaveThroughTheTop(page);
      await at(page, 'offer-popup').waitFor();
      return (await nth(visitorId, 'CouponOffered')).data.release ?? 'v1';
    });
    expect(await Promise.all(offers)).toEqual(['v1', 'v2']);

    for (const application of APPLICATIONS) await versions(`rollback ${application}`);
    await expectRelease([first, second], ['v1', 'v1']);
    for (const application of APPLICATIONS) await versions(`retire ${application} v2 --yes`);
    expect(await versions('list')).not.toMatch(/v2 +ready/);
  }, 240_000);
}

/** Somebody with the log drawer open. */
async function come({ open, shopUrl }: Around): Promise<Visitor> {
  const visitor = await open();
  await visitor.page.goto(shopUrl);
  await at(visitor.page, 'log-handle').click();
  return visitor;
}

async function expectRelease(visitors: readonly Visitor[], releases: string[]): Promise<void> {
  const line = (release: string) =>
    `You are on recommendations ${release} and feedback ${release}.`;
  await Promise.all(
    visitors.map(({ page }, i) =>
      at(page, 'log-releases')
        .filter({ hasText: line(releases[i]!) })
        .waitFor(),
    ),
  );
}

/** What others have looked at before, each in a visit of their own. */
async function lookAround({ collectorUrl }: Around): Promise<void> {
  const times = (count: number, ...skus: string[]) => Array<string[]>(count).fill(skus);
  const visits = [...times(4, SKU, POPULAR), ...times(3, SKU, PARTNER), ...times(25, POPULAR)];
  const hits = visits.flatMap((skus) => {
    const visitorId = newVisitor();
    return skus.map((sku, i) => ({
      type: 'ProductViewed',
      ...{ visitorId, sessionId: 's', tab: 't', hit: i + 1, site: 'shop', url: '/', sku },
    }));
  });
  const answer = await fetch(`${collectorUrl}/collect`, {
    method: 'POST',
    body: JSON.stringify(hits),
  });
  expect(answer.status).toBe(204);
}
