import { join } from 'node:path';
import { gridY, rectY, ruleY } from '@observablehq/plot';
import { z } from 'zod';
import { draw } from '../charts/draw.js';
import { dataTable } from '../page/data-table.js';
import { figure } from '../page/figure.js';
import { html } from '../page/html.js';
import { count, percent, pounds } from '../page/numbers.js';
import type { Section } from '../page/section.js';
import { numeric, type Tables } from '../tables.js';

/** A price moves where the highest observed price of a product is this much above the lowest. */
const MOVEMENT = 0.001;
/** Below this share of products with moving prices, elasticities cannot be learned from the data. */
const FEW_MOVING = 0.05;

const factsShape = z.object({
  observed: numeric,
  filled: numeric,
  promoted: numeric,
  products: numeric,
  moving: numeric,
  weighed: numeric,
  mean_depth: numeric.nullable(),
});
const binShape = z.object({ low: numeric, high: numeric, products: numeric });

/** What prices do, and the honest line where they do nothing. */
export async function pricesSection(tables: Tables, processed: string): Promise<Section> {
  const prices = join(processed, 'prices_derived.parquet');
  const fallbacks = join(processed, 'price_fallbacks_p.parquet');
  const [facts] = await tables.rows(
    factsShape,
    `WITH products AS (
       SELECT product_id, max(actual_price) > min(actual_price) * (1 + $movement) AS moves
       FROM read_parquet($prices) WHERE imputation_method = 'observed' AND pack_value IS NULL GROUP BY product_id)
     SELECT count(*) FILTER (imputation_method = 'observed') AS observed,
            count(*) FILTER (imputation_method <> 'observed') AS filled,
            coalesce(avg(promo_flag) FILTER (imputation_method = 'observed'), 0) AS promoted,
            avg(discount_depth) FILTER (promo_flag = 1 AND imputation_method = 'observed') AS mean_depth,
            (SELECT count(*) FROM read_parquet($fallbacks)) AS products,
            (SELECT count(*) FROM products WHERE moves) AS moving,
            (SELECT count(*) FROM read_parquet($fallbacks) WHERE variable_weight) AS weighed
     FROM read_parquet($prices)`,
    { prices, fallbacks, movement: MOVEMENT },
  );
  if (facts === undefined) throw new Error(`${prices} cannot be summarised`);
  const bins = await tables.rows(
    binShape,
    `SELECT pow(10, bin / 10) AS low, pow(10, (bin + 1) / 10) AS high, count(*) AS products
     FROM (SELECT floor(log10(actual_price) * 10) AS bin FROM read_parquet($fallbacks) WHERE actual_price > 0)
     GROUP BY bin ORDER BY bin`,
    { fallbacks },
  );
  const moving = facts.products === 0 ? 0 : facts.moving / facts.products;
  const still = moving < FEW_MOVING;
  const verdict = still
    ? `Prices don't vary in this data: ${percent(moving)} of the products ever change their price (goods sold by weight left aside), so no price response can be learned from it.`
    : `${percent(moving)} of the products change their price over time (goods sold by weight left aside); ${percent(facts.promoted)} of the observed prices are promotions.`;
  return {
    id: 'prices',
    title: 'Prices and promotions',
    body: html`<p>${verdict}</p>
${dataTable(
  'Prices by product, store and week',
  [{ title: 'measure' }, { title: '', numeric: true }],
  [
    ['prices observed', count(facts.observed)],
    ['prices filled from other stores and weeks', count(facts.filled)],
    ['products with a price', count(facts.products)],
    ['of these sold by weight', count(facts.weighed)],
    ['of these with a price that moves', count(facts.moving)],
    ['promotions among observed prices', percent(facts.promoted)],
    ['mean depth of a promotion', facts.mean_depth === null ? 'none' : percent(facts.mean_depth)],
  ],
)}
${figure(
  draw({
    ariaDescription: 'Number of products by median price on a logarithmic scale',
    x: { type: 'log', label: 'median price, GBP', tickFormat: (value: number) => pounds(value) },
    y: { label: 'products' },
    marks: [
      gridY({ strokeOpacity: 0.15 }),
      rectY(bins, {
        x1: 'low',
        x2: 'high',
        y: 'products',
        fill: 'var(--series-1)',
        fillOpacity: 0.7,
        inset: 0.5,
      }),
      ruleY([0]),
    ],
  }),
  'Products by median price.',
)}`,
    finding: verdict,
  };
}
