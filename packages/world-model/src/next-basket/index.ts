export {
  type NextBasketConfig,
  nextBasketConfigSchema,
  resolveNextBasketConfig,
} from './next-basket-config.js';
export { type NextBasketArrays, type NextBasketInputs, nextBasketInputs } from './next-basket-inputs.js';
export { createNextBasketModel, type NextBasketModel, type NextBasketOutputs } from './next-basket-model.js';
export type { NextBasketBlock } from './next-basket-parameters.js';
