// What layer 3 learns from: the products, the baskets of the fit window, and the substitutes of the product graph.

import { readTable, readWholeTable, type Upstream } from '@retail-sim/artifacts';
import {
  priceFallbacksP,
  productGraphEdges,
  products,
  transactions,
} from '@retail-sim/data-pipeline/schemas';
import { pseudoBrands } from '../schemas/pseudo-brands.js';
import { createBasketCounter, type JointBaskets } from './joint-baskets.js';

/** The levels of the hierarchy, from the narrowest; columns of `products.parquet`. */
export const HIERARCHY_LEVELS = ['sub_commodity', 'commodity', 'sub_department', 'department'] as const;
export type HierarchyLevel = (typeof HIERARCHY_LEVELS)[number];

export interface EmbeddingProduct {
  readonly productId: string;
  /** Code of each level; `undefined` where the raw data have none. */
  readonly categories: Readonly<Record<HierarchyLevel, string | undefined>>;
  /** `undefined` for products that layer 1 does not know. */
  readonly pseudoBrand: string | undefined;
  readonly priceTier: string | undefined;
  /** Median price in the fit window; `undefined` where none was observed. */
  readonly price: number | undefined;
}

/** Undirected weighted edges; ends are places in the list of products. */
export interface WeightedEdges {
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly weight: Float64Array;
}

export interface ProductEmbeddingsInput {
  /** Every product of the data, ascending by id, whether or not it was sold in the fit window. */
  readonly products: readonly EmbeddingProduct[];
  /** Of the fit window only. */
  readonly jointBaskets: JointBaskets;
  readonly substitutes: WeightedEdges;
}

export interface EmbeddingInputChoice {
  /** Last week, by its place in the calendar, whose baskets are read. */
  readonly fitThroughWeek: number;
  /** Path of layer 1's table; without it no product stands in for its pseudo-brand. */
  readonly pseudoBrands?: string;
  readonly signal?: AbortSignal;
}

/** Reads the tables of the data pipeline and of layer 1. */
export async function readEmbeddingInput(
  pipeline: Upstream,
  choice: EmbeddingInputChoice,
): Promise<ProductEmbeddingsInput> {
  const list = await readEmbeddingProducts(pipeline, choice.pseudoBrands);
  return {
    products: list,
    jointBaskets: await countJointBaskets(pipeline, list.length, choice),
    substitutes: await readGraphEdges(pipeline, list, 'substitution'),
  };
}

/** Every product of the data, with what layer 1 and the data pipeline know about it. */
export async function readEmbeddingProducts(
  pipeline: Upstream,
  brandsFile: string | undefined,
): Promise<EmbeddingProduct[]> {
  const { rows, columns } = await readWholeTable(pipeline.path(products), products);
  const brandOf = brandsFile === undefined ? new Map<string, Brand>() : await readBrands(brandsFile);
  const priceOf = await readPrices(pipeline);
  const code = (level: HierarchyLevel, row: number) =>
    columns[level].valid[row] === 0 ? undefined : columns[level].data[row];
  return Array.from({ length: rows }, (_, row) => {
    const productId = columns.product_id[row] ?? '';
    return {
      productId,
      categories: {
        sub_commodity: code('sub_commodity', row),
        commodity: code('commodity', row),
        sub_department: code('sub_department', row),
        department: code('department', row),
      },
      pseudoBrand: brandOf.get(productId)?.pseudoBrand,
      priceTier: brandOf.get(productId)?.priceTier,
      price: priceOf.get(productId),
    };
  });
}

/** Median prices of the fit window; in reference mode the data pipeline writes none. */
async function readPrices(pipeline: Upstream): Promise<Map<string, number>> {
  if (pipeline.manifest.outputs[priceFallbacksP.file] === undefined) return new Map();
  const { rows, columns } = await readWholeTable(pipeline.path(priceFallbacksP), priceFallbacksP, {
    columns: ['product_id', 'actual_price'],
  });
  const { codes, values } = columns.product_id;
  return new Map(
    Array.from({ length: rows }, (_, row) => [values[codes[row] ?? 0] ?? '', columns.actual_price[row] ?? 0]),
  );
}

interface Brand {
  readonly pseudoBrand: string | undefined;
  readonly priceTier: string | undefined;
}

async function readBrands(file: string): Promise<Map<string, Brand>> {
  const { columns } = await readWholeTable(file, pseudoBrands, {
    columns: ['product_id', 'pseudo_brand_id', 'price_tier'],
  });
  const { codes, values } = columns.price_tier;
  return new Map(
    columns.product_id.map((id, row) => [
      id,
      { pseudoBrand: columns.pseudo_brand_id[row], priceTier: values[codes[row] ?? 0] },
    ]),
  );
}

/** One pass over the lines; those of a basket are adjacent. A product twice in a basket counts once. */
async function countJointBaskets(
  pipeline: Upstream,
  productCount: number,
  { fitThroughWeek, signal }: EmbeddingInputChoice,
): Promise<JointBaskets> {
  const counter = createBasketCounter(productCount);
  const basket = new Uint32Array(productCount);
  const lastBasketWith = new Float64Array(productCount).fill(-1);
  let size = 0;
  let number = 0;
  let basketId = Number.NaN;
  let store = -1;
  const end = () => {
    if (size > 0) counter.add(basket, size);
    size = 0;
  };
  for await (const { rows, columns } of readTable(pipeline.path(transactions), transactions, {
    columns: ['basket_id', 'week_idx', 'product', 'store'],
  })) {
    signal?.throwIfAborted();
    for (let row = 0; row < rows; row += 1) {
      if ((columns.week_idx[row] ?? 0) > fitThroughWeek) continue;
      if (columns.basket_id[row] !== basketId || columns.store[row] !== store) {
        end();
        number += 1;
        basketId = columns.basket_id[row] ?? 0;
        store = columns.store[row] ?? 0;
      }
      const product = columns.product[row] ?? 0;
      if (lastBasketWith[product] === number) continue;
      lastBasketWith[product] = number;
      basket[size] = product;
      size += 1;
    }
  }
  end();
  return counter.finish();
}

/** Edges of one type between products of the list, in the order of the table. */
export async function readGraphEdges(
  pipeline: Upstream,
  list: readonly EmbeddingProduct[],
  type: 'copurchase' | 'substitution',
): Promise<WeightedEdges> {
  const { rows, columns } = await readWholeTable(pipeline.path(productGraphEdges), productGraphEdges, {
    columns: ['source', 'target', 'edge_type', 'weight'],
  });
  const place = new Map(list.map(({ productId }, index) => [productId, index]));
  const placeOf = ({ codes, values }: typeof columns.source) => {
    const places = values.map((id) => place.get(id));
    return (row: number) => places[codes[row] ?? 0];
  };
  const [source, target] = [placeOf(columns.source), placeOf(columns.target)];
  const wanted = columns.edge_type.values.indexOf(type);
  const edges: { from: number; to: number; weight: number }[] = [];
  for (let row = 0; row < rows; row += 1) {
    if (columns.edge_type.codes[row] !== wanted) continue;
    const [from, to] = [source(row), target(row)];
    if (from === undefined || to === undefined) continue;
    edges.push({ from, to, weight: columns.weight[row] ?? 0 });
  }
  return {
    from: Uint32Array.from(edges, ({ from }) => from),
    to: Uint32Array.from(edges, ({ to }) => to),
    weight: Float64Array.from(edges, ({ weight }) => weight),
  };
}
