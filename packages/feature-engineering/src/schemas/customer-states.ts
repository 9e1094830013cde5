import { column, defineTable } from '@retail-sim/artifacts/schema';
import { MADE_BY } from './made-by.js';

/** Lengths of the two parts of a customer vector. */
export const CUSTOMER_HISTORY_SIZE = 128;
export const CUSTOMER_STATISTICS_SIZE = 32;
export const CUSTOMER_EMBEDDING_SIZE = CUSTOMER_HISTORY_SIZE + CUSTOMER_STATISTICS_SIZE;

const state = {
  trips: column.int32({ description: 'Baskets of the customer before the week.', unit: 'baskets' }),
  embedding: column.fixedSizeList('float32', CUSTOMER_EMBEDDING_SIZE, {
    description:
      'History 128 (blended with the population mean by trip count, norm 1/sqrt 2), then statistics 32 (norm 1/sqrt 2).',
  }),
  history: column.fixedSizeList('float32', CUSTOMER_HISTORY_SIZE, {
    description: 'The history alone, before blending: what tensor T1 reads.',
  }),
  statistics: column.fixedSizeList('float32', CUSTOMER_STATISTICS_SIZE, {
    description: 'The statistics alone, before scaling: shares, means and counts as layer 4 lists them.',
  }),
};

/** Layer 4. Ascending by customer, then week. */
export const customerStates = defineTable({
  name: 'customer history embeddings',
  file: 'customer_history_embeddings.parquet',
  madeBy: MADE_BY,
  version: 1,
  description:
    'One row per (customer, week shopped) with an earlier basket: the customer as known before that week, from baskets of earlier weeks only (spec section 3, layer 4). In reference mode one row per customer, from all weeks.',
  columns: {
    customer_id: column.dictionary('uint32', { description: 'Customer code.' }),
    week: column.int32({
      description: 'The state holds what was known before this fiscal week; 0 in reference mode.',
      unit: 'YYYYWW',
    }),
    week_idx: column.int16({
      description: 'Position of the week in the calendar, from 1; 0 in reference mode.',
      unit: 'weeks',
    }),
    ...state,
  },
});

/** Layer 4. Ascending by customer. */
export const customerEmbeddings = defineTable({
  name: 'customer embeddings',
  file: 'customer_embeddings.parquet',
  madeBy: MADE_BY,
  version: 1,
  description:
    'One row per customer of the fit window: the state after its last week, from the fit window only (spec section 3, layer 4).',
  columns: {
    customer_id: column.utf8({ description: 'Customer code.' }),
    ...state,
  },
});
