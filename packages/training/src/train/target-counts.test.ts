import { expect, it } from 'vitest';
import { shareOfTerms } from './target-counts.js';

const counts = (focal: number, missionType: number) => ({
  focal,
  contrastive: 32,
  basketSize: 0,
  priceSensitivity: 0,
  missionType,
  missionFocus: 0,
});

it('gives each micro-batch the share of targets that it has, term by term', () => {
  const [first, second] = shareOfTerms([counts(30, 0), counts(10, 8)]);
  expect(first).toMatchObject({ focal: 0.75, contrastive: 0.5, missionType: 0 });
  expect(second).toMatchObject({ focal: 0.25, contrastive: 0.5, missionType: 1 });
});

it('gives a term without a single target no share at all', () => {
  expect(shareOfTerms([counts(1, 0)])[0]).toMatchObject({ basketSize: 0, missionFocus: 0 });
});
