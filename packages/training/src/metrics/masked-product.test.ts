import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { maskedProductMetrics } from './masked-product.js';
import { rankOf } from './rank.js';

const golden = z
  .object({
    masked: z.object({
      logits: z.array(z.array(z.array(z.number()))),
      targets: z.array(z.array(z.number())),
      valid: z.array(z.array(z.number())),
      rank: z.array(z.array(z.number())),
      'hit@1': z.number(),
      'hit@5': z.number(),
      'hit@10': z.number(),
      'hit@20': z.number(),
      mrr_at_10: z.number(),
      mrr_full: z.number(),
    }),
  })
  .parse(JSON.parse(readFileSync(new URL('../../fixtures/metrics.json', import.meta.url), 'utf8'))).masked;

describe('masked-product metrics', () => {
  it('give the ranks and the means of the stored vectors', () => {
    const ranks: number[] = [];
    golden.logits.forEach((row, b) => {
      row.forEach((scores, m) => {
        const rank = rankOf(scores, golden.targets[b]?.[m] ?? 0);
        expect(rank).toBe(golden.rank[b]?.[m]);
        if (golden.valid[b]?.[m] === 1) ranks.push(rank);
      });
    });
    const metrics = maskedProductMetrics(ranks);
    expect(metrics['hit@1']).toBeCloseTo(golden['hit@1'], 10);
    expect(metrics['hit@5']).toBeCloseTo(golden['hit@5'], 10);
    expect(metrics['hit@10']).toBeCloseTo(golden['hit@10'], 10);
    expect(metrics['hit@20']).toBeCloseTo(golden['hit@20'], 10);
    expect(metrics['mrr@10']).toBeCloseTo(golden.mrr_at_10, 10);
    expect(metrics.mrr).toBeCloseTo(golden.mrr_full, 10);
  });

  it('rank equal scores in the middle, so that a constant model scores chance', () => {
    expect(rankOf([0, 0, 0, 0, 0], 3)).toBe(3);
    expect(rankOf([5, 5, 1], 0)).toBe(1.5);
  });

  it('rank a target without a score last', () => {
    expect(rankOf([1, Number.NaN, 2], 1)).toBe(3);
  });

  it('do not depend on the order of the ranks, and rise with the cut-off', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1 }), (ranks) => {
        const metrics = maskedProductMetrics(ranks);
        expect(maskedProductMetrics([...ranks].reverse())['hit@10']).toBe(metrics['hit@10']);
        expect(metrics['hit@1']).toBeLessThanOrEqual(metrics['hit@5']);
        expect(metrics['hit@5']).toBeLessThanOrEqual(metrics['hit@10']);
        expect(metrics['mrr@10']).toBeLessThanOrEqual(metrics.mrr);
        expect(metrics.mrr).toBeLessThanOrEqual(1);
      }),
    );
  });
});
