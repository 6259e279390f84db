/**
 * The system on one page. The launcher, Compose and Kubernetes follow it; nothing else says which
 * service there is, where it listens, or what it may reach besides the log and its own database.
 */
export interface Service {
  readonly name: string;
  /** What it is, in a few words. */
  readonly does: string;
  /** Default port of its HTTP interface for people; null when it only has health and metrics. */
  readonly port: number | null;
  /** Environment variable that moves that port. */
  readonly portVariable?: string;
  /** The topics it reads, and none besides; null: it is not on the log at all. */
  readonly reads: readonly string[] | null;
  /** Has a database and a role of this name, which opens no other. */
  readonly database: boolean;
  /** May it run more than once? Most replicas that have work: one a partition. */
  readonly replicas: boolean;
  /** What it may reach besides the log and its own database; each may also send traces, if told where. */
  readonly reaches: readonly string[];
}

export const services: readonly Service[] = [
  {
    name: 'collector',
    does: 'the front door: tag hits, web hooks, publish over HTTP',
    port: 4002,
    portVariable: 'COLLECTOR_PORT',
    reads: [],
    database: false,
    replicas: true,
    reaches: [],
  },
  {
    name: 'shop',
    does: 'storefront: API, carts, read models, live channel, web pages',
    port: 4000,
    portVariable: 'SHOP_PORT',
    // `stock` and the affinities only to show visitors what the log says of them.
    reads: [
      'products',
      'stock-levels',
      'recommendations.v1',
      'recommendations.v2',
      'visitors',
      'orders',
      'stock',
      'affinities.v1',
      'affinities.v2',
    ],
    database: true,
    replicas: true,
    reaches: [],
  },
  {
    name: 'ordering',
    does: 'the life of an order',
    port: null,
    reads: ['orders'],
    database: true,
    replicas: true,
    reaches: [],
  },
  {
    name: 'inventory',
    does: 'stock of each product: reserves, refuses, releases',
    port: null,
    reads: ['stock'],
    database: true,
    replicas: true,
    reaches: [],
  },
  {
    name: 'recommendations',
    does: 'learns from what people view and buy together',
    port: null,
    reads: ['visitors', 'affinities.v1', 'affinities.v2'],
    database: true,
    replicas: true,
    reaches: [],
  },
  {
    name: 'feedback',
    does: 'scores each visit, offers a coupon while the visitor is there',
    port: null,
    reads: ['visitors'],
    database: true,
    replicas: true,
    reaches: [],
  },
  {
    name: 'simulator',
    does: 'shoppers with intentions, suppliers; uses only public doors',
    port: 4009,
    portVariable: 'SIMULATOR_PORT',
    reads: null,
    database: false,
    replicas: false,
    reaches: ['shop', 'collector'],
  },
];

export const ports = { kafka: 19092, postgres: 15432 } as const;
