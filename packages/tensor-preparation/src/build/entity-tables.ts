// The entity tables that the pass over the baskets does not write itself.

import type { Batch, Stage, TableDefinition } from '@retail-sim/artifacts';
import { FIRST_SEGMENTS, SECOND_SEGMENTS } from '../encoders/customer-context.js';
import { PRODUCT_VECTOR_SIZE, specialVectors } from '../encoders/product-sequence.js';
import {
  meanIdentity,
  STORE_CONTEXT_SIZE,
  type StoreOperations,
  storeIdentity,
  UNKNOWN_OPERATIONS,
  writeStoreContext,
} from '../encoders/store-context.js';
import {
  calendarEntities,
  categoryPriceEntities,
  customerEntities,
  customerTimelines,
  productEntities,
  storeEntities,
} from '../schemas/entities.js';
import type { BasketSplit } from './basket-split.js';
import type { SampleSummary } from './build-samples.js';
import type { Dictionaries } from './upstream.js';

export interface EntitySources {
  readonly dictionaries: Dictionaries;
  /** `[products, 256]`. */
  readonly embeddings: Float32Array;
  readonly storeFeatures: ReadonlyMap<string, StoreOperations>;
  readonly typicalPrices: ReadonlyMap<string, number>;
  /** `[stores + 1, 16]`. */
  readonly primaryStores: Float32Array;
  readonly categoryAverages: ReadonlyMap<number, number>;
  readonly summary: SampleSummary;
  readonly split: BasketSplit;
  readonly special: { readonly mask: number; readonly eos: number; readonly size: number };
}

/** Customers of a timeline batch. */
const TIMELINE_ROWS = 65_536;

export async function writeEntities(stage: Stage, sources: EntitySources): Promise<void> {
  await stage.table(productEntities, [productBatch(sources)]);
  await stage.table(customerEntities, [customerBatch(sources)]);
  await stage.table(customerTimelines, timelineBatches(sources));
  await stage.table(storeEntities, [storeBatch(sources)]);
  await stage.table(calendarEntities, [calendarBatch(sources)]);
  await stage.table(categoryPriceEntities, [categoryPriceBatch(sources)]);
}

type RowsOf<T> = T extends TableDefinition<infer C> ? Batch<C> : never;

function productBatch({
  dictionaries: { products },
  embeddings,
  typicalPrices,
  summary,
  special,
}: EntitySources): RowsOf<typeof productEntities> {
  const rows = special.size;
  const count = products.product_id.length;
  const t2 = new Float32Array(rows * PRODUCT_VECTOR_SIZE);
  t2.set(embeddings, PRODUCT_VECTOR_SIZE);
  const vectors = specialVectors();
  t2.set(vectors.mask, special.mask * PRODUCT_VECTOR_SIZE);
  t2.set(vectors.eos, special.eos * PRODUCT_VECTOR_SIZE);
  const padded = (values: readonly string[]) => [
    '',
    ...values,
    ...Array.from({ length: rows - count - 1 }, () => ''),
  ];
  const category = ({ data, valid }: { data: readonly string[]; valid: Uint8Array }) =>
    padded(data.map((code, row) => (valid[row] === 1 ? code : '')));
  const firstWeek = new Uint16Array(rows);
  firstWeek.set(summary.firstWeek);
  const trainCount = new Uint32Array(rows);
  trainCount.set(summary.trainCount);
  const prices = new Float32Array(rows);
  for (const [place, id] of products.product_id.entries()) prices[place + 1] = typicalPrices.get(id) ?? 0;
  return {
    rows,
    columns: {
      product_id: padded(products.product_id),
      t2,
      prod10: category(products.sub_commodity),
      prod20: category(products.commodity),
      prod30: category(products.sub_department),
      prod40: category(products.department),
      typical_price: prices,
      first_week: firstWeek,
      is_novel: Uint8Array.from({ length: rows }, (_, token) =>
        token >= 1 && token <= count && trainCount[token] === 0 ? 1 : 0,
      ),
      train_count: trainCount,
    },
  };
}

function customerBatch({
  dictionaries: { customers },
  summary,
}: EntitySources): RowsOf<typeof customerEntities> {
  const rows = customers.customer_id.length + 1;
  const places = (list: readonly string[], { data, valid }: { data: readonly string[]; valid: Uint8Array }) =>
    Uint8Array.from({ length: rows }, (_, row) =>
      row > 0 && valid[row - 1] === 1 ? list.indexOf(data[row - 1] ?? '') + 1 : 0,
    );
  return {
    rows,
    columns: {
      customer_id: ['', ...customers.customer_id],
      seg1: places(FIRST_SEGMENTS, customers.seg_1),
      seg2: places(SECOND_SEGMENTS, customers.seg_2),
      first_week: summary.trips.firstWeek,
      last_week: summary.trips.lastWeek,
      n_baskets: summary.trips.counts,
    },
  };
}

