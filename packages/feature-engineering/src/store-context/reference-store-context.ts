// `--compat reference`: layer 5 as the reference computes it (spec section 3, layer 5): over rows instead of baskets, a
// weekend of Friday and Saturday, plain min-max, products of neighbours.

import { type RowOf, readTable, readWholeTable, type Upstream } from '@retail-sim/artifacts';
import { customerStoreAffinity, stores, transactions } from '@retail-sim/data-pipeline/schemas';
import { mersenneTwister } from '@retail-sim/random';
import { readLabelPositions } from '../read-processed/read-labels.js';
import { referenceSeed } from '../reference/string-hash.js';
import { STORE_EMBEDDING_SIZE, type storeFeatures } from '../schemas/store-features.js';

const LABEL_SEED = 44;
const IDENTITY_SIZE = 32;
const LABEL_SIZE = 16;
const LABEL_SCALE = 0.1;
const OPERATIONAL_OFFSET = 64;
const OPERATIONAL_COLUMNS = 10;
const HOURS = 24;

/** Raw numbers of one store, in the order of the operational block. */
interface StoreSums {
  rows: number;
  baskets: number;
  spend: number;
  spendSquared: number;
  quantity: number;
  weekend: number;
  large: number;
  fresh: number;
  readonly weeks: Set<number>;
  readonly customers: Set<number>;
  readonly hours: Uint32Array;
}

/** One row a store, ascending by id. */
export async function referenceStoreFeatures(pipeline: Upstream): Promise<RowOf<typeof storeFeatures>[]> {
  const store = (await readWholeTable(pipeline.path(stores), stores)).columns;
  const sums = await sumRows(pipeline, store.store_id.length);
  const loyalty = await meanLoyalties(pipeline);
  const places = store.store_id.map((_, place) => place).filter((place) => (sums[place]?.rows ?? 0) > 0);
  const columns = operationalColumns(
    places.map((place) => rawNumbers(sums[place], loyalty.get(store.store_id[place] ?? ''))),
  );
  const text = ({ data, valid }: { data: readonly string[]; valid: Uint8Array }, place: number) =>
    valid[place] === 1 ? (data[place] ?? '') : '';
  const formats = places.map((place) => text(store.store_format, place));
  const regions = places.map((place) => text(store.store_region, place));
  const [formatVectors, regionVectors] = labelVectors([formats, regions]);

  return places.map((place, row) => {
    const storeId = store.store_id[place] ?? '';
    const operational = operationalBlock(columns.map((column) => column[row] ?? 0));
    const embedding = new Float64Array(STORE_EMBEDDING_SIZE);
    embedding.set(identity(storeId), 0);
    embedding.set(formatVectors?.get(formats[row] ?? '') ?? [], IDENTITY_SIZE);
    embedding.set(regionVectors?.get(regions[row] ?? '') ?? [], IDENTITY_SIZE + LABEL_SIZE);
    embedding.set(operational, OPERATIONAL_OFFSET);
    return {
      store_id: storeId,
      format: formats[row] ?? '',
      region: regions[row] ?? '',
      total_baskets: sums[place]?.baskets ?? 0,
      unique_customers: sums[place]?.customers.size ?? 0,
      baskets_per_week_norm: operational[0] ?? 0.5,
      customers_per_week_norm: operational[1] ?? 0.5,
      avg_spend_norm: operational[2] ?? 0.5,
      // SC-8: the reference writes none of these four; the tensors then read 0.5.
      tenure_weeks_norm: 0.5,
      embedding,
    };
  });
}

async function sumRows(pipeline: Upstream, count: number): Promise<StoreSums[]> {
  const labels = await readLabelPositions(pipeline);
  const sums = Array.from(
    { length: count },
    (): StoreSums => ({
      rows: 0,
      baskets: 0,
      spend: 0,
      spendSquared: 0,
      quantity: 0,
      weekend: 0,
      large: 0,
      fresh: 0,
      weeks: new Set(),
      customers: new Set(),
      hours: new Uint32Array(HOURS),
    }),
  );
  let lastBasket = -1;
  for await (const { rows, columns } of readTable(pipeline.path(transactions), transactions, {
    columns: [
      'basket_id',
      'week_idx',
      'shop_weekday',
      'shop_hour',
      'store',
      'customer',
      'quantity',
      'spend_pence',
      'basket_size',
      'basket_dominant_mission',
    ],
  })) {
    for (let row = 0; row < rows; row++) {
      const store = sums[columns.store[row] ?? 0];
      if (store === undefined) continue;
      const spend = columns.spend_pence[row] ?? 0;
      const weekday = columns.shop_weekday[row] ?? 0;
      const hour = columns.shop_hour[row] ?? 0;
      store.rows++;
      if (columns.basket_id[row] !== lastBasket) store.baskets++;
      lastBasket = columns.basket_id[row] ?? -1;
      store.spend += spend;
      store.spendSquared += spend * spend;
      store.quantity += columns.quantity[row] ?? 0;
      if (weekday >= 6) store.weekend++;
      if (isLabel(columns.basket_size, labels.basket_size, row, 2)) store.large++;
      if (isLabel(columns.basket_dominant_mission, labels.basket_dominant_mission, row, 0)) store.fresh++;
      store.weeks.add(columns.week_idx[row] ?? 0);
      if (columns.customer.valid[row] === 1) store.customers.add(columns.customer.data[row] ?? 0);
      store.hours[hour % HOURS] = (store.hours[hour % HOURS] ?? 0) + 1;
    }
  }
  return sums;
}

