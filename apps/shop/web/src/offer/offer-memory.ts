/**
 * What this browser remembers of offers, in all its tabs. The shop learns of a dismissal by way of the
 * log, a moment later; in between, and when the hit is lost, the popup must not come back.
 */
const KEY = 'streamside.offers';
const KEPT = 20;

interface Memory {
  /** Codes that were turned down. One that was taken may come back, from an order that failed. */
  dismissed: string[];
  /** When a code was first shown here, milliseconds since 1970. */
  shownAt: Record<string, number>;
}

function read(): Memory {
  try {
    return { dismissed: [], shownAt: {}, ...JSON.parse(localStorage.getItem(KEY) ?? '{}') };
  } catch {
    return { dismissed: [], shownAt: {} };
  }
}

function write({ dismissed, shownAt }: Memory): void {
  const latest = Object.entries(shownAt).slice(-KEPT);
  const kept: Memory = { dismissed: dismissed.slice(-KEPT), shownAt: Object.fromEntries(latest) };
  localStorage.setItem(KEY, JSON.stringify(kept));
}

export function dismissedOffers(): ReadonlySet<string> {
  return new Set(read().dismissed);
}

export function offerIsDismissed(code: string): void {
  const memory = read();
  if (memory.dismissed.includes(code)) return;
  write({ ...memory, dismissed: [...memory.dismissed, code] });
}

/** When the code was first shown in this browser, if it was. */
export function offerShownAt(code: string): number | undefined {
  return read().shownAt[code];
}

export function offerIsShown(code: string, at: number): void {
  const memory = read();
  write({ ...memory, shownAt: { ...memory.shownAt, [code]: at } });
}
