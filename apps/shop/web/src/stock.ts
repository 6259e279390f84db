import { useSyncExternalStore } from 'react';
import type { Product } from './api.ts';

/**
 * What is available now, by SKU. It stands outside React's state so that a stock event draws only
 * the badges of that product, however busy the shop is.
 */
const levels = new Map<string, number>();
const listeners = new Set<() => void>();

/** A live event: the newest there is. */
export function stockChanged(sku: string, available: number): void {
  if (levels.get(sku) === available) return;
  levels.set(sku, available);
  for (const listener of listeners) listener();
}

/** Levels that came with a page. A live event may have overtaken them, so what is known stands. */
export function stockLoaded(products: readonly Product[]): void {
  for (const { sku, available } of products) if (!levels.has(sku)) stockChanged(sku, available);
}

/** After a lost connection nothing known is sure; pages load theirs again. */
export function forgetStock(): void {
  levels.clear();
}

/** Undefined as long as this browser has not heard of the product. */
export function useAvailable(sku: string): number | undefined {
  return useSyncExternalStore(subscribe, () => levels.get(sku));
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