function isLabel(
  { data, valid }: { data: Uint8Array; valid: Uint8Array },
  positions: Int8Array,
  row: number,
  position: number,
): boolean {
  return valid[row] === 1 && positions[data[row] ?? 0] === position;
}

async function meanLoyalties(pipeline: Upstream): Promise<ReadonlyMap<string, number>> {
  const { columns, rows } = await readWholeTable(
    pipeline.path(customerStoreAffinity),
    customerStoreAffinity,
    {
      columns: ['primary_store', 'loyalty_score'],
    },
  );
  const sums = new Map<string, [sum: number, count: number]>();
  for (let row = 0; row < rows; row++) {
    const store = columns.primary_store.values[columns.primary_store.codes[row] ?? 0] ?? '';
    const [sum, count] = sums.get(store) ?? [0, 0];
    sums.set(store, [sum + (columns.loyalty_score[row] ?? 0), count + 1]);
  }
  return new Map([...sums].map(([store, [sum, count]]) => [store, sum / count]));
}

function rawNumbers(sums: StoreSums | undefined, loyalty = 0.5): number[] {
  if (sums === undefined) return [];
  const { rows, spend, spendSquared } = sums;
  const weeks = Math.max(sums.weeks.size, 1);
  const mean = spend / rows / 100;
  // NaN for a single row; one of them makes the whole column constant (SC-5).
  const std = Math.sqrt(Math.max(0, spendSquared - (spend * spend) / rows) / (rows - 1)) / 100;
  const busiest = sums.hours.reduce(
    (best, count, hour) => (count > (sums.hours[best] ?? 0) ? hour : best),
    0,
  );
  return [
    sums.baskets / weeks,
    sums.customers.size / weeks,
    mean,
    std / Math.max(mean, 0.01),
    sums.quantity / rows,
    busiest,
    sums.weekend / rows,
    sums.large / rows,
    sums.fresh / rows,
    loyalty,
  ];
}

/** Min-max over the stores, column by column; a column without differences, or with a gap, is 0.5 throughout. */
function operationalColumns(stores: readonly (readonly number[])[]): number[][] {
  return Array.from({ length: OPERATIONAL_COLUMNS }, (_, column) => {
    const values = stores.map((numbers) => numbers[column] ?? Number.NaN);
    const low = Math.min(...values);
    const high = Math.max(...values);
    return values.map((value) => (high > low ? (value - low) / (high - low) : 0.5));
  });
}

/** Ten columns, 17 products of neighbours, zeros. */
function operationalBlock(columns: readonly number[]): number[] {
  const products: number[] = [];
  for (let i = 0; i < OPERATIONAL_COLUMNS - 1; i++) {
    for (let j = i + 1; j <= Math.min(i + 2, OPERATIONAL_COLUMNS - 1); j++) {
      products.push((columns[i] ?? 0) * (columns[j] ?? 0));
    }
  }
  return [...columns, ...products, ...new Array<number>(5).fill(0)];
}

/** One stream for all labels, in the order in which they appear: formats first, then regions (SC-11). */
function labelVectors(lists: readonly (readonly string[])[]): ReadonlyMap<string, number[]>[] {
  const { normal } = mersenneTwister(LABEL_SEED);
  return lists.map(
    (labels) =>
      new Map(
        [...new Set(labels)]
          .filter((label) => label !== '')
          .map((label) => [label, Array.from({ length: LABEL_SIZE }, () => LABEL_SCALE * normal())]),
      ),
  );
}

function identity(storeId: string): number[] {
  const { normal } = mersenneTwister(referenceSeed(storeId));
  const vector = Array.from({ length: IDENTITY_SIZE }, () => LABEL_SCALE * normal());
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}
