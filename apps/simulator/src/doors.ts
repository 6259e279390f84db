import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '#service/config';
import type { Config } from './config.ts';
import { Door } from './door.ts';

/** The two doors of the retailer that people and suppliers use. */
@Injectable()
export class Doors {
  readonly shop: Door;
  readonly collector: Door;

  constructor(@Inject(CONFIG) config: Config) {
    this.shop = new Door('shop', config.SHOP_URL);
    this.collector = new Door('collector', config.COLLECTOR_URL);
  }
}
