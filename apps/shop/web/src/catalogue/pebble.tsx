const TONES = 7;

/** A product's picture on a smooth stone; each category has a stone of its own colour. */
export function Pebble(props: {
  picture: string;
  category: string;
  alt?: string;
  large?: boolean;
}) {
  const { picture, category, alt = '', large = false } = props;
  const size = large ? 320 : 140;
  return (
    <div className={`pebble pebble-${toneOf(category)}`}>
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

function toneOf(category: string): number {
  let sum = 0;
  for (const letter of category) sum = (sum * 31 + letter.codePointAt(0)!) % 9973;
  return sum % TONES;
}
