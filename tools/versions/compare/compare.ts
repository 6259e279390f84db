import { firstReleaseOf } from '#contracts/releases';
import type { Application } from '#contracts/releases';
import { shadowName } from '#contracts/contract';
import { visitors } from '#contracts/visitors';
import { typeOf } from '#log/envelope';
import type { IncomingRecord } from '#log/envelope';
import { withAdmin } from '#log/kafka';
import type { Kafka } from '#log/kafka';
import { readSpans, spansOf } from '#log/read-span';
import { compareFeedback } from './feedback.ts';
import type { Finding } from './feedback.ts';
import { compareRecommendations } from './recommendations.ts';
import type { Told } from './recommendations.ts';
import { comparisonTable } from './table.ts';
import type { Row } from './table.ts';
import type { Act } from './visits.ts';

/** What happened within so long before the end of the log is compared. */
const WINDOW_MS = 24 * 3_600_000;

type Releases = readonly [string, string];

/** Compares two releases on what is on the log; the text to show. */
export async function compare(
  client: Kafka,
  application: Application,
  releases: Releases,
  json: boolean,
): Promise<string> {
  const rows = await compared(client, application, releases);
  if (json) return `${JSON.stringify({ application, releases, rows })}\n`;
  const [first, second] = releases;
  const note =
    application === 'recommendations'
      ? 'Visitors see only the version they are on, which helps it.'
      : `Until ${second} is in force, it decides as if nobody had been offered anything.`;
  return [
    `${application} of the last 24 h, value with 95 % interval and n. ${note}`,
    '',
    comparisonTable(releases, rows),
    '',
    `npm run versions -- promote ${application} ${second}, or ${first}; --json gives all digits.`,
    '',
  ].join('\n');
}

async function compared(
  client: Kafka,
  application: Application,
  releases: Releases,
): Promise<Row[]> {
  if (application === 'recommendations') {
    const log = await read(client, [visitors.name, ...releases.map((r) => `recommendations.${r}`)]);
    const told = releases.map((r) => log(`recommendations.${r}`).map(toldOf));
    return compareRecommendations(actsIn(log(visitors.name)), told as [Told[], Told[]]);
  }
  const shadows = releases.map((release) => shadowName(visitors.name, { application, release }));
  const log = await read(client, [visitors.name, ...shadows]);
  const all = log(visitors.name);
  const found = releases.map((release, i) => [
    ...all.filter((event) => isFinding(event) && releaseOf(event) === release),
    ...log(shadows[i]!).filter(isFinding),
  ]);
  const findings = found.map((those) => those.map(findingOf)) as [Finding[], Finding[]];
  return compareFeedback(actsIn(all), findings, Math.max(...all.map(({ at }) => at), 0));
}

/** As much of an event as anybody here asks. */
interface Event {
  type: string;
  at: number;
  data: Record<string, any>;
}

const ACTS = new Set([
  ...['PageViewed', 'ProductViewed', 'ProductsSearched', 'CartViewed', 'CheckoutStarted'],
  ...['ExitIntended', 'OfferShown', 'OfferDismissed', 'OfferClicked', 'CustomHit'],
  ...['ItemAddedToCart', 'ItemRemovedFromCart', 'CouponApplied', 'CouponRefused', 'CartCheckedOut'],
]);
const FINDINGS = new Set(['CouponOffered', 'OfferWithheld']);
const WANTED = new Set([...ACTS, ...FINDINGS, 'RecommendationsChanged']);

const isFinding = ({ type }: Event) => FINDINGS.has(type);
const releaseOf = ({ data }: Event): string => data['release'] ?? firstReleaseOf('feedback');
const findingOf = ({ at, data }: Event): Finding => ({ at, visitorId: data['visitorId'] });

function actsIn(events: readonly Event[]): Act[] {
  return events
    .filter(({ type }) => ACTS.has(type))
    .map(({ type, at, data }) => {
      const skus = data['skus'] ?? (data['sku'] ? [data['sku']] : []);
      return { visitorId: data['visitorId'], type, at, skus };
    });
}

function toldOf({ at, data }: Event): Told {
  const ranked = data['ranked'] as { sku: string }[];
  return { at, sku: data['sku'], others: ranked.map(({ sku }) => sku) };
}

/** The events of these topics that anybody here asks for, in the order of each partition. */
async function read(client: Kafka, names: readonly string[]) {
  const spans = await withAdmin(client, async (admin) => {
    const there = new Set(await admin.listTopics());
    const missing = names.find((name) => !there.has(name));
    if (missing) {
      throw new Error(
        `There is no topic ${missing}: npm run versions -- start that version first.`,
      );
    }
    return spansOf(admin, names);
  });
  const events = new Map<string, Event[]>(names.map((name) => [name, []]));
  const seen = new Set<string>();
  await readSpans(client, spans, (topic, _, record) => {
    const event = eventIn(topic, record, seen);
    if (event) events.get(topic)!.push(event);
  });
  const end = Math.max(...[...events.values()].flat().map(({ at }) => at), 0);
  return (name: string) => events.get(name)!.filter(({ at }) => at > end - WINDOW_MS);
}

/** What a release derives is dated by the log time of its cause; a hit, by its place on the log. */
function eventIn(topic: string, record: IncomingRecord, seen: Set<string>): Event | undefined {
  const type = typeOf(record);
  if (type === undefined || !WANTED.has(type)) return undefined;
  const { id, time, data } = JSON.parse(record.value!.toString());
  const name = data.hit === undefined ? id : `${data.visitorId}/${data.tab}/${data.hit}`;
  if (seen.has(name)) return undefined;
  seen.add(name);
  return { type, data, at: ACTS.has(type) ? record.timestamp : Date.parse(time) };
}
