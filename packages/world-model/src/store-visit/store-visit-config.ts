import { InputError } from '@retail-sim/errors';
import { z } from 'zod';

/** Sizes of the store-visit model (spec section 5, part 4). */
export interface StoreVisitConfig {
  /** n: stores that can be predicted; row n of the embedding stands for an unknown store. */
  readonly stores: number;
  /** T1. */
  readonly customerWidth: number;
  /** T3. */
  readonly temporalWidth: number;
  readonly storeWidth: number;
  /** T2. */
  readonly productWidth: number;
  /** Width of the summary of the previous basket; 0 leaves the basket out. */
  readonly basketSummaryWidth: number;
  readonly hiddenWidth: number;
  readonly layers: number;
  readonly dropout: number;
}

const DEFAULTS: StoreVisitConfig = {
  stores: 800,
  customerWidth: 192,
  temporalWidth: 64,
  storeWidth: 96,
  productWidth: 256,
  basketSummaryWidth: 64,
  hiddenWidth: 256,
  layers: 2,
  dropout: 0.1,
};

const positive = z.int().positive();

/** Shape of a configuration as it is stored; unknown keys are refused. */
export const storeVisitConfigSchema = z.strictObject({
  stores: positive,
  customerWidth: positive,
  temporalWidth: positive,
  storeWidth: positive,
  productWidth: positive,
  basketSummaryWidth: z.int().nonnegative(),
  hiddenWidth: positive,
  layers: positive,
  dropout: z.number().min(0).lt(1),
});

/** Fills in the published sizes. */
export function resolveStoreVisitConfig(options: Partial<StoreVisitConfig> = {}): StoreVisitConfig {
  const parsed = storeVisitConfigSchema.safeParse({ ...DEFAULTS, ...options });
  if (parsed.success) return parsed.data;
  throw new InputError({
    what: `store-visit configuration: ${z.prettifyError(parsed.error)}`,
    remedy: 'correct the sizes; docs/world-model.md lists them',
    cause: parsed.error,
  });
}
