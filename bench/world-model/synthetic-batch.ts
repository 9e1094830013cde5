import { counterTensor, counterUniform, fnv1a32 } from '@retail-sim/random';
import type { WorldModelArrays, WorldModelTargets } from '@retail-sim/world-model';

/** Masked positions per basket: 15 % of 50. */
const MASKED = 7;
const PRODUCTS = 5000;
const MASK_CODE = 1;
const MASK_ID = 5001;

export interface BatchSize {
  readonly size: number;
  /** Positions of each basket, all of them taken: the most work that a batch can be. */
  readonly positions: number;
  /** Earlier baskets per customer; 0 for none. */
  readonly history: number;
}

/** A batch of random numbers in the shapes of the loader's batches. */
export function syntheticBatch({
  size,
  positions,
  history,
}: BatchSize): WorldModelArrays & WorldModelTargets {
  const tokens = size * positions;
  const floats = (name: string, length: number) => counterTensor(name, length, 1);
  const whole = (name: string, length: number, from: number, below: number) => {
    const seed = fnv1a32(name);
    return Int32Array.from({ length }, (_, i) => from + Math.floor(counterUniform(seed, i) * (below - from)));
  };
  const corruption = new Uint8Array(tokens);
  const productIds = whole('product ids', tokens, 1, PRODUCTS);
  const maskedPositions = Int32Array.from(
    { length: size * MASKED },
    (_, i) => (i % MASKED) * Math.floor(positions / MASKED),
  );
  for (const [i, position] of maskedPositions.entries()) {
    const place = Math.floor(i / MASKED) * positions + position;
    corruption[place] = MASK_CODE;
    productIds[place] = MASK_ID;
  }
  return {
    size,
    positions,
    maskedLength: MASKED,
    denseContext: floats('context', size * 400),
    productEmbeddings: floats('products', tokens * 256),
    priceFeatures: floats('prices', tokens * 64),
    attentionMask: new Uint8Array(tokens).fill(1),
    corruption,
    maskedPositions,
    maskedTargets: whole('targets', size * MASKED, 1, PRODUCTS),
    productIds,
    labels: {
      basketSize: whole('basket size', size, 1, 4),
      priceSensitivity: whole('price sensitivity', size, 1, 4),
      missionType: whole('mission type', size, 1, 5),
      missionFocus: whole('mission focus', size, 1, 6),
    },
    ...(history === 0
      ? {}
      : {
          history: {
            length: history,
            tokens: floats('history', size * history * 320),
            valid: new Uint8Array(size * history).fill(1),
            age: whole('ages', size * history, 0, 117),
          },
        }),
  };
}
