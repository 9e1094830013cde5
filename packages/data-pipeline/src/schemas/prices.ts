import { column, defineTable } from '@retail-sim/artifacts/schema';

const madeBy = 'retail-data-pipeline';

/** Stage 1, spec section 2 §1: one price per (product, store, week), sorted by these three. */
export const pricesDerived = defineTable({
  name: 'prices_derived',
  file: 'prices_derived.parquet',
  madeBy,
  version: 1,
  description:
    'One price of a product in a store in a week, observed or filled from the waterfall of fallbacks.',
  columns: {
    product_id: column.dictionary('uint32', { description: 'PROD_CODE' }),
    store_id: column.dictionary('uint32', { description: 'STORE_CODE' }),
    week: column.int32({ description: 'Fiscal week', unit: 'YYYYWW' }),
    week_idx: column.int16({ description: 'Position of the week in the calendar, 1-based', unit: 'weeks' }),
    region: column.dictionary('uint8', { nullable: true, description: 'STORE_REGION' }),
    actual_price: column.float64({
      description: 'Median unit price of the valid lines',
      unit: 'GBP per unit',
    }),
    base_price: column.float64({
      description: 'Highest actual price of the last 4 calendar weeks, this one included',
      unit: 'GBP per unit',
    }),
    discount_depth: column.float64({
      description: '1 - actual / base, clipped to 0-0.70',
      unit: 'share 0-1',
    }),
    promo_flag: column.uint8({ description: '1 where the discount is more than 5 %' }),
    imputation_method: column.dictionary('uint8', {
      description: 'observed, product_store, product_region_week or product',
    }),
    quality_score: column.float64({
      description: '1 less the penalties of spec section 2 §1',
      unit: 'share 0-1',
    }),
    validation_flags: column.dictionary('uint16', {
      description: 'Names of what is odd about the price, joined by |; empty: nothing',
    }),
    transaction_count: column.uint32({ description: 'Valid lines behind the price; 0: filled' }),
    total_quantity: column.integer({ description: 'Units of the valid lines', unit: 'units' }),
    total_spend: column.float64({ description: 'Spend of the valid lines', unit: 'GBP' }),
    price_std: column.float64({
      description: 'Sample standard deviation of the unit price within the cell; 0 for one line',
      unit: 'GBP per unit',
    }),
    base_weeks: column.uint8({
      description: 'Observed weeks inside the window of the base price; 1: a promotion could not be seen',
    }),
    thin: column.bool({ description: 'Fewer than 3 valid lines' }),
    discount_raw: column.float64({ description: '1 - actual / base before clipping', unit: 'share 0-1' }),
    pack_value: column.float64({
      nullable: true,
      description:
        'Median of spend / quantity where the product is sold by weight and its price is the chain median',
      unit: 'GBP',
    }),
  },
});

const level = {
  actual_price: column.float64({
    description: 'Median of the observed actual prices in the fit window',
    unit: 'GBP per unit',
  }),
  base_price: column.float64({
    description: 'Median of the observed base prices in the fit window',
    unit: 'GBP per unit',
  }),
  cells: column.uint32({ description: 'Observed prices behind the medians' }),
} as const;

/** First level of the waterfall for a (product, store, week) without a price. */
export const priceFallbacksPs = defineTable({
  name: 'price_fallbacks_ps',
  file: 'price_fallbacks_ps.parquet',
  madeBy,
  version: 1,
  description: 'Median prices of a product in a store over the fit window.',
  columns: {
    product_id: column.dictionary('uint32', { description: 'PROD_CODE' }),
    store_id: column.dictionary('uint32', { description: 'STORE_CODE' }),
    ...level,
  },
});

/** Second level of the waterfall. */
export const priceFallbacksPrw = defineTable({
  name: 'price_fallbacks_prw',
  file: 'price_fallbacks_prw.parquet',
  madeBy,
  version: 1,
  description: 'Median prices of a product in a region in a week of the fit window.',
  columns: {
    product_id: column.dictionary('uint32', { description: 'PROD_CODE' }),
    region: column.dictionary('uint8', { description: 'STORE_REGION' }),
    week: column.int32({ description: 'Fiscal week', unit: 'YYYYWW' }),
    week_idx: column.int16({ description: 'Position of the week in the calendar, 1-based', unit: 'weeks' }),
    ...level,
  },
});

/** Last level of the waterfall. */
export const priceFallbacksP = defineTable({
  name: 'price_fallbacks_p',
  file: 'price_fallbacks_p.parquet',
  madeBy,
  version: 1,
  description: 'Median prices of a product over the fit window.',
  columns: {
    product_id: column.dictionary('uint32', { description: 'PROD_CODE' }),
    ...level,
    variable_weight: column.bool({
      description: 'Sold by weight: spend / quantity is the value of a pack, not a price',
    }),
  },
});
