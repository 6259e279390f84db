import { describe, expect, test } from '@jest/globals';
import { stepsOf } from './order-steps.ts';

const drawn = (status: Parameters<typeof stepsOf>[0]) =>
  stepsOf(status).map((step) => `${step.name} ${step.state}`);

describe('the steps of an order', () => {
  test('one is now, those before it are done, the rest is ahead', () => {
    expect(drawn('placed')).toEqual([
      'Submitted done',
      'Placed now',
      'Confirmed ahead',
      'Shipped ahead',
    ]);
  });

  test('a shipped order has no step left', () => {
    expect(new Set(stepsOf('shipped').map((step) => step.state))).toEqual(new Set(['done']));
  });

  test.each(['rejected', 'cancelled'] as const)('a %s order ends where it failed', (status) => {
    expect(stepsOf(status).map((step) => step.state)).toEqual(['done', 'done', 'failed']);
  });
});
