import { jest } from '@jest/globals';
import { Away } from './door.ts';
import { Tab } from './tab.ts';

interface Hit {
  type: string;
  visitorId: string;
  tab: string;
  hit: number;
}

/** A collector that answers as told, then always; and remembers every body it was sent. */
function collector(...answers: ('away' | 204 | 400)[]) {
  const sent: Hit[][] = [];
  const knock = async (_path: string, init?: RequestInit) => {
    sent.push(JSON.parse(init!.body as string));
    const answer = answers.shift() ?? 204;
    if (answer === 'away') throw new Away('away');
    return { status: answer, body: null, setCookie: [] };
  };
  return { sent, knock };
}

function tabAt(door: ReturnType<typeof collector>) {
  const closing = new AbortController();
  const wait = jest.fn(async (_ms: number) => {});
  return { closing, wait, tab: new Tab(door, 'visitor-1', closing.signal, wait) };
}

describe('a tab', () => {
  it('numbers its hits from 1 and sends those of one moment together', async () => {
    const door = collector();
    const { tab } = tabAt(door);
    tab.hit('PageViewed', 'http://shop/');
    tab.hit('ProductViewed', 'http://shop/products/MUG-1', { sku: 'MUG-1' });
    await tab.answered();
    expect(door.sent).toHaveLength(1);
    expect(door.sent[0]).toMatchObject([
      { type: 'PageViewed', visitorId: 'visitor-1', hit: 1 },
      { type: 'ProductViewed', sku: 'MUG-1', hit: 2 },
    ]);
  });

  it('sends the same again, ever more patiently, until it is answered', async () => {
    const door = collector('away', 'away', 'away');
    const { tab, wait } = tabAt(door);
    tab.hit('PageViewed', 'http://shop/');
    await tab.answered();
    expect(door.sent).toHaveLength(4);
    expect(new Set(door.sent.map((hits) => JSON.stringify(hits))).size).toBe(1);
    expect(wait.mock.calls.map(([ms]) => ms)).toEqual([500, 1_000, 2_000]);
  });

  it('keeps the order when hits are added while the collector is away', async () => {
    const door = collector('away');
    const { tab, wait } = tabAt(door);
    wait.mockImplementationOnce(async () => tab.hit('CartViewed', 'http://shop/cart'));
    tab.hit('PageViewed', 'http://shop/');
    await tab.answered();
    expect(door.sent[1]!.map(({ hit }) => hit)).toEqual([1, 2]);
  });

  it('takes a refusal for an answer', async () => {
    const door = collector(400);
    const { tab } = tabAt(door);
    tab.hit('PageViewed', 'http://shop/');
    await tab.answered();
    expect(door.sent).toHaveLength(1);
  });

  it('sends at most 100 hits at once', async () => {
    const door = collector();
    const { tab } = tabAt(door);
    for (let n = 0; n < 120; n++) tab.hit('PageViewed', 'http://shop/');
    await tab.answered();
    expect(door.sent.map((hits) => hits.length)).toEqual([100, 20]);
  });

  it('stops when it is lost', async () => {
    const door = collector('away');
    const { tab, wait, closing } = tabAt(door);
    wait.mockImplementationOnce(async () => closing.abort());
    tab.hit('PageViewed', 'http://shop/');
    await tab.answered();
    expect(door.sent).toHaveLength(1);
  });
});
