import { describe, expect, it } from 'vitest';
import { type ProductFacts, popularityDeciles, type SegmentFacts, segments } from './segment.js';

const sample: SegmentFacts = {
  earlierBaskets: 4,
  identified: true,
  items: 6,
  week: 107,
  isoWeekday: 7,
  hour: 16,
  storeSeenInTraining: true,
};
const product: ProductFacts = { popularityDecile: 3, boughtBefore: false };

describe('segments', () => {
  it('name a sample in every breakdown', () => {
    const names = Object.fromEntries(
      Object.entries(segments).map(([name, segment]) => [name, segment(sample, product)]),
    );
    expect(names).toEqual({
      history: '1-4 (cold start)',
      'basket size': '6-15 items',
      week: 'week 107',
      weekday: 'Sunday',
      'hour band': '16-19',
      customer: 'identified',
      store: 'seen in training',
      'product popularity': 'decile 3',
      'product repeat': 'new to the customer',
    });
  });

  it('turn at 0/1, 4/5 and 20/21 earlier baskets', () => {
    const at = (earlierBaskets: number) => segments.history({ ...sample, earlierBaskets }, product);
    expect(at(0)).toBe('0');
    expect(at(5)).toBe('5-20 (regular)');
    expect(at(21)).toBe('> 20 (loyal)');
  });

  it('split the products that were sold into tenths', () => {
    const deciles = popularityDeciles(Uint32Array.from({ length: 21 }, (_, product_) => product_));
    expect(deciles[0]).toBe(0);
    expect([deciles[1], deciles[2], deciles[3], deciles[20]]).toEqual([1, 1, 2, 10]);
  });
});
