import { column, defineTable } from '@retail-sim/artifacts/schema';
import { MADE_BY } from './made-by.js';

const tensors = { madeBy: MADE_BY, version: 1 } as const;
const category = (code: string) =>
  column.utf8({ description: `${code}; empty on special rows and where unknown` });

export const productEntities = defineTable({
  ...tensors,
  name: 'product entities',
  file: 'entities/products.arrow',
  description:
    'One token: 0 PAD, 1.. products in ascending order, MASK and EOS behind them (spec section 4, 8.2). The row is the token.',
  columns: {
    product_id: column.utf8({ description: 'Product code; empty on special and unused rows' }),
    t2: column.fixedSizeList('float32', 256, {
      description:
        'Product embedding of layer 3 (norm 1); the MASK and EOS vectors; zeros on PAD and unused rows',
    }),
    prod10: category('PROD_CODE_10'),
    prod20: category('PROD_CODE_20'),
    prod30: category('PROD_CODE_30'),
    prod40: category('PROD_CODE_40'),
    typical_price: column.float32({
      description:
        'Median price in the fit window, for a product without a price in a store and week; 0: none',
      unit: 'GBP',
    }),
    first_week: column.uint16({ description: 'Calendar week of the first sale; 0: never', unit: 'weeks' }),
    is_novel: column.bool({ description: 'First sold after the train split' }),
    train_count: column.uint32({ description: 'Train baskets with the product' }),
  },
});

export const customerEntities = defineTable({
  ...tensors,
  name: 'customer entities',
  file: 'entities/customers.arrow',
  description: 'One known customer in ascending order; row 0 stands for anonymous ones.',
  columns: {
    customer_id: column.utf8({ description: 'Customer code; empty on row 0' }),
    seg1: column.uint8({ description: 'Place of seg_1 in the list of T1, from 1; 0: unknown' }),
    seg2: column.uint8({ description: 'Place of seg_2 in the list of T1, from 1; 0: unknown' }),
    first_week: column.uint16({ description: 'Calendar week of the first basket', unit: 'weeks' }),
    last_week: column.uint16({ description: 'Calendar week of the last basket', unit: 'weeks' }),
    n_baskets: column.uint32({ description: 'Baskets in the data', unit: 'baskets' }),
  },
});

export const customerStateEntities = defineTable({
  ...tensors,
  name: 'customer states',
  file: 'entities/customer_states.arrow',
  description:
    'What was known of a customer before a week, ascending by week and customer; row 0: nothing. Also one row per customer for the week after the last.',
  columns: {
    customer_row: column.uint32({ description: 'Row of entities/customers.arrow' }),
    week: column.uint16({ description: 'The state holds before this calendar week', unit: 'weeks' }),
    n_trips: column.uint32({ description: 'Baskets before the week', unit: 'baskets' }),
    history: column.fixedSizeList('float32', 96, {
      description: 'Layer 4 before blending: 64 of its history, its 32 statistics; not scaled by trip count',
    }),
    loyalty: column.float32({ description: 'Herfindahl index of the visits over stores', unit: 'share 0-1' }),
    switching: column.float32({ description: 'Share of weeks with a new store', unit: 'share 0-1' }),
    region_diversity: column.float32({ description: 'Regions visited', unit: 'regions' }),
    primary_store_row: column.uint16({ description: 'Row of entities/stores.arrow; 0: none' }),
    mission_prior: column.fixedSizeList('float32', 15, {
      description:
        'Expected classes of the next trip: 4 types, 5 focuses, 3 sensitivities, 3 sizes; each field sums to 1',
    }),
  },
});

export const customerTimelines = defineTable({
  ...tensors,
  name: 'customer timelines',
  file: 'entities/customer_timelines.arrow',
  description: 'One customer (the rows of entities/customers.arrow): its baskets in time order.',
  columns: {
    customer_row: column.uint32({ description: 'Row of entities/customers.arrow' }),
    baskets: column.list('uint32', { description: 'basket_row of each basket, oldest first' }),
  },
});

export const storeEntities = defineTable({
  ...tensors,
  name: 'store entities',
  file: 'entities/stores.arrow',
  description: 'One store in ascending order; row 0 stands for unknown ones.',
  columns: {
    store_id: column.utf8({ description: 'Store code; empty on row 0' }),
    format: column.utf8({ description: 'STORE_FORMAT; empty where unknown' }),
    region: column.utf8({ description: 'STORE_REGION; empty where unknown' }),
    t5: column.fixedSizeList('float32', 96, {
      description: 'T5: format 24, region 24, operations 32, identity 16',
    }),
    primary_store: column.fixedSizeList('float32', 16, {
      description: 'The vector of the store as somebody’s primary store, T1 160-175 before scaling',
    }),
    seen_in_train: column.bool({ description: 'Has a basket in the train split' }),
  },
});

export const priceEntities = defineTable({
  ...tensors,
  name: 'price entities',
  file: 'entities/prices.arrow',
  description:
    'One price, ascending by week, store and product; row 0: no price. The four scalars that T4 is a function of.',
  columns: {
    product_row: column.uint16({ description: 'Row of entities/products.arrow' }),
    store_row: column.uint16({ description: 'Row of entities/stores.arrow' }),
    week: column.uint16({ description: 'Calendar week', unit: 'weeks' }),
    actual: column.float32({ description: 'p: price of (product, store, week)', unit: 'GBP' }),
    base: column.float32({ description: 'b: base price', unit: 'GBP' }),
    category_avg: column.float32({
      description: 'c: mean price of the category over earlier weeks',
      unit: 'GBP',
    }),
    prior: column.float32({ description: 'q: latest earlier price', unit: 'GBP' }),
    prior_source: column.uint8({ description: 'Where q was seen: 0 own, 1 store, 2 region, 3 chain' }),
  },
});

/** Values of `prior_source`, by code. */
export const PRIOR_SOURCES = ['own', 'store', 'region', 'chain'] as const;

export const categoryPriceEntities = defineTable({
  ...tensors,
  name: 'category prices',
  file: 'entities/category_prices.arrow',
  description:
    'One category (PROD_CODE_10) and week with a price: the mean price over earlier weeks, for products without a price of their own there. Ascending by week and category.',
  columns: {
    week: column.uint16({ description: 'Calendar week', unit: 'weeks' }),
    category: column.uint16({ description: 'Place of PROD_CODE_10 in ascending order, from 0' }),
    average: column.float32({ description: 'c of the products of the category in that week', unit: 'GBP' }),
  },
});

export const calendarEntities = defineTable({
  ...tensors,
  name: 'calendar',
  file: 'entities/calendar.arrow',
  description: 'One week of the calendar, in order.',
  columns: {
    shop_week: column.int32({ description: 'Fiscal week', unit: 'YYYYWW' }),
    week: column.uint16({ description: 'Position in the calendar, from 1', unit: 'weeks' }),
    date_from: column.date({ nullable: true, description: 'Monday', unit: 'days since 1970-01-01' }),
    date_to: column.date({ nullable: true, description: 'Sunday', unit: 'days since 1970-01-01' }),
    has_data: column.bool({ description: 'The week has baskets' }),
  },
});
