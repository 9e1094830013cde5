import { batchFromRows } from '@retail-sim/artifacts';
import { counterUniform, fnv1a32 } from '@retail-sim/random';
import type { LayerContext, LayerResult } from '../layers.js';
import { readGraphProducts, readSubstitutionEdges } from '../read-processed/read-graph-products.js';
import { streamProductPrices } from '../read-processed/stream-product-prices.js';
import { pseudoBrands } from '../schemas/pseudo-brands.js';
import { adjustedRandIndex } from './adjusted-rand-index.js';
import { derivePseudoBrands, type PseudoBrandInput } from './derive-pseudo-brands.js';
import { fittedCells, type PriceStatistics, priceStatistics } from './product-price-statistics.js';

/** The stability of the brands is measured on so many seeded choices of stores. */
const RESAMPLES = 3;
const SHARE_OF_STORES = 0.8;

/** Layer 1: reads nodes, edges and prices, writes one row a product. */
export async function runPseudoBrands(context: LayerContext): Promise<LayerResult> {
  const { pipeline, split, options, stage, progress, signal } = context;
  const products = await readGraphProducts(pipeline);
  const task = progress.task('layer 1, pseudo-brands', products.length, 'products');
  const substitutes = await readSubstitutionEdges(pipeline, products);
  const place = new Map(products.map(({ productId }, index) => [productId, index]));
  const prices = new Array<PriceStatistics | undefined>(products.length).fill(undefined);
  const resampled = Array.from({ length: RESAMPLES }, () => prices.slice());
  const choice = {
    fitThroughWeek: options.mode === 'corrected' ? split.fitThroughWeek : Number.POSITIVE_INFINITY,
    observedOnly: options.mode === 'corrected',
  };
  const stores: string[] = [];
  const chosen = storeChoices(stores, options.seed);
  for await (const product of streamProductPrices(pipeline, stores)) {
    signal.throwIfAborted();
    const index = place.get(product.productId);
    if (index === undefined) continue;
    const cells = fittedCells(product, choice);
    prices[index] = priceStatistics(product, cells);
    resampled.forEach((sample, number) => {
      const isIn = chosen[number];
      sample[index] = priceStatistics(
        product,
        cells.filter((cell) => isIn?.(product.store[cell] ?? 0) === true),
      );
    });
    task.advance(1);
  }

  const input: Omit<PseudoBrandInput, 'prices'> = {
    products,
    substitutes,
    limits: options.tierLimits,
    mode: options.mode,
    substitutionThreshold: options.substitutionThreshold,
  };
  const brands = derivePseudoBrands({ ...input, prices });
  const names = brands.map(({ pseudo_brand_id }) => pseudo_brand_id);
  const agreement = resampled.map((sample) =>
    adjustedRandIndex(
      names,
      derivePseudoBrands({ ...input, prices: sample }).map(({ pseudo_brand_id }) => pseudo_brand_id),
    ),
  );
  await stage.table(pseudoBrands, [batchFromRows(pseudoBrands, brands)]);
  task.done();
  const count = (tier: string) => brands.filter(({ price_tier }) => price_tier === tier).length;
  return {
    rows: brands.length,
    counts: {
      brands: new Set(names).size,
      singletons: brands.filter(({ brand_size }) => brand_size === 1).length,
      premium: count('premium'),
      mid: count('mid'),
      value: count('value'),
      inSubstitutionCluster: brands.filter(({ substitution_cluster }) => substitution_cluster > 0).length,
      withoutPrice: brands.filter(({ has_price }) => !has_price).length,
      stabilityMeanAri: agreement.reduce((sum, value) => sum + value, 0) / RESAMPLES,
      stabilityLowestAri: Math.min(...agreement),
    },
  };
}

/** Whether a store is in the seeded 80 % of each resample; by its name, so that the order of stores does not matter. */
function storeChoices(stores: readonly string[], seed: number): ((store: number) => boolean)[] {
  return Array.from({ length: RESAMPLES }, (_, number) => {
    const known: boolean[] = [];
    return (store) => {
      known[store] ??=
        counterUniform(fnv1a32(`${seed}:brand-stability:${number}:${stores[store] ?? ''}`), 0) <
        SHARE_OF_STORES;
      return known[store];
    };
  });
}
