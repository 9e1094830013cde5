import { InputError } from '@retail-sim/errors';
import * as tf from '@tensorflow/tfjs';
import { defineKernel, firstOutput, requiredInput, savedTensor } from './named-kernel.js';

// AdamW with decoupled decay (Loshchilov and Hutter 2019), spec section 5, 7.2.

/** A parameter with its two moments; all three of one shape. */
export interface AdamWSlot {
  readonly parameter: tf.Variable;
  readonly firstMoment: tf.Variable;
  readonly secondMoment: tf.Variable;
  /** Decoupled decay of this parameter; 0 for norms, biases and embeddings. */
  readonly weightDecay: number;
}

export interface AdamWStep {
  readonly learningRate: number;
  /** 1-based number of this step. */
  readonly step: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** Factor on every gradient, see `clippingFactor`. */
  readonly gradientScale?: number;
}

/**
 * One step over all parameters: w *= 1 - lr wd; m, v updated; w -= lr/(1-b1^t) m / (sqrt(v)/sqrt(1-b2^t) + eps).
 * `gradients[i]` belongs to `slots[i]`; they are read, not disposed. On wasm the variables change in place.
 */
export function adamWStep(
  slots: readonly AdamWSlot[],
  gradients: readonly tf.Tensor[],
  { learningRate, step, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, gradientScale = 1 }: AdamWStep,
): void {
  if (slots.length !== gradients.length) {
    throw new InputError({
      what: `adamWStep: ${slots.length} parameters but ${gradients.length} gradients`,
      remedy: 'pass one gradient per parameter, in the same order',
    });
  }
  const stepSize = learningRate / (1 - beta1 ** step);
  const secondMomentScale = 1 / Math.sqrt(1 - beta2 ** step);
  for (const [index, { parameter, firstMoment, secondMoment, weightDecay }] of slots.entries()) {
    const gradient = savedTensor(gradients, index);
    const keep = 1 - learningRate * weightDecay;
    tf.tidy(() => {
      const updated = runAdamW(
        { parameter, gradient, firstMoment, secondMoment },
        { keep, stepSize, secondMomentScale, beta1, beta2, epsilon, gradientScale },
      );
      // A kernel that works in place returns nothing to assign.
      for (const [slot, value] of [parameter, firstMoment, secondMoment].entries()) {
        const next = updated[slot];
        if (next !== undefined) value.assign(next);
      }
    });
  }
}

/**
 * L2 norm over all gradients, `sqrt(sum of squares)`; NaN or infinite when any element is. Read once, asynchronously:
 * a GPU can't be read otherwise.
 */
export async function globalNorm(gradients: readonly tf.Tensor[]): Promise<number> {
  const sums = tf.tidy(() => tf.stack(gradients.map((x) => firstOutput(runSumOfSquares({ x }))))); // [gradients]
  const squares = await sums.data();
  sums.dispose();
  let total = 0;
  for (const square of squares) total += square;
  return Math.sqrt(total);
}

/** min(1, maxNorm / (norm + 1e-6)), the factor that clips gradients to a global norm (spec section 5, 7.2). */
export function clippingFactor(norm: number, maxNorm: number): number {
  return Math.min(1, maxNorm / (norm + 1e-6));
}

const runAdamW = defineKernel({
  name: 'AdamWStep',
  compose: (inputs, attributes) => {
    const { keep, stepSize, secondMomentScale, beta1, beta2, epsilon, gradientScale } = attributes;
    const gradient = requiredInput(inputs, 'gradient').mul(Number(gradientScale));
    const first = requiredInput(inputs, 'firstMoment')
      .mul(Number(beta1))
      .add(gradient.mul(1 - Number(beta1)));
    const second = requiredInput(inputs, 'secondMoment')
      .mul(Number(beta2))
      .add(gradient.square().mul(1 - Number(beta2)));
    const denominator = second.sqrt().mul(Number(secondMomentScale)).add(Number(epsilon));
    const parameter = requiredInput(inputs, 'parameter')
      .mul(Number(keep))
      .sub(first.div(denominator).mul(Number(stepSize)));
    return [parameter, first, second];
  },
});

/** x of any shape -> scalar. */
const runSumOfSquares = defineKernel({
  name: 'SumOfSquares',
  compose: (inputs) => [requiredInput(inputs, 'x').square().sum()],
});
