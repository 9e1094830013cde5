// `--compat reference`: layer 2 as the reference computes it, over the whole table.

import type { Upstream } from '@retail-sim/artifacts';
import { PRICE_ENCODING_SIZE } from '../price-encoding/index.js';
import { type ProductPrices, streamProductPrices } from '../read-processed/stream-product-prices.js';
import { type PriceBatch, priceBatch, priceRows } from './price-rows.js';
import {
  encodeReferencePrice,
  type GroupStatistics,
  type GroupWeek,
  groupOf,
  groupStatistics,
  type LogMoments,
  logOf,
  velocity,
} from './reference-price-encoding.js';

/** What the reference fits on the whole table before it encodes a row. */
export interface ReferenceFit {
  readonly moments: LogMoments;
  readonly groups: ReadonlyMap<string, ReadonlyMap<number, GroupStatistics>>;
}

/** Yields the rows in file order; reads the prices twice. */
export async function* referencePriceBatches(
  pipeline: Upstream,
  productIds: readonly string[],
  storeIds: readonly string[],
  batchRows: number,
): AsyncGenerator<PriceBatch> {
  const fit = await fitReference(streamProductPrices(pipeline));
  const place = new Map(productIds.map((id, index) => [id, index]));
  const dictionaries = {
    products: productIds,
    stores: storeIds,
    categorySources: ['id_prefix'],
    priorSources: ['own', 'store'],
  };
  let filled = priceRows(batchRows, true);
  for await (const prices of streamProductPrices(pipeline, [...storeIds])) {
    for (const cell of referenceCells(prices, fit)) {
      if (filled.rows === filled.capacity) {
        yield priceBatch(filled, dictionaries);
        filled = priceRows(batchRows, true);
      }
      const row = filled.rows++;
      filled.product[row] = place.get(prices.productId) ?? 0;
      filled.store[row] = prices.store[cell.place] ?? 0;
      filled.week[row] = prices.week[cell.place] ?? 0;
      filled.weekIdx[row] = prices.weekIdx[cell.place] ?? 0;
      filled.actual[row] = cell.actual;
      filled.base[row] = cell.base;
      filled.category[row] = cell.group.mean;
      filled.prior[row] = cell.previous;
      filled.discount[row] = prices.discount[cell.place] ?? 0;
      filled.priorSource[row] = cell.isFirst ? 0 : 1;
      encodeReferencePrice(filled.encoding, row * PRICE_ENCODING_SIZE, cell, fit.moments);
    }
  }
  if (filled.rows > 0) yield priceBatch(filled, dictionaries);
}

/** First pass: moments of the logarithms and the statistics of the id blocks. */
export async function fitReference(
  products: Iterable<ProductPrices> | AsyncIterable<ProductPrices>,
): Promise<ReferenceFit> {
  const groups = new Map<string, Map<number, GroupWeek>>();
  const actual = moments();
  const base = moments();
  for await (const prices of products) {
    const id = groupOf(prices.productId);
    const weeks = groups.get(id) ?? new Map<number, GroupWeek>();
    groups.set(id, weeks);
    for (let cell = 0; cell < prices.cells; cell++) {
      const price = prices.actual[cell] ?? 0;
      actual.add(logOf(price));
      base.add(logOf(prices.base[cell] ?? 0));
      const week = prices.week[cell] ?? 0;
      const known = weeks.get(week);
      if (known === undefined) {
        weeks.set(week, { sum: price, count: 1, lowest: price, highest: price });
      } else {
        known.sum += price;
        known.count++;
        known.lowest = Math.min(known.lowest, price);
        known.highest = Math.max(known.highest, price);
      }
    }
  }
  return {
    moments: {
      actualMean: actual.mean(),
      actualStd: actual.std(),
      baseMean: base.mean(),
      baseStd: base.std(),
    },
    groups: new Map([...groups].map(([id, weeks]) => [id, groupStatistics(weeks)])),
  };
}

export interface ReferenceCell {
  readonly place: number;
  readonly actual: number;
  readonly base: number;
  readonly previous: number;
  readonly isFirst: boolean;
  readonly velocity: number;
  readonly previousVelocity: number;
  readonly group: GroupStatistics;
}

const NO_GROUP: GroupStatistics = { mean: 0, std: 0, lowest: 0, highest: 0 };

/** The cells of a product with what the encoding needs of their neighbours: the previous row, however old (FP-5). */
export function* referenceCells(prices: ProductPrices, { groups }: ReferenceFit): Generator<ReferenceCell> {
  const weeks = groups.get(groupOf(prices.productId));
  let previousVelocity = 0;
  for (let place = 0; place < prices.cells; place++) {
    const isFirst = place === 0 || prices.store[place] !== prices.store[place - 1];
    const actual = prices.actual[place] ?? 0;
    const previous = isFirst ? actual : (prices.actual[place - 1] ?? actual);
    const v = isFirst ? 0 : velocity(actual, previous);
    yield {
      place,
      actual,
      base: prices.base[place] ?? 0,
      previous,
      isFirst,
      velocity: v,
      previousVelocity: isFirst ? 0 : previousVelocity,
      group: weeks?.get(prices.week[place] ?? 0) ?? NO_GROUP,
    };
    previousVelocity = v;
  }
}

/** Mean and population standard deviation, updated value by value (Welford 1962). */
function moments() {
  let count = 0;
  let center = 0;
  let squares = 0;
  return {
    add(value: number): void {
      count++;
      const distance = value - center;
      center += distance / count;
      squares += distance * (value - center);
    },
    mean: () => center,
    std: () => (count === 0 ? 0 : Math.sqrt(squares / count)),
  };
}
