import { checkCarts } from './carts.ts';
import { checkAccounts } from './checker/accounts.ts';
import { checkBadTracks } from './checker/bad-tracks.ts';
import { checkCoupons } from './checker/coupons.ts';
import { checkStock, checkViews, dump } from './checker/dumps.ts';
import { checkGaps } from './checker/lanes.ts';
import { audit } from './checker/orders-audit.ts';
import { readLog, withoutRepeats } from './checker/raw-log.ts';
import type { RawEvent } from './checker/raw-log.ts';
import type { Ledger } from './ledger.ts';
import { checkRebuild, processors } from './rebuilt.ts';
import { TOPICS } from './watch.ts';
import type { World } from './world.ts';

const WITH_BAD_TRACKS = [...TOPICS, ...TOPICS.map((topic) => `${topic}.bad`)];

/** One question to the log and the databases, and what is wrong. */
export interface Finding {
  question: string;
  /** What there was to look at. */
  looked: string;
  problems: string[];
}

/** Asks everything, of raw records and tables. The services must have stopped. */
export async function check(world: World, ledger: Ledger): Promise<Finding[]> {
  const records = await readLog(world.addresses, WITH_BAD_TRACKS);
  const { events, repeats, problems } = withoutRepeats(records);
  const own = events.filter(({ mark }) => mark === null);
  const orders = audit(own);
  const coupons = checkCoupons(own);
  const stock = await dump(await world.databaseOf('inventory'), 'inventory_stock_level');
  const visits = await dump(await world.databaseOf('feedback'), 'feedback_abandonment');
  const { decisions, undecided, reservations } = orders;
  const open = undecided + reservations;
  return [
    {
      question: 'each lane is in order, and repeats are the same bytes',
      looked: `${events.length} events, ${repeats} repeated`,
      problems,
    },
    {
      question: 'what was accepted is on the log, once, and decided once',
      looked: `${ledger.orders.size} orders, ${ledger.hits.size} hits`,
      problems: checkAccounts(own, ledger),
    },
    {
      question: 'orders and stock are what the log makes of them',
      looked: Object.values(decisions).join(' + ') + ' decided',
      problems:
        open > 0 ? [...orders.problems, `${open} orders or lines are open`] : orders.problems,
    },
    {
      question: 'the stock in the database is delivered less sold',
      looked: `${stock.length} products`,
      problems: checkStock(own, stock),
    },
    {
      question: 'each hit counts once',
      looked: `${visits.length} visitors`,
      problems: checkViews(own, visits),
    },
    {
      question: 'each coupon is redeemed once',
      looked: `${coupons.redeemed} redeemed`,
      problems: coupons.problems,
    },
    {
      question: 'nothing that was committed is missing',
      looked: 'lanes of the shop',
      problems: checkGaps(own, 'shop'),
    },
    {
      question: 'nothing good is on a bad track, all malformed is',
      looked: `${events.length - own.length} written by chaos`,
      problems: checkBadTracks(events),
    },
    {
      question: 'each cart is the fold of its events',
      looked: 'rows of the shop',
      problems: await checkCarts(world, own),
    },
    await checkRebuilds(world, records),
  ];
}

async function checkRebuilds(world: World, records: readonly RawEvent[]): Promise<Finding> {
  const problems: string[] = [];
  for (const processor of processors)
    problems.push(...(await checkRebuild(world, processor, records)));
  return {
    question: 'states and outputs are what a rebuild from offset 0 gives',
    looked: `${processors.length} processors`,
    problems,
  };
}
