import { type Batch, CORRUPTION, NO_POSITION, NO_TARGET } from '@retail-sim/tensor-preparation';
import { describe, expect, it } from 'vitest';
import { hiddenProducts, hideCompletely } from './hidden-products.js';

const MASK = 9;
const EOS = 10;

/** One basket of products 3, 5, 7: 5 is hidden but left in place, 7 is visible; one earlier basket held 3 and 7. */
const batch = {
  epoch: 0,
  index: 0,
  size: 1,
  positions: 4,
  maskedLength: 2,
  denseContext: new Float32Array(400),
  productEmbeddings: Float32Array.from({ length: 4 * 2 }, () => 1),
  priceFeatures: Float32Array.from({ length: 4 }, () => 1),
  attentionMask: Uint8Array.of(1, 1, 1, 1),
  lengths: Uint16Array.of(4),
  productIds: Int32Array.of(3, 5, 7, EOS),
  originalIds: Int32Array.of(3, 5, 7, EOS),
  corruption: Uint8Array.of(CORRUPTION.keep, CORRUPTION.keep, CORRUPTION.keep, CORRUPTION.eos),
  maskedPositions: Int32Array.of(1, NO_POSITION),
  maskedTargets: Int32Array.of(5, NO_TARGET),
  maskedCounts: Uint16Array.of(1),
  repeats: {
    offsets: Int32Array.of(0, 2),
    productIds: Int32Array.of(3, 7),
    features: Float32Array.of(Math.log(2), 0.5, 1, Math.log(5), 1, 1),
  },
  similarBaskets: {
    offsets: Int32Array.of(0, 1),
    features: Float32Array.of(1, 0.75, 1, 0, 0, 1),
    itemBaskets: Int32Array.of(0, 0),
    itemCandidates: Int32Array.of(0, 1),
  },
} as unknown as Batch;

describe('hidden products', () => {
  it('know the visible products and the past, and not themselves', () => {
    const [hidden, ...others] = hiddenProducts(batch, 8);
    expect(others).toEqual([]);
    expect(hidden).toMatchObject({ basket: 0, place: 0, target: 5 });
    expect([...(hidden?.knownProducts ?? [])]).toEqual([3, 7]);
    expect(Array.from(hidden?.visible ?? [])).toEqual([3, 7]);
    expect(Array.from(hidden?.knownCounts ?? [])).toEqual([1, 4]);
    expect(Array.from(hidden?.earlierItems ?? [])).toEqual([3, 7]);
    expect(Array.from(hidden?.earlierResemblance ?? [])).toEqual([0.75, 0.75]);
  });

  it('are MASK without vectors in the evaluation, also where training leaves them in place', () => {
    const evaluated = hideCompletely(batch, MASK);
    expect([...evaluated.productIds]).toEqual([3, MASK, 7, EOS]);
    expect([...evaluated.corruption]).toEqual([0, CORRUPTION.mask, 0, CORRUPTION.eos]);
    expect([...evaluated.productEmbeddings]).toEqual([1, 1, 0, 0, 1, 1, 1, 1]);
    expect([...evaluated.priceFeatures]).toEqual([1, 0, 1, 1]);
    expect([...batch.productIds]).toEqual([3, 5, 7, EOS]);
  });
});
