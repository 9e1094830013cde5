import type { DuckDBConnection } from '@duckdb/node-api';
import { parquet } from '../engine/sql.js';
import { readNumbers, readRows, streamNumbers } from '../engine/typed-chunk.js';
import { type CopurchaseEdge, copurchaseCandidates } from './copurchase-edges.js';
import { addBasket, createPairCounts, type PairCounts } from './count-pairs.js';
import { streamCategories } from './customer-baskets.js';
import { buildHierarchy, type Hierarchy, type ProductCategories } from './hierarchy.js';
import type { GraphParameters } from './parameters.js';
import { forEachBasket } from './stream-baskets.js';
import { type SubstitutionEdge, substitutionEdges } from './substitution-edges.js';
import { dropBeyondTopKOfAny, keepTopKOfEither } from './top-k.js';

export interface GraphOptions {
  readonly connection: DuckDBConnection;
  /** transactions.parquet, baskets.parquet, price_fallbacks_p.parquet; the table products stands in the engine. */
  readonly lines: string;
  readonly baskets: string;
  readonly productPrices: string | null;
  readonly parameters: GraphParameters;
  readonly compat: boolean;
  readonly fitThroughWeek: number;
}

export interface ProductTotals {
  readonly quantity: number;
  readonly spend: number;
}

/** Stage 2's result in memory: all of it is small, whatever the length of the input. */
export interface ProductGraphData {
  readonly ids: readonly string[];
  /** Products of the fit window, ascending. */
  readonly products: readonly (ProductCategories & ProductTotals)[];
  readonly hierarchy: Hierarchy;
  readonly copurchase: readonly CopurchaseEdge[];
  readonly substitution: readonly SubstitutionEdge[];
  readonly counts: PairCounts;
  /** Copurchase pairs before the pruning to the strongest of each product. */
  readonly copurchaseCandidates: number;
}

/** Stage 2 (spec section 2 §2). */
export async function buildProductGraph(options: GraphOptions): Promise<ProductGraphData> {
  const { connection, lines, fitThroughWeek, parameters, compat } = options;
  const all = await loadProducts(connection);
  const totals = await loadTotals(connection, lines, fitThroughWeek, all.length);
  const category = categoryCodes(all);
  await loadCategories(connection, category);

  const counts = createPairCounts(category);
  await forEachBasket(connection, lines, fitThroughWeek, (basket, from, to, isKnown) =>
    addBasket(counts, basket, from, to, isKnown, compat),
  );
  const candidates = copurchaseCandidates(counts, parameters);
  const copurchase = compat
    ? dropBeyondTopKOfAny(
        await inInsertionOrder(options, candidates),
        parameters.topKComplements,
        ({ lift }) => lift,
      )
    : keepTopKOfEither(candidates, parameters.topKComplements, byStrength);

  const price = compat ? await referencePrices(options, totals) : await medianPrices(options, totals);
  const customerBaskets = await loadCustomerBaskets(options);
  const pairs: SubstitutionEdge[] = [];
  for await (const products of streamCategories(options)) {
    pairs.push(...substitutionEdges(products, { parameters, compat, counts, price, customerBaskets }));
  }
  const complements = new Set(copurchase.map(({ source, target }) => `${source} ${target}`));
  const substitution = compat
    ? pairs
    : keepTopKOfEither(
        // A pair is one or the other: what is bought together is no substitute.
        pairs.filter(({ source, target }) => !complements.has(`${source} ${target}`)),
        parameters.topKSubstitutes,
        (a, b, node) => b.weight - a.weight || b.jaccard - a.jaccard || otherEnd(a, node) - otherEnd(b, node),
      );

  const products = all
    .map((product, code) => ({
      ...product,
      quantity: totals.quantity[code] ?? 0,
      spend: (totals.pence[code] ?? 0) / 100,
    }))
    .filter((_, code) => totals.lines[code] !== 0);
  return {
    ids: all.map(({ id }) => id),
    products,
    hierarchy: buildHierarchy(products, compat),
    copurchase,
    substitution,
    counts,
    copurchaseCandidates: candidates.length,
  };
}

function byStrength(a: CopurchaseEdge, b: CopurchaseEdge, node: number): number {
  return b.lift - a.lift || b.count - a.count || otherEnd(a, node) - otherEnd(b, node);
}

function otherEnd({ source, target }: { source: number; target: number }, node: number): number {
  return source === node ? target : source;
}

async function loadProducts(connection: DuckDBConnection): Promise<ProductCategories[]> {
  const rows = await readRows(
    connection,
    'SELECT product_id, sub_commodity, commodity, sub_department, department FROM products ORDER BY code',
  );
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  return rows.map((row, product) => ({
    product,
    id: text(row['product_id']) ?? '',
    categories: [
      text(row['sub_commodity']),
      text(row['commodity']),
      text(row['sub_department']),
      text(row['department']),
    ],
  }));
}

/** Code of each product's sub-commodity, -1 for none. */
function categoryCodes(products: readonly ProductCategories[]): Int32Array {
  const codes = new Map<string, number>();
  return Int32Array.from(products, ({ categories: [code] }) => {
    if (code === null) return -1;
    if (!codes.has(code)) codes.set(code, codes.size);
    return codes.get(code) ?? -1;
  });
}

