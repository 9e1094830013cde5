import { readTable, type Upstream } from '@retail-sim/artifacts';
import { formatNumber } from '@retail-sim/cli';
import { priceFeatures } from '../schemas/index.js';
import { percent } from './figures.js';

export interface PriceDescription {
  readonly rows: number;
  readonly encoded: number;
  /** Rows by where c and q come from. */
  readonly categorySources: Readonly<Record<string, number>>;
  readonly priorSources: Readonly<Record<string, number>>;
  readonly meanPrice: number;
  /** Share of the rows whose price moved by more than 5 % since the one before. */
  readonly moved: number;
  readonly discounted: number;
}

export async function describePrices(features: Upstream): Promise<PriceDescription> {
  const categorySources: Record<string, number> = {};
  const priorSources: Record<string, number> = {};
  const sums = { rows: 0, price: 0, moved: 0, discounted: 0 };
  for await (const { rows, columns } of readTable(features.path(priceFeatures), priceFeatures, {
    columns: ['actual_price', 'prior_price', 'discount_depth', 'category_source', 'prior_source'],
  })) {
    sums.rows += rows;
    for (let row = 0; row < rows; row++) {
      const price = columns.actual_price[row] ?? 0;
      const prior = columns.prior_price[row] ?? price;
      sums.price += price;
      if (Math.abs(price - prior) > 0.05 * prior) sums.moved++;
      if ((columns.discount_depth[row] ?? 0) > 0.05) sums.discounted++;
      const category = columns.category_source.values[columns.category_source.codes[row] ?? 0] ?? '';
      categorySources[category] = (categorySources[category] ?? 0) + 1;
      const source = columns.prior_source.values[columns.prior_source.codes[row] ?? 0] ?? '';
      priorSources[source] = (priorSources[source] ?? 0) + 1;
    }
  }
  const rows = Math.max(sums.rows, 1);
  const isScalar = features.manifest.parameters['priceScalars'] === true;
  return {
    rows: sums.rows,
    encoded: isScalar ? 0 : sums.rows,
    categorySources,
    priorSources,
    meanPrice: sums.price / rows,
    moved: sums.moved / rows,
    discounted: sums.discounted / rows,
  };
}

export function priceText(prices: PriceDescription): string {
  const shares = (sources: Readonly<Record<string, number>>) =>
    Object.entries(sources)
      .sort((a, b) => b[1] - a[1])
      .map(([source, rows]) => `${source} ${percent(rows / Math.max(prices.rows, 1))}`)
      .join(', ');
  return [
    `layer 2: ${formatNumber(prices.rows)} prices, ${prices.encoded === 0 ? 'scalars only' : 'with encoding'}, mean ${prices.meanPrice.toFixed(2)}`,
    `category average from ${shares(prices.categorySources)}`,
    `earlier price from ${shares(prices.priorSources)}`,
    `${percent(prices.moved)} moved by more than 5 % since, ${percent(prices.discounted)} discounted by more than 5 %`,
  ].join('\n');
}
