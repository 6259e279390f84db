import { setImmediate as nextTurn } from 'node:timers/promises';
import { CouponOffered, ItemAddedToCart, visitors } from '#contracts/visitors';
import type { LogTail } from '#log/log.module';
import type { Tailed } from '#log/tail';
import { Views } from '#log/views';
import type { Carts } from './carts.ts';
import { Live } from './live.ts';
import { offers } from './offers.ts';

const visitorId = 'visitor-ada';

it('sends what the shop knows itself at once', async () => {
  const { land, messages } = await listen();
  await land(ItemAddedToCart.type);
  expect(messages).toEqual(['state 1', 'state 2']);
});

it('sends what a view says when the view has come that far', async () => {
  const { land, messages, catchUp } = await listen();
  await land(CouponOffered.type);
  expect(messages).toEqual(['state 1']);
  await catchUp();
  expect(messages).toEqual(['state 1', 'state 2']);
});

it('sends once more when it begins to watch the log: what happened before that was not noticed', async () => {
  const { begin, messages } = await listen({ watches: false });
  expect(messages).toEqual(['state 1']);
  await begin();
  expect(messages).toEqual(['state 1', 'state 2']);
});

/** Somebody listens to a shop whose views stand still until told otherwise. */
async function listen({ watches = true } = {}) {
  let begin = () => {};
  const begun = new Promise<void>((resolve) => (begin = resolve));
  let hear: (tailed: Tailed) => void;
  let states = 0;
  const log: Partial<LogTail> = {
    async watch(_topics, _from, onRecord) {
      hear = onRecord as typeof hear;
      await begun;
      return { close: async () => undefined };
    },
  };
  const carts = { me: async () => `state ${(states += 1)}` as never };
  const views = new Views({ query: async () => [] } as never);
  const live = new Live(log as LogTail, carts as unknown as Carts, views);
  live.onApplicationBootstrap();
  if (watches) begin();
  await nextTurn();
  const messages: string[] = [];
  await live.listen({
    visitor: { visitorId, optedOut: false, traceparent: '' },
    send: (_event: string, json: string) => void messages.push(JSON.parse(json)),
  });
  return {
    messages,
    async begin() {
      begin();
      await nextTurn();
    },
    /** An event of that type is on the log. */
    async land(type: string) {
      const event = { type, data: { visitorId } };
      hear({ topic: visitors.name, partition: 0, record: { offset: 1 }, event } as Tailed);
      await nextTurn();
    },
    async catchUp() {
      views.saved({ group: offers.name, topic: visitors.name, partition: 0 }, 2);
      await nextTurn();
    },
  };
}
