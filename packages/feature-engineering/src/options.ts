import type { Embedding } from './product-embeddings/compute-product-embeddings.js';
import type { TierLimits } from './pseudo-brands/price-tier.js';

export const LAYER_NUMBERS = [1, 2, 3, 4, 5] as const;
export type LayerNumber = (typeof LAYER_NUMBERS)[number];

/** Everything a run depends on. */
export interface FeatureEngineeringOptions {
  readonly processed: string;
  readonly features: string;
  readonly mode: 'corrected' | 'reference';
  /** What the user asked for; left out, the data pipeline's choice is taken over. */
  readonly split: string | undefined;
  /** YYYYWW; must be the data pipeline's. */
  readonly fitThroughWeek: number | undefined;
  /** Must be the data pipeline's. */
  readonly nrows: number | undefined;
  readonly layers: readonly LayerNumber[];
  /** Layer 1: shares of a category below and above which a price is value and premium. */
  readonly tierLimits: TierLimits;
  /** Layer 1, reference mode: weakest substitution edge that joins two products. */
  readonly substitutionThreshold: number;
  /** Layer 2: write the four prices only, not the 64 numbers. */
  readonly priceScalars: boolean;
  /** Layer 3. */
  readonly embedding: Embedding;
  readonly device: string;
  readonly seed: number;
  readonly threads: number;
  /** Run every layer asked for, even where nothing has changed. */
  readonly force: boolean;
}
