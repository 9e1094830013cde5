import { join } from 'node:path';
import { z } from 'zod';
import { dataTable } from '../page/data-table.js';
import { html } from '../page/html.js';
import { count, fixed, pounds } from '../page/numbers.js';
import type { Section } from '../page/section.js';
import { numeric, type Tables } from '../tables.js';
import { productMapFigure } from './product-map-figure.js';

/** Products whose neighbours are shown: best sellers of different categories, of those with a vector of their own. */
const SHOWN = 10;
const NEIGHBOURS = 3;

const brandShape = z.object({
  brand: z.string(),
  tier: z.string(),
  products: numeric,
  price: numeric,
  share: numeric,
});
const neighbourShape = z.object({
  product: z.string(),
  category: z.string().nullable(),
  neighbour: z.string(),
  neighbour_category: z.string().nullable(),
  similarity: numeric,
});
const sourceShape = z.object({ source: z.string(), products: numeric });

/** What features make of the products: clusters like brands, and vectors whose neighbours are alike. */
export async function brandsAndNeighboursSection(
  tables: Tables,
  { processed, features }: { readonly processed: string; readonly features: string },
): Promise<Section> {
  const brands = await tables.rows(
    brandShape,
    `SELECT pseudo_brand_id AS brand, any_value(price_tier) AS tier, count(*) AS products,
            avg(mean_price) AS price, sum(market_share_proxy) AS share
     FROM read_parquet($brands) GROUP BY pseudo_brand_id ORDER BY products DESC, brand LIMIT 10`,
    { brands: join(features, 'pseudo_brands.parquet') },
  );
  const sources = await tables.rows(
    sourceShape,
    'SELECT source, count(*) AS products FROM read_parquet($embeddings) GROUP BY source ORDER BY products DESC',
    { embeddings: join(features, 'product_embeddings.parquet') },
  );
  const neighbours = await tables.rows(
    neighbourShape,
    `WITH vectors AS (
       SELECT e.product_id, e.embedding::FLOAT[256] AS vector, p.sub_commodity AS category, p.lines
       FROM read_parquet($embeddings) e JOIN read_parquet($products) p USING (product_id) WHERE e.source IN ('graphsage', 'spectral')),
     first AS (
       SELECT *, row_number() OVER (PARTITION BY category ORDER BY lines DESC, product_id) AS place FROM vectors),
     shown AS (SELECT * FROM first WHERE place = 1 ORDER BY lines DESC, product_id LIMIT ${SHOWN}),
     pairs AS (
       SELECT s.product_id AS product, s.category, s.lines, v.product_id AS neighbour,
              v.category AS neighbour_category, array_inner_product(s.vector, v.vector) AS similarity
       FROM shown s JOIN vectors v ON v.product_id <> s.product_id)
     SELECT product, category, neighbour, neighbour_category, similarity FROM pairs
     QUALIFY row_number() OVER (PARTITION BY product ORDER BY similarity DESC, neighbour) <= ${NEIGHBOURS}
     ORDER BY lines DESC, product, similarity DESC`,
    {
      embeddings: join(features, 'product_embeddings.parquet'),
      products: join(processed, 'products.parquet'),
    },
  );
  const map = await productMapFigure({ processed, features });
  const same = neighbours.filter(
    ({ category, neighbour_category }) => category === neighbour_category,
  ).length;
  return {
    id: 'features',
    title: 'Brands and neighbours',
    body: html`${map}
${dataTable(
  'Largest pseudo-brands',
  [
    { title: 'brand' },
    { title: 'tier' },
    { title: 'products', numeric: true },
    { title: 'mean price', numeric: true },
  ],
  brands.map(({ brand, tier, products, price }) => [
    html`<code>${brand}</code>`,
    tier,
    count(products),
    pounds(price),
  ]),
)}
<p>Where the product vectors come from: ${sources.map(({ source, products }) => `${source} ${count(products)}`).join(', ')}.
Of the neighbours below, ${count(same)} of ${count(neighbours.length)} share the sub-commodity of their product.</p>
${dataTable(
  'Nearest products of best sellers by their vectors',
  [
    { title: 'product' },
    { title: 'sub-commodity' },
    { title: 'neighbour' },
    { title: 'its sub-commodity' },
    { title: 'cosine', numeric: true },
  ],
  neighbours.map(({ product, category, neighbour, neighbour_category, similarity }) => [
    product,
    category ?? 'none',
    neighbour,
    neighbour_category ?? 'none',
    fixed(similarity, 2),
  ]),
)}`,
    finding: undefined,
  };
}
