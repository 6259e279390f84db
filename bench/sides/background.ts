import { collect, hit } from '../hits.ts';
import { serve } from '../serve.ts';

/* A crowd: 1,000 hits a second, ten in a request, until the next call says otherwise. */

const PER_SECOND = 1000;
const IN_A_REQUEST = 10;
let next = 0;
let timer: NodeJS.Timeout | undefined;

serve(async ({ url }: { url: string | null }) => {
  clearInterval(timer);
  if (url === null) return {};
  const [began, first] = [performance.now(), next];
  timer = setInterval(() => {
    const due = first + ((performance.now() - began) / 1000) * PER_SECOND;
    while (next + IN_A_REQUEST <= due) void post(url);
  }, 10);
  return {};
});

async function post(url: string): Promise<void> {
  const hits = Array.from({ length: IN_A_REQUEST }, () => ({
    type: 'ProductViewed',
    ...hit(next++),
    sku: 'SLED-01',
  }));
  await collect(url, hits);
}
