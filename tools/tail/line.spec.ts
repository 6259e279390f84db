import { stripVTControlCharacters } from 'node:util';
import { orders, OrderConfirmed } from '#contracts/orders';
import { MessagePublished } from '#contracts/playground';
import { CouponOffered, ItemAddedToCart } from '#contracts/visitors';
import type { NewEvent } from '#contracts/contract';
import { decodeKnown, TYPE_HEADER } from '#log/envelope';
import type { Tailed } from '#log/tail';
import { recordOf } from '#testing/scenario';
import { jsonLine, Lines } from './line.ts';

const at = new Date(2026, 2, 4, 5, 6, 7, 89).getTime();
const plain = { colours: false, columns: null, namesTopic: false };
const lineOf = (tailed: Tailed, look = {}) => new Lines({ ...plain, ...look }).of(tailed);

function tailedOf(event: NewEvent, offset = 12): Tailed {
  const record = recordOf(event, { offset, timestamp: at });
  const { topic } = event;
  return { topic, partition: 3, record, event: decodeKnown(topic, record) };
}

function raw(value: string | null, type?: string, topic: string = orders.name): Tailed {
  const headers = type === undefined ? {} : { [TYPE_HEADER]: type };
  const bytes = value === null ? null : Buffer.from(value);
  const record = { offset: 7, timestamp: at, key: Buffer.from('k'), value: bytes, headers };
  return { topic, partition: 0, record };
}

const added = tailedOf(
  ItemAddedToCart({
    visitorId: 'visitor-1',
    sku: 'MUG-1',
    quantity: 2,
    unitPrice: { cents: 1299, currency: 'EUR' },
  }),
);
const confirmed = tailedOf(OrderConfirmed({ orderId: 'order-000001', visitorId: 'visitor-1' }), 5);

describe('a line', () => {
  it('has time, partition/offset, key, type and short data without the key again', () => {
    expect(lineOf(added)).toBe(
      '03-04 05:06:07.089  3/12  visitor-1  ItemAddedToCart  ' +
        'optedOut=false sku=MUG-1 quantity=2 unitPrice=12.99 EUR',
    );
  });

  it('is aligned with the lines before it', () => {
    const lines = new Lines(plain);
    const [first, second] = [lines.of(added), lines.of(confirmed)];
    const columns = ['3/12', 'visitor-1', 'ItemAddedToCart'].map((text) => first.indexOf(text));
    expect(['3/5', 'order-000001'].map((text) => second.indexOf(text))).toEqual(
      columns.slice(0, 2),
    );
    expect(lines.of(added).indexOf('ItemAdded')).toBe(second.indexOf('OrderConfirmed'));
  });

  it('names the topic when there are several', () => {
    expect(lineOf(added, { namesTopic: true })).toContain('  visitors 3/12  ');
  });

  it('is cut to the terminal, and coloured only there', () => {
    expect(lineOf(added, { columns: 40 })).toBe('03-04 05:06:07.089  3/12  visitor-1  It…');
    const coloured = lineOf(added, { columns: 40, colours: true });
    expect(coloured).toContain('\u001b[');
    expect(stripVTControlCharacters(coloured)).toHaveLength(40);
  });

  it('shortens what is nested', () => {
    const features = Object.fromEntries([...Array(9).keys()].map((i) => [`feature-${i}`, i]));
    const decided = { features, score: 0.5, model: 'm' };
    const offer = { visitorId: 'visitor-1', code: 'SAVE-10', percent: 10, expiresAt: at };
    expect(lineOf(tailedOf(CouponOffered({ ...offer, ...decided })))).toMatch(
      /features=\{"feature-0":0,.{1,45}… score=0.5 model=m$/,
    );
  });

  it('does not let a record steer the terminal', () => {
    const line = lineOf(tailedOf(MessagePublished({ body: 'a\u001b[2Jb\nc\u202e\u0085' })));
    expect(line).toMatch(/body=a\\u001b\[2Jb\\u000ac\\u202e\\u0085$/);
  });
});

describe('an odd record', () => {
  it.each([
    ['bad: the record is not JSON: {oops', raw('{oops', 'OrderConfirmed')],
    ['bad: the record is not a CloudEvent: {}', raw('{}')],
    ['bad: the record has no value: no value', raw(null, 'OrderConfirmed')],
    ['bad: the CloudEvents attribute source is missing: {}', raw('{}', 'OrderConfirmed')],
    ['unknown type: {"data":1}', raw('{"data":1}', 'OrderLost')],
    ['bad: the record is not JSON: hello', raw('hello', 'Greeted', 'by-hand')],
  ])('%s', (data, tailed) => {
    expect(lineOf(tailed).endsWith(`  ${data}`)).toBe(true);
  });
});

describe('as JSON', () => {
  it('is the CloudEvent as it is on the log', () => {
    expect(jsonLine(added)).toBe(added.record.value!.toString());
    expect(jsonLine(raw('{"type":"OrderLost"}'))).toBe('{"type":"OrderLost"}');
  });

  it('stays on one line', () => {
    const text = '{\n  "type": "OrderLost"\n}';
    expect(jsonLine(raw(text))).toBe('{"type":"OrderLost"}');
  });

  it('says of a bad record what it is and why', () => {
    expect(JSON.parse(jsonLine(raw('{oops', 'OrderConfirmed')))).toEqual({
      bad: 'the record is not JSON',
      topic: 'orders',
      partition: 0,
      offset: 7,
      key: 'k',
      value: '{oops',
    });
  });
});
