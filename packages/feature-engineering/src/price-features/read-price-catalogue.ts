import { readWholeTable, type Upstream } from '@retail-sim/artifacts';
import { calendar, products, stores } from '@retail-sim/data-pipeline/schemas';
import { UNKNOWN_CATEGORY } from '../read-processed/read-graph-products.js';

/** What layer 2 needs to know of products, stores and weeks. */
export interface PriceCatalogue {
  readonly productIds: readonly string[];
  readonly storeIds: readonly string[];
  /** Number of the sub-commodity and of the commodity of each product. */
  readonly subCommodity: Numbered;
  readonly commodity: Numbered;
  /** Region of each store, -1 for none. */
  readonly regionOf: Int16Array;
  readonly regions: number;
  /** Last position of the calendar. */
  readonly weeks: number;
}

interface Numbered {
  readonly of: Uint32Array;
  readonly count: number;
}

export async function readPriceCatalogue(pipeline: Upstream): Promise<PriceCatalogue> {
  const [product, store, week] = await Promise.all([
    readWholeTable(pipeline.path(products), products),
    readWholeTable(pipeline.path(stores), stores),
    readWholeTable(pipeline.path(calendar), calendar, { columns: ['week_idx'] }),
  ]);
  const { data, valid } = store.columns.store_region;
  const regions = [...new Set(data.filter((_, row) => valid[row] === 1))].sort();
  return {
    productIds: product.columns.product_id,
    storeIds: store.columns.store_id,
    subCommodity: numbered(product.columns.sub_commodity),
    commodity: numbered(product.columns.commodity),
    regionOf: Int16Array.from(data, (region, row) => (valid[row] === 1 ? regions.indexOf(region) : -1)),
    regions: regions.length,
    weeks: week.columns.week_idx.reduce((last, idx) => Math.max(last, idx), 0),
  };
}

function numbered({
  data,
  valid,
}: {
  readonly data: readonly string[];
  readonly valid: Uint8Array;
}): Numbered {
  const numbers = new Map<string, number>();
  const of = Uint32Array.from(data, (text, row) => {
    const code = valid[row] === 1 ? text : UNKNOWN_CATEGORY;
    const known = numbers.get(code);
    if (known !== undefined) return known;
    numbers.set(code, numbers.size);
    return numbers.size - 1;
  });
  return { of, count: numbers.size };
}
