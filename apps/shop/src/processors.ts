import {
  productView,
  recommendationView,
  recommendationViewV2,
  stockView,
} from './catalogue-views.ts';
import { couponReturns } from './coupon-returns.ts';
import { offers } from './offers.ts';
import { orderView } from './order-view.ts';

/** Everything the shop keeps of the log, while the first releases run. */
export const processors = [
  productView,
  stockView,
  recommendationView,
  offers,
  orderView,
  couponReturns,
];

/** What it keeps of the others, while they run. */
export const ofLaterReleases = [recommendationViewV2];
