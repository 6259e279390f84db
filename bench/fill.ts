import { envelope } from './envelope.ts';
import type { Run } from './rounds.ts';
import type { StartSide } from './side.ts';

/** Fills `visitors` with product views, from a process of its own that ends afterwards. */
export async function fill(
  start: StartSide,
  brokers: string[],
  count: number,
  run: Run,
): Promise<void> {
  const side = await start('fill', { brokers });
  const { perSecond } = await side.round({ count });
  await side.stop();
  const rate = Math.round(perSecond!).toLocaleString('en-GB');
  run.say(
    `${count.toLocaleString('en-GB')} events of ${envelope(123_456).value.length} bytes appended, ${rate} a second`,
  );
}
