import type { Product } from '../api.ts';
import { useAvailable } from '../stock.ts';

const FEW = 5;

/** How many are left, as it changes. `spoken`: changes are read out, so only one on a page. */
export function StockBadge({ product, spoken = false }: { product: Product; spoken?: boolean }) {
  const available = useAvailable(product.sku) ?? product.available;
  return (
    <p className={`stock stock-${level(available)}`} role={spoken ? 'status' : undefined}>
      {words(available)}
    </p>
  );
}

function level(available: number): string {
  if (available <= 0) return 'none';
  return available <= FEW ? 'few' : 'enough';
}

function words(available: number): string {
  if (available <= 0) return 'Sold out';
  if (available <= FEW) return `Only ${available} left`;
  return `${available} in stock`;
}
