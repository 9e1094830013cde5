import { column, defineTable } from '@retail-sim/artifacts/schema';
import { PRICE_ENCODING_SIZE } from '../price-encoding/index.js';
import { MADE_BY } from './made-by.js';

/** Layer 2. In the row order of `prices_derived.parquet`: ascending by product, store, week. */
export const priceFeatures = defineTable({
  name: 'price features',
  file: 'price_features.parquet',
  madeBy: MADE_BY,
  version: 1,
  description:
    'One row per (product, store, week) with a price: the four scalars of the price function and, unless left out, its 64 values (spec section 4, 3.4; in reference mode section 3, layer 2).',
  columns: {
    product_id: column.dictionary('uint32', { description: 'Product code.' }),
    store_id: column.dictionary('uint32', { description: 'Store code.' }),
    week: column.int32({ description: 'Fiscal week of the price.', unit: 'YYYYWW' }),
    week_idx: column.int16({ description: 'Position of the week in the calendar, from 1.', unit: 'weeks' }),
    actual_price: column.float64({ description: 'p: price paid.', unit: 'GBP' }),
    base_price: column.float64({ description: 'b: shelf price.', unit: 'GBP' }),
    category_price: column.float64({
      description: 'c: mean price of the category over earlier weeks; the price itself where there is none.',
      unit: 'GBP',
    }),
    prior_price: column.float64({
      description: 'q: latest earlier price; the price itself where there is none.',
      unit: 'GBP',
    }),
    discount_depth: column.float64({ description: 'Discount of the price table.', unit: 'share 0-1' }),
    category_source: column.dictionary('uint8', {
      description:
        'Whose mean `category_price` is: sub_commodity, commodity or own; id_prefix in reference mode.',
    }),
    prior_source: column.dictionary('uint8', {
      description: 'Where `prior_price` was seen: store, region, chain or own.',
    }),
    encoding: column.fixedSizeList('float32', PRICE_ENCODING_SIZE, {
      description:
        'encodePrice(p, b, c, q): Fourier 24, log 16, relative 16, velocity 8. Missing with --price-scalars.',
      nullable: true,
    }),
  },
});
