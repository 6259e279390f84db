import { fastify } from 'fastify';
import { newTraceparent, parseTraceparent } from '#log/trace';
import { traceRequests } from './request-traces.ts';

const app = fastify();
traceRequests(app);
app.get('/', ({ traceparent }) => traceparent);
let url: string;
beforeAll(async () => (url = await app.listen()));
afterAll(() => app.close());

async function tracedAs(traceparent?: string): Promise<string> {
  return (await fetch(url, { headers: traceparent ? { traceparent } : {} })).text();
}

it('carries the trace of the caller on', async () => {
  const theirs = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  expect(await tracedAs(theirs)).toBe(theirs);
});

it.each([undefined, 'nonsense', '00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01'])(
  'begins a trace where the caller says %s',
  async (theirs) => {
    const [first, second] = [await tracedAs(theirs), await tracedAs(theirs)];
    expect(parseTraceparent(first)).toMatchObject({ flags: 1 });
    expect(parseTraceparent(first)?.traceId).not.toBe(parseTraceparent(second)?.traceId);
  },
);

it('draws other ids for each of many traces', () => {
  const all = Array.from({ length: 600 }, () => newTraceparent());
  expect(new Set(all.flatMap((each) => each.split('-').slice(1, 3))).size).toBe(1200);
});
