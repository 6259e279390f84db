const TONES = 7;

/** A product's picture on a smooth stone; a product has the same stone on every screen. */
export function Pebble(props: { picture: string; sku: string; alt?: string; large?: boolean }) {
  const { picture, sku, alt = '', large = false } = props;
  const size = large ? 320 : 140;
  return (
    <div className={`pebble pebble-${toneOf(sku)}`}>
      <img
        src={picture}
        alt={alt}
        width={size}
        height={size}
        loading={large ? 'eager' : 'lazy'}
        decoding="async"
      />
    </div>
  );
}

function toneOf(sku: string): number {
  let sum = 0;
  for (const letter of sku) sum = (sum * 31 + letter.codePointAt(0)!) % 9973;
  return sum % TONES;
}
