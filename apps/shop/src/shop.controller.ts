import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  NotFoundException,
  Param,
  Post,
  Query,
} from '@nestjs/common';
import { z } from 'zod';
import { CouponCode, OrderId, Sku, text } from '#contracts/values';
import { CONFIG } from '#service/config';
import { valid } from '#service/valid';
import { Carts } from './carts.ts';
import { Catalogue, ProductQuery } from './catalogue.ts';
import type { Config } from './config.ts';
import { MAX_QUANTITY } from './cart.ts';
import { OfVisitor } from './visitor.ts';
import type { Visitor } from './visitor.ts';

const quantity = z.coerce.number().int().min(1).max(MAX_QUANTITY);
const AddItem = z.object({ sku: Sku, quantity: quantity.default(1) });
const RemoveItem = z.object({ quantity: quantity.optional() });
const ApplyCoupon = z.object({
  code: z.string().trim().toUpperCase().pipe(CouponCode),
});
const CheckOut = z.object({
  orderId: OrderId,
  name: text(200).trim().min(1, 'must not be empty'),
  email: z.email('must be an e-mail address').max(254),
  address: text(500).trim().min(1, 'must not be empty'),
});

/** The storefront's API. */
@Controller('api')
export class ShopController {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly carts: Carts,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('config')
  settings() {
    return { collectorUrl: this.config.COLLECTOR_URL, currency: 'EUR' };
  }

  @Get('products')
  products(@Query() query: unknown) {
    return this.catalogue.search(valid(ProductQuery, query));
  }

  @Get('products/:sku')
  async product(@OfVisitor() { visitorId }: Visitor, @Param('sku') sku: string) {
    const named = valid(z.object({ sku: Sku }), { sku });
    const product = await this.catalogue.product(named.sku, visitorId);
    if (product) return product;
    throw new NotFoundException({ error: 'sku: there is no such product.', field: 'sku' });
  }

  @Get('popular')
  popular(@OfVisitor() { visitorId }: Visitor) {
    return this.catalogue.popular(visitorId);
  }

  @Get('me')
  me(@OfVisitor() visitor: Visitor) {
    return this.carts.me(visitor);
  }

  @Post('cart/items')
  @HttpCode(200)
  add(@OfVisitor() visitor: Visitor, @Body() body: unknown) {
    const item = valid(AddItem, body);
    return this.carts.add(visitor, item.sku, item.quantity);
  }

  @Delete('cart/items/:sku')
  remove(@OfVisitor() visitor: Visitor, @Param('sku') sku: string, @Query() query: unknown) {
    const item = valid(RemoveItem, query);
    return this.carts.remove(visitor, sku, item.quantity ?? null);
  }

  @Post('cart/coupon')
  @HttpCode(200)
  applyCoupon(@OfVisitor() visitor: Visitor, @Body() body: unknown) {
    return this.carts.applyCoupon(visitor, valid(ApplyCoupon, body).code);
  }

  @Post('checkout')
  @HttpCode(202)
  async checkOut(@OfVisitor() visitor: Visitor, @Body() body: unknown) {
    const { orderId, ...customer } = valid(CheckOut, body);
    await this.carts.checkOut(visitor, orderId, customer);
    return { orderId };
  }

  @Get('orders/:orderId')
  async order(@OfVisitor() { visitorId }: Visitor, @Param('orderId') orderId: string) {
    const order = await this.carts.order(visitorId, orderId);
    if (order) return order;
    throw new NotFoundException({ error: 'orderId: you have no such order.', field: 'orderId' });
  }
}