/** Baskets of each customer row, in basket order; row 0 (anonymous) has none. */
function* timelineBatches({ summary }: EntitySources): Generator<RowsOf<typeof customerTimelines>> {
  const { customerOfBasket, trips } = summary;
  const customers = trips.counts.length;
  const ends = new Uint32Array(customers);
  for (let row = 1; row < customers; row++) ends[row] = (ends[row - 1] ?? 0) + (trips.counts[row] ?? 0);
  const next = new Uint32Array(customers);
  next.set(ends.subarray(0, -1), 1);
  const baskets = new Uint32Array(ends.at(-1) ?? 0);
  for (const [basketRow, customerRow] of customerOfBasket.entries()) {
    if (customerRow === 0) continue;
    const place = next[customerRow] ?? 0;
    next[customerRow] = place + 1;
    baskets[place] = basketRow;
  }
  for (let first = 0; first < customers; first += TIMELINE_ROWS) {
    const last = Math.min(first + TIMELINE_ROWS, customers);
    const start = first === 0 ? 0 : (ends[first - 1] ?? 0);
    const offsets = new Int32Array(last - first + 1);
    for (let row = first; row < last; row++) offsets[row - first + 1] = (ends[row] ?? 0) - start;
    yield {
      rows: last - first,
      columns: {
        customer_row: Uint32Array.from({ length: last - first }, (_, row) => first + row),
        baskets: { offsets, values: baskets.subarray(start, ends[last - 1] ?? 0) },
      },
    };
  }
}

function storeBatch({
  dictionaries: { stores },
  storeFeatures,
  primaryStores,
  summary,
}: EntitySources): RowsOf<typeof storeEntities> {
  const rows = stores.store_id.length + 1;
  const text = ({ data, valid }: { data: readonly string[]; valid: Uint8Array }) => [
    '',
    ...data.map((value, row) => (valid[row] === 1 ? value : '')),
  ];
  const formats = text(stores.store_format);
  const regions = text(stores.store_region);
  const ids = ['', ...stores.store_id];
  const identities = ids.map((id) => (id === '' ? new Float64Array(16) : storeIdentity(id)));
  const t5 = new Float32Array(rows * STORE_CONTEXT_SIZE);
  for (let row = 1; row < rows; row++) {
    const seen = summary.seenInTrain[row] === 1;
    const alike = seen
      ? []
      : identities.filter(
          (_, other) =>
            summary.seenInTrain[other] === 1 &&
            formats[other] === formats[row] &&
            regions[other] === regions[row],
        );
    writeStoreContext(
      { out: t5, offset: row * STORE_CONTEXT_SIZE },
      {
        format: formats[row] ?? '',
        region: regions[row] ?? '',
        operations: (seen ? storeFeatures.get(ids[row] ?? '') : undefined) ?? UNKNOWN_OPERATIONS,
        identity: seen ? (identities[row] ?? []) : meanIdentity(alike),
      },
    );
  }
  return {
    rows,
    columns: {
      store_id: ids,
      format: formats,
      region: regions,
      t5,
      primary_store: primaryStores,
      seen_in_train: summary.seenInTrain.slice(0, rows),
    },
  };
}

function calendarBatch({ dictionaries: { calendar } }: EntitySources): RowsOf<typeof calendarEntities> {
  return {
    rows: calendar.week.length,
    columns: {
      shop_week: calendar.week,
      week: Uint16Array.from(calendar.week_idx),
      date_from: calendar.date_from,
      date_to: calendar.date_to,
      has_data: Uint8Array.from(calendar.lines, (lines) => (lines > 0 ? 1 : 0)),
    },
  };
}

function categoryPriceBatch({ categoryAverages }: EntitySources): RowsOf<typeof categoryPriceEntities> {
  const keys = [...categoryAverages.keys()].sort((a, b) => a - b);
  return {
    rows: keys.length,
    columns: {
      week: Uint16Array.from(keys, (key) => Math.floor(key / 65536)),
      category: Uint16Array.from(keys, (key) => key % 65536),
      average: Float32Array.from(keys, (key) => categoryAverages.get(key) ?? 0),
    },
  };
}
