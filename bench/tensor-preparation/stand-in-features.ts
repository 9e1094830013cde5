// One process: `PROCESSED FEATURES`. Writes a feature folder of the right shapes and row counts beside a real pipeline
// folder, for measuring tensor preparation where no features are at hand. The vectors mean nothing.
import { batchFromRows, openStage, readTable, readWholeTable, verifyUpstream } from '@retail-sim/artifacts';
import {
  customerStoreAffinityWeekly,
  pricesDerived,
  products,
  stores,
} from '@retail-sim/data-pipeline/schemas';
import {
  customerStates,
  priceFeatures,
  productEmbeddings,
  storeFeatures,
} from '@retail-sim/feature-engineering/schemas';
import { counterUniform, fnv1a32 } from '@retail-sim/random';

const [processed = '', features = ''] = process.argv.slice(2);
const pipeline = await verifyUpstream(processed, { command: 'retail-data-pipeline' });
const productIds = (await readWholeTable(pipeline.path(products), products)).columns.product_id;
const store = (await readWholeTable(pipeline.path(stores), stores)).columns;

function noise(name: string, length: number): Float32Array {
  const seed = fnv1a32(name);
  return Float32Array.from(
    { length },
    (_, index) => (2 * counterUniform(seed, index) - 1) / Math.sqrt(length / 3),
  );
}

async function* states() {
  const columns = ['customer_id', 'week_idx', 'n_trips'] as const;
  for await (const batch of readTable(
    pipeline.path(customerStoreAffinityWeekly),
    customerStoreAffinityWeekly,
    {
      columns,
      batchRows: 4096,
    },
  )) {
    const { rows } = batch;
    yield {
      rows,
      columns: {
        customer_id: batch.columns.customer_id,
        week: Int32Array.from(batch.columns.week_idx),
        week_idx: batch.columns.week_idx,
        trips: Int32Array.from(batch.columns.n_trips),
        embedding: new Float32Array(rows * 160),
        history: noise(`history:${rows}`, rows * 128),
        statistics: noise(`statistics:${rows}`, rows * 32),
      },
    };
  }
}

async function* prices() {
  const columns = [
    'product_id',
    'store_id',
    'week',
    'week_idx',
    'actual_price',
    'base_price',
    'discount_depth',
  ] as const;
  for await (const { rows, columns: cell } of readTable(pipeline.path(pricesDerived), pricesDerived, {
    columns,
  })) {
    const source = (values: readonly string[]) => ({ codes: new Uint8Array(rows), values });
    yield {
      rows,
      columns: {
        ...cell,
        category_price: cell.actual_price.map((price, row) => price * (0.5 + (row % 11) / 10)),
        prior_price: cell.actual_price.map((price, row) => price * (0.9 + (row % 5) / 20)),
        category_source: source(['sub_commodity']),
        prior_source: source(['store']),
        encoding: { data: new Float32Array(rows * 64), valid: new Uint8Array(rows) },
      },
    };
  }
}

await using stage = await openStage(features, 'retail-feature-engineering');
await stage.table(productEmbeddings, [
  batchFromRows(
    productEmbeddings,
    productIds.map((id) => ({ product_id: id, embedding: noise(id, 256), source: 'spectral' })),
  ),
]);
await stage.table(customerStates, states());
await stage.table(priceFeatures, prices());
await stage.table(storeFeatures, [
  batchFromRows(
    storeFeatures,
    store.store_id.map((id, row) => ({
      store_id: id,
      format: store.store_format.data[row] ?? '',
      region: store.store_region.data[row] ?? '',
      total_baskets: 1,
      unique_customers: 1,
      baskets_per_week_norm: counterUniform(1, row),
      customers_per_week_norm: counterUniform(2, row),
      avg_spend_norm: counterUniform(3, row),
      tenure_weeks_norm: counterUniform(4, row),
      embedding: new Float32Array(96),
    })),
  ),
]);
await stage.commit({
  mode: 'corrected',
  parameters: { standIn: true },
  seed: 42,
  fitThroughWeek: pipeline.manifest.fitThroughWeek,
  split: pipeline.manifest.split,
  inputs: [],
  upstream: [pipeline.link(features)],
  rejects: null,
  counts: {},
});
