import type { Measures } from './serve.ts';

/** How a bench runs, and how it tells how far it is. */
export interface Run {
  quick: boolean;
  say(line: string): void;
}

/** What is measured in each round, in this order. */
export type Sides<N extends string> = Record<N, () => Promise<Measures>>;

/**
 * Measures all sides in turns, after a round that only warms up. Answers with the measures of each
 * side, round by round.
 */
export async function rounds<N extends string>(
  count: number,
  sides: Sides<N>,
  run: Run,
): Promise<Record<N, Measures[]>> {
  const names = Object.keys(sides) as N[];
  const measured = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    N,
    Measures[]
  >;
  for (let round = 0; round <= count; round += 1) {
    const said: string[] = [];
    for (const name of names) {
      const measures = await sides[name]();
      if (round > 0) measured[name].push(measures);
      const numbers = Object.entries(measures).map(([what, value]) => `${what} ${brief(value)}`);
      said.push(`${name}: ${numbers.join(', ')}`);
    }
    run.say(`${round === 0 ? 'warm-up' : `round ${round}/${count}`}   ${said.join('   ')}`);
  }
  return measured;
}

const brief = (value: number) => Number(value.toPrecision(3)).toLocaleString('en-GB');

/** One measure of all rounds. */
export function each(measures: readonly Measures[], name: string): number[] {
  return measures.map((round) => round[name]!);
}
