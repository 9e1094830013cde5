import * as tf from '@tensorflow/tfjs';
import type { NextBasketConfig } from '../next-basket/next-basket-config.js';
import type { NextBasketOutputs } from '../next-basket/next-basket-model.js';
import { auxiliaryLoss } from './auxiliary-loss.js';
import type { LossTerm } from './class-log-probabilities.js';
import { focalBinaryLoss } from './focal-binary-loss.js';

/** What the next-basket losses compare with: plain arrays of the batch. `PairBatch` has this form. */
export interface NextBasketTargets {
  /** B. */
  readonly size: number;
  /** Products of the target basket: basket i owns `productIds[offsets[i]]` up to `productIds[offsets[i + 1]]`. */
  readonly targets: { readonly offsets: Int32Array; readonly productIds: Int32Array };
  /** `[B]` each; 0 is unknown. */
  readonly labels: {
    readonly basketSize: Int32Array;
    readonly priceSensitivity: Int32Array;
    readonly missionType: Int32Array;
    readonly missionFocus: Int32Array;
  };
}

export interface NextBasketLossOptions {
  /** Focal loss, or cross-entropy with positives weighted by 50. Default `focal`. */
  readonly productLoss?: 'focal' | 'cross-entropy';
  /** Default: `mean` in the reference, `per-positive` in corrected mode. */
  readonly productReduction?: 'mean' | 'per-positive';
}

export type NextBasketLoss = {
  /** Scalar. */
  readonly total: tf.Tensor;
  readonly terms: Readonly<Record<'product' | keyof typeof AUXILIARY_WEIGHTS, LossTerm>>;
};

const PRODUCT_WEIGHT = 0.7;
const AUXILIARY_WEIGHT = 0.3;
const AUXILIARY_WEIGHTS = {
  basketSize: 1,
  missionType: 0.5,
  missionFocus: 0.5,
  priceSensitivity: 0.5,
} as const;
const PLAIN_POSITIVE_WEIGHT = 50;

/** Total loss of the next-basket model (spec section 5, 6.1): 0.7 product + 0.3 of the weighted labels. */
export function nextBasketLoss(
  outputs: NextBasketOutputs,
  batch: NextBasketTargets,
  config: NextBasketConfig,
  options: NextBasketLossOptions = {},
): NextBasketLoss {
  const { auxiliaryLogits } = outputs;
  const { labels } = batch;
  const terms = {
    product: productLoss(outputs, batch, config, options),
    basketSize: auxiliaryLoss(auxiliaryLogits.basketSize, labels.basketSize),
    missionType: auxiliaryLoss(auxiliaryLogits.missionType, labels.missionType),
    missionFocus: auxiliaryLoss(auxiliaryLogits.missionFocus, labels.missionFocus),
    priceSensitivity: auxiliaryLoss(auxiliaryLogits.priceSensitivity, labels.priceSensitivity),
  };
  const auxiliary = tf.addN([
    terms.basketSize.loss.mul(AUXILIARY_WEIGHTS.basketSize),
    terms.missionType.loss.mul(AUXILIARY_WEIGHTS.missionType),
    terms.missionFocus.loss.mul(AUXILIARY_WEIGHTS.missionFocus),
    terms.priceSensitivity.loss.mul(AUXILIARY_WEIGHTS.priceSensitivity),
  ]);
  return { total: terms.product.loss.mul(PRODUCT_WEIGHT).add(auxiliary.mul(AUXILIARY_WEIGHT)), terms };
}

function productLoss(
  { productLogits }: NextBasketOutputs,
  { size, targets }: NextBasketTargets,
  { classes, products, mode }: NextBasketConfig,
  { productLoss: kind = 'focal', productReduction }: NextBasketLossOptions,
): LossTerm {
  const bought = multiHot(targets, size, classes); // [B, V]
  const weights =
    kind === 'focal' ? {} : { gamma: 0, positiveWeight: PLAIN_POSITIVE_WEIGHT, negativeWeight: 1 };
  const isProduct = Float32Array.from({ length: classes }, (_, id) => (id >= 1 && id <= products ? 1 : 0));
  const loss = focalBinaryLoss(productLogits, bought, {
    ...weights,
    ...(mode === 'corrected' ? { mask: tf.tensor(isProduct, [classes]) } : {}),
    reduction: productReduction ?? (mode === 'corrected' ? 'per-positive' : 'mean'),
  });
  return { loss, count: targets.productIds.length };
}

/** `[B, V]` with a one at every product of the basket. */
function multiHot(
  { offsets, productIds }: NextBasketTargets['targets'],
  size: number,
  classes: number,
): tf.Tensor {
  const values = new Float32Array(size * classes);
  for (let basket = 0; basket < size; basket++) {
    for (let i = offsets[basket] ?? 0; i < (offsets[basket + 1] ?? 0); i++) {
      values[basket * classes + (productIds[i] ?? 0)] = 1;
    }
  }
  return tf.tensor(values, [size, classes]);
}
