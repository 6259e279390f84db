import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Away, Door } from './door.ts';

const answers = jest.spyOn(globalThis, 'fetch');
const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
const log = jest.spyOn(Logger.prototype, 'log').mockImplementation(() => {});
const refused = () => answers.mockRejectedValueOnce(new TypeError('fetch failed'));

describe('a door', () => {
  let door: Door;
  beforeEach(() => {
    jest.clearAllMocks();
    answers.mockImplementation(async () => new Response('{"total":3}'));
    door = new Door('shop', 'http://localhost:1');
  });

  it('hands on the answer with its cookies', async () => {
    answers.mockResolvedValueOnce(
      new Response('{"total":3}', { headers: { 'set-cookie': 'visitor=v-1; Path=/' } }),
    );
    expect(await door.knock('/api/products')).toEqual({
      status: 200,
      body: { total: 3 },
      setCookie: ['visitor=v-1; Path=/'],
    });
  });

  it.each([
    ['no connection', refused],
    ['a 503', () => answers.mockResolvedValueOnce(new Response('', { status: 503 }))],
  ])('is away after %s, and open again after an answer', async (_name, fail) => {
    fail();
    await expect(door.knock('/')).rejects.toThrow(Away);
    expect(door.open).toBe(false);
    await door.knock('/');
    expect(door.open).toBe(true);
  });

  it('says once that it is away, and once that it is back', async () => {
    for (let attempt = 0; attempt < 8; attempt++) {
      refused();
      await door.knock('/').catch(() => {});
    }
    expect(warn.mock.calls).toEqual([
      ['The shop at http://localhost:1 is away (no connection); trying on.'],
    ]);
    await door.knock('/');
    await door.knock('/');
    expect(log.mock.calls).toEqual([['The shop answers again.']]);
  });

  it('says each surprising refusal once, and nothing of a product that is gone', async () => {
    for (const status of [400, 400, 404, 409]) {
      answers.mockResolvedValueOnce(new Response('{"error":"sku: unknown"}', { status }));
      await door.knock('/');
    }
    expect(warn.mock.calls).toEqual([['The shop refuses with 400: {"error":"sku: unknown"}']]);
  });

  it('is not away because a caller hung up', async () => {
    answers.mockRejectedValueOnce(new DOMException('gone', 'AbortError'));
    await expect(door.connect('/api/live', {})).rejects.toThrow('gone');
    expect(door.open).toBe(true);
  });
});
