import { describe, expect, it } from 'vitest';
import { rankOf } from '../metrics/rank.js';
import { asOfPriorLabel, majorityLabel } from './auxiliary-baselines.js';
import {
  coOccurrence,
  type MaskedProductBaseline,
  type MaskedQuery,
  nearestEarlierBasket,
  personalFrequency,
  personalFrequencyAndCoOccurrence,
  popularity,
} from './masked-product-baselines.js';
import { countBasket, emptyProductCounts, pairCount, pairIndex } from './product-counts.js';

const CLASSES = 7;

/** Bread 1, butter 2, jam 3, tea 4, milk 5, soap 6. */
function shopCounts() {
  const counts = emptyProductCounts(CLASSES);
  for (const basket of [[1, 2], [1, 2, 3], [1, 2], [4, 5], [4, 5], [5], [5], [6]])
    countBasket(counts, basket);
  return counts;
}

const query = (given: Partial<MaskedQuery>): MaskedQuery => ({
  visible: [],
  knownProducts: [],
  knownCounts: [],
  earlierItems: [],
  earlierResemblance: [],
  ...given,
});

function scoresOf(baseline: MaskedProductBaseline, given: Partial<MaskedQuery>): Float64Array {
  const scores = new Float64Array(CLASSES);
  baseline(query(given), scores);
  return scores;
}

const best = (scores: Float64Array): number => scores.indexOf(Math.max(...scores));

describe('product counts', () => {
  it('give every pair its own place in the triangle', () => {
    const places = new Set<number>();
    for (let low = 0; low < CLASSES; low++) {
      for (let high = low + 1; high < CLASSES; high++) places.add(pairIndex(CLASSES, low, high));
    }
    expect([...places].sort((a, b) => a - b)).toEqual(Array.from({ length: 21 }, (_, index) => index));
  });

  it('count baskets with one and with two products', () => {
    const counts = shopCounts();
    expect([...counts.single]).toEqual([0, 3, 3, 1, 2, 4, 1]);
    expect(pairCount(counts, 2, 1)).toBe(3);
    expect(pairCount(counts, 1, 3)).toBe(1);
    expect(pairCount(counts, 1, 4)).toBe(0);
    expect(counts.baskets).toBe(8);
  });
});

describe('baselines of hidden products', () => {
  const counts = shopCounts();

  it('popularity always names the best seller', () => {
    expect(best(scoresOf(popularity(counts), { visible: [1] }))).toBe(5);
  });

  it('co-occurrence names what goes with the visible products', () => {
    expect(best(scoresOf(coOccurrence(counts), { visible: [1] }))).toBe(2);
    expect(best(scoresOf(coOccurrence(counts), { visible: [5] }))).toBe(4);
  });

  it('co-occurrence of a lone basket falls back to popularity', () => {
    expect(best(scoresOf(coOccurrence(counts), {}))).toBe(5);
  });

  it('personal frequency names what the customer bought most often, and popularity for strangers', () => {
    const scores = scoresOf(personalFrequency(counts), { knownProducts: [3, 6], knownCounts: [1, 4] });
    expect(best(scores)).toBe(6);
    expect(rankOf(scores, 3)).toBe(2);
    expect(best(scoresOf(personalFrequency(counts), {}))).toBe(5);
  });

  it('the combination follows whichever the weight favours', () => {
    const given = { visible: [1], knownProducts: [6], knownCounts: [2] };
    expect(best(scoresOf(personalFrequencyAndCoOccurrence(counts, 0.1), given))).toBe(6);
    expect(best(scoresOf(personalFrequencyAndCoOccurrence(counts, 3), given))).toBe(2);
  });
});

describe('baselines of the auxiliary labels', () => {
  it('the majority leaves unknown labels out', () => {
    expect(majorityLabel([0, 0, 0, 2, 2, 3], 4)).toBe(2);
  });

  it('the as-of prior names the largest share', () => {
    expect(asOfPriorLabel([0.2, 0.7, 0.1])).toBe(2);
    expect(asOfPriorLabel([9, 9, 0.1, 0.6, 0.3], 2, 3)).toBe(2);
  });
});

describe('the nearest earlier basket', () => {
  it('ranks by likeness, then by how often a product was bought', () => {
    const scores = scoresOf(nearestEarlierBasket(shopCounts()), {
      visible: [1],
      knownProducts: [2, 3, 6],
      knownCounts: [1, 2, 1],
      earlierItems: [2, 3, 3, 6],
      earlierResemblance: [0.5, 0.2, 0.1, 0.5],
    });
    expect(scores[2]).toBeGreaterThan(scores[6] ?? 0);
    expect(scores[6]).toBeGreaterThan(scores[3] ?? 0);
    expect(scores[3]).toBeGreaterThan(scores[1] ?? 0);
  });
});
