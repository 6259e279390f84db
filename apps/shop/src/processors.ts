import { productView, recommendationView, stockView } from './catalogue-views.ts';
import { couponReturns } from './coupon-returns.ts';
import { offers } from './offers.ts';
import { orderView } from './order-view.ts';

/** Everything the shop keeps of the log. */
export const processors = [
  productView,
  stockView,
  recommendationView,
  offers,
  orderView,
  couponReturns,
];