async function loadCategories(connection: DuckDBConnection, category: Int32Array): Promise<void> {
  await connection.run('CREATE OR REPLACE TEMP TABLE categories (product UINTEGER, code INTEGER)');
  const rows = [...category].flatMap((code, product) => (code < 0 ? [] : [`(${product}, ${code})`]));
  if (rows.length > 0) await connection.run(`INSERT INTO categories VALUES ${rows.join(', ')}`);
}

interface Totals {
  readonly quantity: Float64Array;
  readonly pence: Float64Array;
  readonly lines: Float64Array;
}

async function loadTotals(
  connection: DuckDBConnection,
  lines: string,
  fitThroughWeek: number,
  products: number,
): Promise<Totals> {
  const [product, quantity, pence, count] = await readNumbers(
    connection,
    `SELECT product, sum(quantity)::DOUBLE, sum(spend_pence)::DOUBLE, count(*)::DOUBLE FROM ${parquet(lines)}
     WHERE week_idx <= ${fitThroughWeek} GROUP BY product`,
  );
  const totals = {
    quantity: new Float64Array(products),
    pence: new Float64Array(products),
    lines: new Float64Array(products),
  };
  product?.forEach((code, row) => {
    totals.quantity[code] = quantity?.[row] ?? 0;
    totals.pence[code] = pence?.[row] ?? 0;
    totals.lines[code] = count?.[row] ?? 0;
  });
  return totals;
}

/** All spend over all units. */
function meanPrices({ quantity, pence }: Totals): Float64Array {
  return pence.map((spend, code) => spend / 100 / Math.max(quantity[code] ?? 0, 1));
}

/**
 * The reference adds spend up in doubles, in the order of the input, with Kahan's compensation. Its last bit decides
 * pairs whose price gap is exactly the threshold, so parity needs the same sum.
 */
async function referencePrices(
  { connection, lines }: GraphOptions,
  { quantity }: Totals,
): Promise<Float64Array> {
  const sum = new Float64Array(quantity.length);
  const lost = new Float64Array(quantity.length);
  const sql = `SELECT product, spend_pence::DOUBLE FROM ${parquet(lines)} ORDER BY input_row`;
  for await (const { rows, columns } of streamNumbers(connection, sql)) {
    const [product, pence] = columns;
    for (let row = 0; row < rows; row += 1) {
      const code = product?.[row] ?? 0;
      const before = sum[code] ?? 0;
      const value = (pence?.[row] ?? 0) / 100 - (lost[code] ?? 0);
      const after = before + value;
      lost[code] = after - before - value;
      sum[code] = after;
    }
  }
  return sum.map((spend, code) => spend / Math.max(quantity[code] ?? 0, 1));
}

/** The median observed price of stage 1 in the fit window (PG-9), else spend over units. */
async function medianPrices(
  { connection, productPrices }: GraphOptions,
  totals: Totals,
): Promise<Float64Array> {
  const price = meanPrices(totals);
  if (productPrices === null) return price;
  const [product, actual] = await readNumbers(
    connection,
    `SELECT products.code, actual_price FROM ${parquet(productPrices)} AS fallback
     JOIN products ON products.product_id = fallback.product_id`,
  );
  product?.forEach((code, row) => {
    price[code] = actual?.[row] ?? Number.NaN;
  });
  return price;
}

/** Baskets of each known customer in the fit window. */
async function loadCustomerBaskets({
  connection,
  baskets,
  fitThroughWeek,
}: GraphOptions): Promise<Uint32Array> {
  const [customer, count] = await readNumbers(
    connection,
    `SELECT customer, count(*)::DOUBLE FROM ${parquet(baskets)}
     WHERE customer IS NOT NULL AND week_idx <= ${fitThroughWeek} GROUP BY customer`,
  );
  const result = new Uint32Array((customer?.reduce((max, code) => Math.max(max, code), -1) ?? -1) + 1);
  customer?.forEach((code, row) => {
    result[code] = count?.[row] ?? 0;
  });
  return result;
}

/** The reference inserts edges by the smallest basket number that holds the pair, then by the two products. */
async function inInsertionOrder(
  { connection, lines, fitThroughWeek }: GraphOptions,
  edges: readonly CopurchaseEdge[],
): Promise<CopurchaseEdge[]> {
  const positions = new Map<number, number>();
  const key = (a: number, b: number) => a * 2 ** 26 + b;
  edges.forEach(({ source, target }, index) => {
    positions.set(key(source, target), index);
  });
  const firstBasket = new Float64Array(edges.length).fill(Number.POSITIVE_INFINITY);
  await forEachBasket(connection, lines, fitThroughWeek, (basket, from, to, _isKnown, basketId) => {
    const end = Math.min(to, from + 50);
    for (let i = from; i < end; i += 1) {
      for (let j = i + 1; j < end; j += 1) {
        const position = positions.get(key(basket[i] ?? 0, basket[j] ?? 0));
        if (position !== undefined && basketId < (firstBasket[position] ?? 0))
          firstBasket[position] = basketId;
      }
    }
  });
  return edges
    .map((edge, index) => ({ edge, first: firstBasket[index] ?? 0 }))
    .sort((a, b) => a.first - b.first || a.edge.source - b.edge.source || a.edge.target - b.edge.target)
    .map(({ edge }) => edge);
}
