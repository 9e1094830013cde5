import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { type Upstream, verifyUpstream } from '@retail-sim/artifacts';
import type { TableDefinition } from '@retail-sim/artifacts/schema';
import { openEngine } from '../engine/open-engine.js';
import { parquet } from '../engine/sql.js';
import { readRows } from '../engine/typed-chunk.js';
import { openProductGraph } from '../product-graph/open-product-graph.js';
import {
  baskets,
  customerMissionPatterns,
  customerStoreAffinity,
  pricesDerived,
  productGraphEdges,
  rejects,
  stores,
  transactions,
} from '../schemas/index.js';
import { INGEST_TABLES } from '../steps/ingest.js';
import { describeGraph, type GraphDescription } from './describe-graph.js';

/** A row of a query: numbers, texts and nulls. */
export type Figures = Readonly<Record<string, number | string | null>>;

/** What `retail-data-pipeline describe` prints; a part is null where its stage has not run. */
export interface Description {
  readonly folder: string;
  readonly mode: string;
  readonly split: string | null;
  /** YYYYWW */
  readonly fitThroughWeek: number | null;
  /** Counts, dates, shares; spend in GBP. */
  readonly data: Figures;
  /** Column to share of rows without a value. */
  readonly nullShares: Readonly<Record<string, number>>;
  readonly rejects: readonly Figures[];
  readonly topStores: readonly Figures[];
  readonly prices: {
    readonly summary: Figures;
    readonly methods: readonly Figures[];
    readonly flags: readonly Figures[];
  } | null;
  readonly graph: GraphDescription | null;
  readonly affinity: Figures | null;
  readonly missions: Figures | null;
}

