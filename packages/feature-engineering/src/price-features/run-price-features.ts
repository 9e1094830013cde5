import type { Upstream } from '@retail-sim/artifacts';
import { products } from '@retail-sim/data-pipeline/schemas';
import { InputError } from '@retail-sim/errors';
import type { LayerContext, LayerResult } from '../layers.js';
import { encodePriceInto, PRICE_ENCODING_SIZE } from '../price-encoding/index.js';
import { type ProductPrices, streamProductPrices } from '../read-processed/stream-product-prices.js';
import { priceFeatures } from '../schemas/price-features.js';
import { CATEGORY_SOURCES, type CategoryLookup, categoryAverages } from './category-averages.js';
import { type PriceBatch, type PriceDictionaries, priceBatch, priceRows } from './price-rows.js';
import { PRIOR_SOURCES, priorPrices } from './prior-prices.js';
import { type PriceCatalogue, readPriceCatalogue } from './read-price-catalogue.js';
import { referencePriceBatches } from './reference-price-batches.js';

/** Rows of a batch: with the encoding about 10 MiB. */
const BATCH_ROWS = 32_768;

/** Layer 2: reads the prices twice, writes one row a price. */
export async function runPriceFeatures(context: LayerContext): Promise<LayerResult> {
  const { pipeline, options, stage, progress } = context;
  const catalogue = await readPriceCatalogue(pipeline);
  const task = progress.task('layer 2, price features', catalogue.productIds.length, 'products');
  const counts = {
    clipped: 0,
    fromSubCommodity: 0,
    fromCommodity: 0,
    fromStore: 0,
    fromRegion: 0,
    fromChain: 0,
  };
  const batches =
    options.mode === 'reference'
      ? referencePriceBatches(pipeline, catalogue.productIds, catalogue.storeIds, BATCH_ROWS)
      : correctedBatches(context, catalogue, counts, () => task.advance(1));
  const { rows } = await stage.table(priceFeatures, batches);
  task.done();
  return { rows, counts: options.mode === 'reference' ? {} : counts };
}

type Counts = Record<
  'clipped' | 'fromSubCommodity' | 'fromCommodity' | 'fromStore' | 'fromRegion' | 'fromChain',
  number
>;

async function* correctedBatches(
  { pipeline, options, signal }: LayerContext,
  catalogue: PriceCatalogue,
  counts: Counts,
  advance: () => void,
): AsyncGenerator<PriceBatch> {
  const { productIds, storeIds, regionOf, regions, weeks, subCommodity, commodity } = catalogue;
  const place = new Map(productIds.map((id, index) => [id, index]));
  const averages = await readCategoryAverages(pipeline, catalogue, place);
  const dictionaries: PriceDictionaries = {
    products: productIds,
    stores: storeIds,
    categorySources: CATEGORY_SOURCES,
    priorSources: PRIOR_SOURCES,
  };
  const isEncoded = !options.priceScalars;
  let filled = priceRows(BATCH_ROWS, isEncoded);
  for await (const prices of streamProductPrices(pipeline, [...storeIds])) {
    signal.throwIfAborted();
    const product = placeOf(place, prices, pipeline);
    const prior = priorPrices(prices, regionOf, regions, weeks);
    for (let cell = 0; cell < prices.cells; cell++) {
      if (filled.rows === filled.capacity) {
        yield priceBatch(filled, dictionaries);
        filled = priceRows(BATCH_ROWS, isEncoded);
      }
      const row = filled.rows++;
      const actual = prices.actual[cell] ?? 0;
      const base = prices.base[cell] ?? 0;
      const week = prices.weekIdx[cell] ?? 0;
      const average = averages.before(subCommodity.of[product] ?? 0, commodity.of[product] ?? 0, week);
      const category = Number.isNaN(average.price) ? actual : average.price;
      const before = prior.price[cell] ?? actual;
      filled.product[row] = product;
      filled.store[row] = prices.store[cell] ?? 0;
      filled.week[row] = prices.week[cell] ?? 0;
      filled.weekIdx[row] = week;
      filled.actual[row] = actual;
      filled.base[row] = base;
      filled.category[row] = category;
      filled.prior[row] = before;
      filled.discount[row] = prices.discount[cell] ?? 0;
      filled.categorySource[row] = average.source;
      filled.priorSource[row] = prior.source[cell] ?? 0;
      if (isEncoded) {
        counts.clipped += encodePriceInto(
          { out: filled.encoding, offset: row * PRICE_ENCODING_SIZE },
          actual,
          base,
          category,
          before,
        );
      }
      if (average.source === 0) counts.fromSubCommodity++;
      else if (average.source === 1) counts.fromCommodity++;
      if (prior.source[cell] === 1) counts.fromStore++;
      else if (prior.source[cell] === 2) counts.fromRegion++;
      else if (prior.source[cell] === 3) counts.fromChain++;
    }
    advance();
  }
  if (filled.rows > 0) yield priceBatch(filled, dictionaries);
}

async function readCategoryAverages(
  pipeline: Upstream,
  { subCommodity, commodity, storeIds, weeks }: PriceCatalogue,
  place: ReadonlyMap<string, number>,
): Promise<CategoryLookup> {
  const averages = categoryAverages(subCommodity.count, commodity.count, weeks);
  for await (const prices of streamProductPrices(pipeline, [...storeIds])) {
    const product = placeOf(place, prices, pipeline);
    averages.add(prices, subCommodity.of[product] ?? 0, commodity.of[product] ?? 0);
  }
  return averages.finish();
}

function placeOf(
  place: ReadonlyMap<string, number>,
  { productId }: ProductPrices,
  pipeline: Upstream,
): number {
  const product = place.get(productId);
  if (product !== undefined) return product;
  throw new InputError({
    what: `lists no ${productId}, of which there are prices`,
    where: { file: pipeline.path(products) },
    remedy: 'run retail-data-pipeline again',
  });
}
