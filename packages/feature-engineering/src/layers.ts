import type { Stage, TableDefinition, Upstream } from '@retail-sim/artifacts';
import type { Log, Progress } from '@retail-sim/cli';
import type { Split } from '@retail-sim/data-pipeline/schemas';
import { runCustomerHistory } from './customer-history/run-customer-history.js';
import type { FeatureEngineeringOptions, LayerNumber } from './options.js';
import { runPriceFeatures } from './price-features/run-price-features.js';
import { runProductEmbeddings } from './product-embeddings/run-product-embeddings.js';
import { runPseudoBrands } from './pseudo-brands/run-pseudo-brands.js';
import {
  customerEmbeddings,
  customerStates,
  hierarchyEmbeddings,
  priceFeatures,
  productEmbeddings,
  pseudoBrands,
  storeFeatures,
} from './schemas/index.js';
import { runStoreContext } from './store-context/run-store-context.js';

/** What the layers share while a run lasts. */
export interface LayerContext {
  readonly options: FeatureEngineeringOptions;
  readonly pipeline: Upstream;
  readonly split: Split;
  readonly stage: Pick<Stage, 'folder' | 'table'>;
  /** An output of this run, or of the last one. */
  readonly path: (table: TableDefinition) => string;
  readonly log: Log;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What a layer has made; `rows` is the length of its main table. */
export interface LayerResult {
  readonly rows: number;
  readonly counts: Readonly<Record<string, number>>;
  /** Fitted numbers that the manifest keeps. */
  readonly fitted?: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
}

export interface Layer {
  readonly number: LayerNumber;
  readonly name: string;
  readonly tables: readonly TableDefinition[];
  /** Layers whose outputs it reads. */
  readonly needs: readonly LayerNumber[];
  /** The options that its outputs depend on. */
  readonly parameters: (options: FeatureEngineeringOptions) => unknown;
  readonly run: (context: LayerContext) => Promise<LayerResult>;
}

/** In the order in which they run. A new layer is one entry here. */
export const LAYERS: readonly Layer[] = [
  {
    number: 1,
    name: 'pseudo-brands',
    tables: [pseudoBrands],
    needs: [],
    parameters: ({ tierLimits, substitutionThreshold, seed }) => [tierLimits, substitutionThreshold, seed],
    run: runPseudoBrands,
  },
  {
    number: 2,
    name: 'price-features',
    tables: [priceFeatures],
    needs: [],
    parameters: ({ priceScalars }) => priceScalars,
    run: runPriceFeatures,
  },
  {
    number: 3,
    name: 'product-embeddings',
    tables: [productEmbeddings, hierarchyEmbeddings],
    needs: [1],
    parameters: ({ embedding, seed, device }) => [embedding, seed, embedding === 'graphsage' ? device : null],
    run: runProductEmbeddings,
  },
  {
    number: 4,
    name: 'customer-history',
    tables: [customerStates, customerEmbeddings],
    needs: [3],
    parameters: ({ seed }) => seed,
    run: runCustomerHistory,
  },
  {
    number: 5,
    name: 'store-context',
    tables: [storeFeatures],
    needs: [],
    parameters: ({ seed }) => seed,
    run: runStoreContext,
  },
];
