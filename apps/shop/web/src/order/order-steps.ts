import type { Order } from '../api.ts';

export interface Step {
  name: string;
  state: 'done' | 'now' | 'ahead' | 'failed';
}

const good = ['submitted', 'placed', 'confirmed', 'shipped'] as const;
const labels: Record<Order['status'], string> = {
  submitted: 'Submitted',
  placed: 'Placed',
  confirmed: 'Confirmed',
  shipped: 'Shipped',
  rejected: 'Rejected',
  cancelled: 'Cancelled',
};

/** The stones an order crosses; one that failed ends on the stone where it did. */
export function stepsOf(status: Order['status']): Step[] {
  if (status === 'rejected' || status === 'cancelled') {
    const passed = good.slice(0, 2).map((step): Step => ({ name: labels[step], state: 'done' }));
    return [...passed, { name: labels[status], state: 'failed' }];
  }
  const reached = good.indexOf(status);
  const stateOf = (i: number) => {
    if (i < reached || status === 'shipped') return 'done';
    return i === reached ? 'now' : 'ahead';
  };
  return good.map((step, i) => ({ name: labels[step], state: stateOf(i) }));
}

/** Where the order is, in one sentence. */
export function sentenceOf(status: Order['status']): string {
  switch (status) {
    case 'submitted':
      return 'We have your order.';
    case 'placed':
      return 'We are setting your things aside.';
    case 'confirmed':
      return 'Everything is set aside for you.';
    case 'shipped':
      return 'Your parcel is on its way.';
    case 'rejected':
      return 'We did not have enough of everything, so nothing was ordered.';
    case 'cancelled':
      return 'The stock did not answer in time, so nothing was ordered.';
  }
}
