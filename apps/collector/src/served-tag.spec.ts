import { servedTag } from './served-tag.ts';

describe('the served tag', () => {
  it('is at most 3 kB for a browser', () => {
    expect(servedTag.gzipped.length).toBeLessThanOrEqual(3000);
  });
});
