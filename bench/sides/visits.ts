import { z } from 'zod';
import { ProductViewed } from '#contracts/visitors';
import { processor } from '#log/processor';

const VISIT_MS = 30 * 60_000;
const Visit = z.object({ views: z.int(), lastSku: z.string(), lastSeenAt: z.int() });

/** What a visitor looked at, forgotten half an hour after the last view. */
export function visits(name: string, onView: () => void = () => undefined) {
  return processor({
    name: `bench.${name}`,
    reads: [ProductViewed],
    state: Visit,
    initial: { views: 0, lastSku: '', lastSeenAt: 0 },
    on({ views }, { data, time }) {
      onView();
      const state = { views: views + 1, lastSku: data.sku, lastSeenAt: time };
      return { state, wakeAt: time + VISIT_MS };
    },
    wake: () => ({ state: null }),
  });
}
