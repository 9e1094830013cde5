import { InputError } from '@retail-sim/errors';
import { z } from 'zod';

/** Sizes and wiring of the next-basket model (spec section 5, 3.1). */
export interface NextBasketConfig {
  /**
   * `reference`: all classes compete and are learned. `corrected`: classes that are no product get the logit -1e9, and
   * the repeat head adds what the customer bought before.
   */
  readonly mode: 'corrected' | 'reference';
  /** V: PAD, products, MASK and EOS. */
  readonly classes: number;
  /** P: classes 1..P are products. */
  readonly products: number;
  /** T2. */
  readonly productWidth: number;
  /** T4. */
  readonly priceWidth: number;
  /** T1, T3, T5, T6 of the target trip. */
  readonly contextWidth: number;
  /** d. */
  readonly hiddenWidth: number;
  readonly encoderLayers: number;
  readonly encoderHeads: number;
  readonly encoderFeedForwardWidth: number;
  /** Width of the two layers before the product logits. */
  readonly predictorWidth: number;
  /** Rows of the stored position table. */
  readonly maxPositions: number;
  readonly dropout: number;
  readonly basketSizeClasses: number;
  readonly priceSensitivityClasses: number;
  readonly missionTypeClasses: number;
  readonly missionFocusClasses: number;
}

const DEFAULTS: NextBasketConfig = {
  mode: 'corrected',
  classes: 5003,
  products: 5000,
  productWidth: 256,
  priceWidth: 64,
  contextWidth: 400,
  hiddenWidth: 512,
  encoderLayers: 4,
  encoderHeads: 8,
  encoderFeedForwardWidth: 1024,
  predictorWidth: 1024,
  maxPositions: 512,
  dropout: 0.1,
  basketSizeClasses: 4,
  priceSensitivityClasses: 4,
  missionTypeClasses: 5,
  missionFocusClasses: 6,
};

const positive = z.int().positive();

/** Shape of a configuration as it is stored; unknown keys are refused. */
export const nextBasketConfigSchema = z
  .strictObject({
    mode: z.enum(['corrected', 'reference']),
    classes: z.int().min(2),
    products: positive,
    productWidth: positive,
    priceWidth: positive,
    contextWidth: positive,
    hiddenWidth: positive.multipleOf(2),
    encoderLayers: positive,
    encoderHeads: positive,
    encoderFeedForwardWidth: positive,
    predictorWidth: positive,
    maxPositions: positive,
    dropout: z.number().min(0).lt(1),
    basketSizeClasses: positive,
    priceSensitivityClasses: positive,
    missionTypeClasses: positive,
    missionFocusClasses: positive,
  })
  .refine(({ hiddenWidth, encoderHeads }) => hiddenWidth % encoderHeads === 0, {
    path: ['encoderHeads'],
    message: 'must divide hiddenWidth',
  })
  .refine(({ classes, products }) => products < classes, {
    path: ['products'],
    message: 'must be fewer than classes: class 0 is padding',
  });

/** Fills in the published sizes. Without `products`, all classes but three are products. */
export function resolveNextBasketConfig(options: Partial<NextBasketConfig> = {}): NextBasketConfig {
  const classes = options.classes ?? DEFAULTS.classes;
  const parsed = nextBasketConfigSchema.safeParse({ ...DEFAULTS, products: classes - 3, ...options });
  if (parsed.success) return parsed.data;
  throw new InputError({
    what: `next-basket configuration: ${z.prettifyError(parsed.error)}`,
    remedy: 'correct the sizes; docs/world-model.md lists them',
    cause: parsed.error,
  });
}
