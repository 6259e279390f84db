import type { BadCase } from '#log/bad-cases';
import { jsonOf, listed, shown } from './text.ts';

const time = Date.UTC(2026, 2, 4, 5, 6, 7);
const data: BadCase['data'] = {
  group: 'shop.cart',
  reason: 'n must not be negative',
  topic: 'visitors',
  partition: 3,
  offset: '1042',
  key: 'visitor-1',
  value: '',
  attempts: 1,
  size: 2,
  type: 'CartViewed',
};
const found = (offset: number, more: Partial<BadCase['data']> = {}): BadCase => ({
  id: `visitors.bad-2/${offset}`,
  data: { ...data, ...more },
  eventId: `e${offset}`,
  time,
  correlationId: 'the-story',
  causationId: 'visitors-3/1042',
  settled: null,
});

describe('a list', () => {
  it('has a line each, counts by reason, and what to do next', () => {
    const cases = [found(1), found(17), found(20, { group: 'collector', reason: 'sku: odd' })];
    const lines = listed(cases, 50, null).split('\n');
    expect(lines[0]).toMatch(/visitors\.bad-2\/1 {3}open {2}shop\.cart {2}CartViewed {2}visitor-1/);
    expect(lines.slice(4, 6)).toEqual([
      '2  shop.cart  n must not be negative',
      '1  collector  sku: odd',
    ]);
    expect(lines.at(-1)).toBe(
      '3 open of 3. npm run bad -- show visitors.bad-2/20 tells all of one.',
    );
  });

  it('shows the newest, and says so', () => {
    const lines = listed([found(1), found(2)], 1, null).split('\n');
    expect(lines[0]).toContain('visitors.bad-2/2');
    expect(lines.at(-1)).toContain('2 open of 2, the newest 1 shown.');
  });

  it('is short when nothing is bad', () => {
    expect(listed([], 50, null)).toBe('Nothing is bad here.');
  });

  it('does not let a record steer the terminal', () => {
    const odd = found(1, { key: 'a\u001b[2J', reason: 'b\u009b' });
    expect(listed([odd], 50, null)).toMatch(/a\\u001b\[2J {2}b\\u009b/);
  });
});

describe('one of them', () => {
  it('is shown with its text', () => {
    const text = shown(found(17), undefined, Buffer.from('{"a":"\u202e"}'));
    expect(text).toContain('visitors-3/1042, no longer on the log');
    expect(text).toContain('{\n  "a": "\\u202e"\n}');
    expect(text.split('\n').at(-1)).toMatch(/^Mended\? npm run bad -- retry visitors\.bad-2\/17\./);
  });

  it('is shown in bytes when it is no text', () => {
    const text = shown(found(17), undefined, Buffer.alloc(300, 0xff));
    expect(text).toContain('300 bytes, not text');
    expect(text).toContain('  00000010  ff ff');
    expect(text).toContain('(--raw has all 300 bytes)');
  });

  it('says what was decided, and asks for nothing then', () => {
    const settled = { how: 'discarded', by: 'eve', why: 'a test', time, eventId: 'x' } as const;
    const text = shown({ ...found(17), settled }, undefined, null);
    expect(text).toContain(
      'visitors.bad-2/17  discarded by eve at 2026-03-04T05:06:07.000Z: a test',
    );
    expect(text).not.toContain('npm run bad');
  });

  it('is one JSON object, in a list without its bytes', () => {
    const withBytes = found(17, { value: 'Pw==' });
    expect(JSON.parse(jsonOf(withBytes, true)).data.value).toBe('Pw==');
    expect(jsonOf(withBytes, false)).not.toContain('value');
  });
});
