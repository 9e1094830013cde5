// T4: what the items cost (spec section 4, 3.4). The 64 numbers of one price are the shared price function's; this file
// lays them along the basket.

import { encodePriceInto, PRICE_ENCODING_SIZE } from '@retail-sim/feature-engineering/price-encoding';
import type { EncoderMode, TensorTarget } from './tensor-target.js';

export const PRICE_VECTOR_SIZE = PRICE_ENCODING_SIZE;

/** Price of an item that no table knows, in the reference. */
const REFERENCE_UNKNOWN_PRICE = 1;

/** What is known of an item's price; what is missing falls back as the reference does: p to 1, the others to p. */
export interface PartialPrice {
  readonly actual?: number;
  readonly base?: number;
  readonly categoryAverage?: number;
  readonly prior?: number;
}

/** Writes T4 of one item, `[64]`, from what is known of its price. */
export function writePrice(
  target: TensorTarget,
  price: PartialPrice,
  mode: EncoderMode = 'corrected',
): number {
  const actual = price.actual ?? REFERENCE_UNKNOWN_PRICE;
  return encodePriceInto(
    target,
    actual,
    price.base ?? actual,
    price.categoryAverage ?? actual,
    price.prior ?? actual,
    mode,
  );
}
