import type { Topic } from '#contracts/contract';
import { services } from '../../manifest.ts';

/*
 * What a service declares decides what its user may do on the broker, so it is true with users or
 * without. A tool or a test has no row in the manifest, and declares nothing.
 */

/** Throws, with a sentence, when the manifest does not say that this service reads these topics. */
export function refuseUndeclaredReads(service: string, topics: readonly Topic[]): void {
  const declared = services.find(({ name }) => name === service);
  if (!declared) return;
  for (const { name } of topics) {
    if (declared.reads?.includes(name)) continue;
    throw new Error(
      `${service} reads ${name}, which its row in manifest.ts does not say: add it to "reads".`,
    );
  }
}

/** Throws, with a sentence, when the contract does not say that this service has timers there. */
export function refuseUndeclaredTimers(who: string, service: string, topic: Topic): void {
  if (topic.timers.includes(service) || !services.some(({ name }) => name === service)) return;
  throw new Error(
    `${who} waits for moments on ${topic.name}, where ${service} has no timers. ` +
      `Name ${service} in the timers of that stream in the contracts, or leave out "wake".`,
  );
}
