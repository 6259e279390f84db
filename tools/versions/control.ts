import { OPERATOR } from '#contracts/bad';
import { firstPlacement, Placement } from '#contracts/releases';
import type { Application } from '#contracts/releases';
import { ReleaseChanged, visitors } from '#contracts/visitors';
import { decodeKnown, typeOf } from '#log/envelope';
import { withAdmin } from '#log/kafka';
import type { Kafka } from '#log/kafka';
import { readSpans, spansOf } from '#log/read-span';
import type { Span } from '#log/read-span';
import type { Security } from '#log/security';
import { LogWriter } from '#log/writer';

/** A broadcast is in every partition: one is enough to know what was said, in its order. */
const PARTITION = 0;

/** Who was on which release of each application, ever; oldest first. */
export class Placements {
  constructor(private readonly all: readonly Placement[]) {}

  of(application: Application): Placement[] {
    return this.all.filter((each) => each.application === application);
  }

  now(application: Application): Placement {
    return this.of(application).at(-1) ?? firstPlacement(application);
  }
}

/** Records in the first piece; each is longer than the one before, as what was said last was mostly said of late. */
const FIRST_LOOK = 250;
const FURTHER = 8;

/** Where an application stands now. */
export async function placementOf(client: Kafka, application: Application): Promise<Placement> {
  return (await placementsOn(client, knows(application))).now(application);
}

/** Does it say where each of these applications stands? */
export const knows =
  (...applications: Application[]) =>
  (found: Placements) =>
    applications.every((application) => found.of(application).length > 0);

/** Reads back from the end of the log until that is enough, or to its beginning. */
export async function placementsOn(
  client: Kafka,
  isEnough: (found: Placements) => boolean,
): Promise<Placements> {
  const spans = await withAdmin(client, (admin) => spansOf(admin, [visitors.name]));
  const all = spans.find(({ partition }) => partition === PARTITION)!;
  let found: Placement[] = [];
  for (const span of backwards(all)) {
    found = [...(await placementsIn(client, span)), ...found];
    if (isEnough(new Placements(found))) break;
  }
  return new Placements(found);
}

/** All of it in pieces, the last first. */
export function* backwards<T extends Pick<Span, 'from' | 'to'>>(all: T): Generator<T> {
  let { to } = all;
  for (let length = FIRST_LOOK; to > all.from; length *= FURTHER) {
    const from = Math.max(all.from, to - length);
    yield { ...all, from, to };
    to = from;
  }
}

async function placementsIn(client: Kafka, span: Span): Promise<Placement[]> {
  const found: Placement[] = [];
  await readSpans(client, [span], (topic, _, record) => {
    if (typeOf(record) !== ReleaseChanged.type) return;
    const placement = Placement.safeParse(decodeKnown(topic, record)?.data).data;
    if (placement) found.push(placement);
  });
  return found;
}

/** Says on the log who is on which release from here on: one event. */
export async function say(
  placement: Placement,
  by: string,
  at: { brokers: readonly string[]; security: Security },
): Promise<void> {
  const { brokers, security } = at;
  const writer = await LogWriter.connect({ brokers: [...brokers], service: OPERATOR, security });
  try {
    await writer.append([ReleaseChanged({ ...placement, by })]);
  } finally {
    await writer.close();
  }
}
