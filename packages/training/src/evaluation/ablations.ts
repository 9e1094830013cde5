import { type Batch, DENSE_CONTEXT_SIZE, DENSE_OFFSETS, TENSOR_SIZES } from '@retail-sim/tensor-preparation';

/** Takes one block of the model's input away (spec section 5, 9.6). */
export type Ablation = (batch: Batch) => Batch;

/** Zeros a block of the dense context, `[B, 400]`. */
const withoutContext =
  (name: keyof typeof DENSE_OFFSETS): Ablation =>
  (batch) => {
    const denseContext = batch.denseContext.slice();
    for (let row = 0; row < batch.size; row++) {
      const start = row * DENSE_CONTEXT_SIZE + DENSE_OFFSETS[name];
      denseContext.fill(0, start, start + TENSOR_SIZES[name]);
    }
    return { ...batch, denseContext };
  };

const withoutField =
  (name: 'history' | 'repeats' | 'similarBaskets'): Ablation =>
  (batch) => {
    const { [name]: _left, ...rest } = batch;
    return rest;
  };

/** Every ablation by the name that `--ablate` takes. */
export const ablations = {
  T1: withoutContext('t1'),
  T2: (batch) => ({ ...batch, productEmbeddings: new Float32Array(batch.productEmbeddings.length) }),
  T3: withoutContext('t3'),
  T4: (batch) => ({ ...batch, priceFeatures: new Float32Array(batch.priceFeatures.length) }),
  T5: withoutContext('t5'),
  T6: withoutContext('t6'),
  history: withoutField('history'),
  repeats: withoutField('repeats'),
  'similar-baskets': withoutField('similarBaskets'),
} as const satisfies Record<string, Ablation>;

export type AblationName = keyof typeof ablations;

export const ablationNames = Object.keys(ablations) as [AblationName, ...AblationName[]];
