import { column, defineTable } from '@retail-sim/artifacts/schema';
import { MADE_BY } from './made-by.js';

/** Length of a store vector. */
export const STORE_EMBEDDING_SIZE = 96;

/** The four parts of a store vector, `[first, end)` (corrected mode). */
export const STORE_EMBEDDING_BLOCKS = {
  format: [0, 24],
  region: [24, 48],
  operational: [48, 80],
  identity: [80, 96],
} as const;

const norm = (what: string) =>
  column.float64({
    description: `${what}, clipped to the 1-99 % quantiles over the stores, then 0-1.`,
    unit: 'share 0-1',
  });

/** Layer 5. Ascending by `store_id`. */
export const storeFeatures = defineTable({
  name: 'store features',
  file: 'store_features.parquet',
  madeBy: MADE_BY,
  version: 1,
  description:
    'One row per store of the fit window: what it is and how it operates (spec section 3, layer 5).',
  columns: {
    store_id: column.utf8({ description: 'Store code.' }),
    format: column.dictionary('uint8', { description: 'STORE_FORMAT; UNKNOWN where it has none.' }),
    region: column.dictionary('uint8', { description: 'STORE_REGION; UNKNOWN where it has none.' }),
    total_baskets: column.int32({ description: 'Baskets of the fit window.', unit: 'baskets' }),
    unique_customers: column.int32({ description: 'Known customers of the fit window.', unit: 'customers' }),
    baskets_per_week_norm: norm('Baskets per active week'),
    customers_per_week_norm: norm('Known customers per active week'),
    avg_spend_norm: norm('Mean spend of a basket'),
    tenure_weeks_norm: norm('Weeks from the first to the last sale'),
    embedding: column.fixedSizeList('float32', STORE_EMBEDDING_SIZE, {
      description:
        'Format 24, region 24, operational 32, identity 16; in reference mode identity 32, format and region 32, operational 32.',
    }),
  },
});
