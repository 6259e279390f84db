import { OPERATOR } from '#contracts/bad';
import { firstPlacement, Placement } from '#contracts/releases';
import type { Application } from '#contracts/releases';
import { ReleaseChanged, visitors } from '#contracts/visitors';
import { decodeKnown, typeOf } from '#log/envelope';
import { withAdmin } from '#log/kafka';
import type { Kafka } from '#log/kafka';
import { readSpans, spansOf } from '#log/read-span';
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

export async function placementsOn(client: Kafka): Promise<Placements> {
  const all = await withAdmin(client, (admin) => spansOf(admin, [visitors.name]));
  const found: Placement[] = [];
  const spans = all.filter(({ partition }) => partition === PARTITION);
  await readSpans(client, spans, (topic, _, record) => {
    if (typeOf(record) !== ReleaseChanged.type) return;
    const placement = Placement.safeParse(decodeKnown(topic, record)?.data).data;
    if (placement) found.push(placement);
  });
  return new Placements(found);
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
