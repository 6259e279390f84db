import { orders } from '#contracts/orders';
import { visitors } from '#contracts/visitors';
import { refuseUndeclaredReads, refuseUndeclaredTimers } from './declared.ts';

it('lets a service read what its row in the manifest says, and a tool whatever it likes', () => {
  expect(() => refuseUndeclaredReads('feedback', [visitors])).not.toThrow();
  expect(() => refuseUndeclaredReads('a-tool', [visitors, orders])).not.toThrow();
});

it.each([
  [
    'feedback',
    'feedback reads orders, which its row in manifest.ts does not say: add it to "reads".',
  ],
  ['simulator', 'simulator reads visitors, which its row in manifest.ts does not say'],
])('refuses %s what it does not say', (service, sentence) => {
  expect(() => refuseUndeclaredReads(service, [visitors, orders])).toThrow(sentence);
});

it('lets a service wait where its contract says so, and a tool wherever it likes', () => {
  expect(() => refuseUndeclaredTimers('It', 'ordering', orders)).not.toThrow();
  expect(() => refuseUndeclaredTimers('It', 'a-tool', orders)).not.toThrow();
  expect(() => refuseUndeclaredTimers('It', 'shop', orders)).toThrow(
    'It waits for moments on orders, where shop has no timers. Name shop in the timers',
  );
});
