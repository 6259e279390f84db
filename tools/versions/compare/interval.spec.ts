import { mean, median, pairedDifference, share } from './interval.ts';

/** To four digits, as tables of such intervals give them. */
const rounded = ({ value, low, high }: ReturnType<typeof share>) =>
  [value, low, high].map((each) => (each === null ? null : Math.round(each * 1e4) / 1e4));

it("gives Wilson's interval of a share", () => {
  // Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263 and 15 of 148.
  expect(rounded(share(81, 263))).toEqual([0.308, 0.2553, 0.3662]);
  expect(rounded(share(15, 148))).toEqual([0.1014, 0.0624, 0.1605]);
  expect(rounded(share(0, 20))).toEqual([0, 0, 0.1611]);
});

it('gives a mean with its interval', () => {
  expect(rounded(mean([1, 2, 3, 4, 5]))).toEqual([3, 1.6141, 4.3859]);
  expect(mean([7])).toEqual({ n: 1, value: 7, low: null, high: null });
});

it('gives a median between order statistics', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(median(hundred)).toEqual({ n: 100, value: 50.5, low: 41, high: 61 });
  expect(median([3])).toEqual({ n: 1, value: 3, low: 3, high: 3 });
});

it('gives the difference of two shares over the same trials', () => {
  expect(rounded(pairedDifference(10, 30, 200))).toEqual([0.1, 0.0396, 0.1604]);
  expect(pairedDifference(0, 0, 10)).toMatchObject({ value: 0, low: 0, high: 0 });
});

it('says nothing of nothing', () => {
  const nothing = { n: 0, value: null, low: null, high: null };
  expect([share(0, 0), mean([]), median([]), pairedDifference(0, 0, 0)]).toEqual(
    Array.from({ length: 4 }, () => nothing),
  );
});