/** Reads a folder of the data pipeline and says what is in it. */
export async function describeProcessed(folder: string, threads: number): Promise<Description> {
  const upstream = await verifyUpstream(folder, { command: 'retail-data-pipeline', tables: INGEST_TABLES });
  const { manifest } = upstream;
  const scratch = await mkdtemp(join(tmpdir(), 'describe-'));
  try {
    await using engine = await openEngine({ folder: scratch, threads, memoryLimit: 1e9 });
    const { connection } = engine;
    return {
      folder,
      mode: manifest.mode,
      split: manifest.split,
      fitThroughWeek: manifest.fitThroughWeek,
      data: await one(connection, dataSql(upstream)),
      nullShares: await nullShares(connection, upstream),
      rejects: await all(
        connection,
        `SELECT reason, count(*) AS rows FROM ${of(upstream, rejects)} GROUP BY reason ORDER BY rows DESC, reason`,
      ),
      topStores: await all(connection, topStoresSql(upstream)),
      prices: has(upstream, pricesDerived) ? await describePrices(connection, upstream) : null,
      graph: has(upstream, productGraphEdges) ? describeGraph(await openProductGraph(folder)) : null,
      affinity: has(upstream, customerStoreAffinity) ? await one(connection, affinitySql(upstream)) : null,
      missions: has(upstream, customerMissionPatterns) ? await one(connection, missionSql(upstream)) : null,
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const of = (upstream: Upstream, table: TableDefinition) => parquet(upstream.path(table));
const has = ({ manifest }: Upstream, { file }: TableDefinition) => manifest.outputs[file] !== undefined;

function dataSql(upstream: Upstream): string {
  return `SELECT count(*) AS baskets, sum(lines) AS lines, sum(quantity) AS units, sum(spend_pence) / 100 AS spend,
      count(DISTINCT customer) AS customers, count(DISTINCT store) AS stores, count(DISTINCT week) AS weeks,
      avg((customer IS NULL)::INTEGER) AS anonymous_share, avg(products) AS products_per_basket,
      min(week) AS first_week, max(week) AS last_week,
      min(shop_date)::VARCHAR AS first_date, max(shop_date)::VARCHAR AS last_date,
      (SELECT count(DISTINCT product) FROM ${of(upstream, transactions)}) AS products
    FROM ${of(upstream, baskets)}`;
}

/** Every column that may lack a value. */
async function nullShares(
  connection: DuckDBConnection,
  upstream: Upstream,
): Promise<Readonly<Record<string, number>>> {
  const shares: Record<string, number> = {};
  for (const table of INGEST_TABLES) {
    if (table === baskets || table === rejects) continue;
    const columns = Object.entries(table.columns).filter(
      ([name, column]) => 'nullable' in column && column.nullable === true && name !== 'input_row',
    );
    if (columns.length === 0) continue;
    const counts = columns.map(([name]) => `count(*) - count(${name}) AS ${name}`).join(', ');
    const row = await one(connection, `SELECT count(*) AS total, ${counts} FROM ${of(upstream, table)}`);
    for (const [name] of columns) {
      const total = Number(row['total'] ?? 0);
      shares[`${table.name}.${name}`] = total === 0 ? 0 : Number(row[name] ?? 0) / total;
    }
  }
  return shares;
}

function topStoresSql(upstream: Upstream): string {
  return `WITH store AS (SELECT row_number() OVER () - 1 AS code, * FROM ${of(upstream, stores)})
    SELECT store_id, store_format, store_region, count(*) AS baskets, sum(spend_pence) / 100 AS spend,
      sum(spend_pence) / (SELECT sum(spend_pence) FROM ${of(upstream, baskets)}) AS share
    FROM ${of(upstream, baskets)} AS basket JOIN store ON store.code = basket.store
    GROUP BY ALL ORDER BY spend DESC, store_id LIMIT 10`;
}

async function describePrices(connection: DuckDBConnection, upstream: Upstream) {
  const prices = of(upstream, pricesDerived);
  return {
    summary: await one(
      connection,
      `SELECT count(*) AS rows, count(DISTINCT product_id) AS products, min(actual_price) AS minimum,
         quantile_cont(actual_price, 0.25) AS p25, median(actual_price) AS median,
         quantile_cont(actual_price, 0.75) AS p75, max(actual_price) AS maximum,
         avg(quality_score) AS mean_quality, avg(thin::INTEGER) AS thin_share,
         sum(promo_flag) AS promotions, avg(promo_flag) AS promotion_share,
         avg(discount_depth) FILTER (WHERE promo_flag = 1) AS mean_promotion_depth,
         count(DISTINCT product_id) FILTER (WHERE pack_value IS NOT NULL) AS products_sold_by_weight
       FROM ${prices}`,
    ),
    methods: await all(
      connection,
      `SELECT imputation_method AS method, count(*) AS rows FROM ${prices} GROUP BY method ORDER BY rows DESC, method`,
    ),
    flags: await all(
      connection,
      `SELECT flag, count(*) AS rows FROM (SELECT unnest(string_split(validation_flags, '|')) AS flag FROM ${prices})
       WHERE flag <> '' GROUP BY flag ORDER BY rows DESC, flag`,
    ),
  };
}

function affinitySql(upstream: Upstream): string {
  return `SELECT count(*) AS customers, count(DISTINCT primary_store) AS primary_stores,
      avg(loyalty_score) AS mean_loyalty, avg((loyalty_score > 0.7)::INTEGER) AS share_loyal,
      avg((loyalty_score < 0.3)::INTEGER) AS share_disloyal, avg(switching_rate) AS mean_switching,
      avg((switching_rate = 0)::INTEGER) AS share_never_switching, avg(total_stores_visited) AS mean_stores,
      avg(tenure_weeks) AS mean_tenure_weeks
    FROM ${of(upstream, customerStoreAffinity)}`;
}

function missionSql(upstream: Upstream): string {
  const shares = Object.keys(customerMissionPatterns.columns).filter((name) =>
    /^p_(mission|focus)_/.test(name),
  );
  return `SELECT count(*) AS customers, ${shares.map((name) => `avg(${name}) AS ${name}`).join(', ')},
      avg(mean_price_sensitivity) AS mean_price_sensitivity, avg(mission_consistency) AS mean_consistency,
      avg(total_trips) AS mean_trips, avg(avg_items_per_trip) AS mean_items, avg(avg_spend_per_trip) AS mean_spend
    FROM ${of(upstream, customerMissionPatterns)}`;
}

async function one(connection: DuckDBConnection, sql: string): Promise<Figures> {
  const [row = {}] = await all(connection, sql);
  return row;
}

async function all(connection: DuckDBConnection, sql: string): Promise<Figures[]> {
  const rows = await readRows(connection, sql);
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])),
  );
}

/** The engine gives big integers for counts and sums; all of them are exact as doubles. */
function plain(value: unknown): number | string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' ? value : String(value);
}
