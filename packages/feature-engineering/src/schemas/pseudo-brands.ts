import { column, defineTable } from '@retail-sim/artifacts/schema';
import { MADE_BY } from './made-by.js';

/** Layer 1. Ascending by `product_id`. */
export const pseudoBrands = defineTable({
  name: 'pseudo-brands',
  file: 'pseudo_brands.parquet',
  madeBy: MADE_BY,
  version: 1,
  description:
    'One row per product of the fit window: its brand-like cluster of sub-commodity, price tier and substitution group (spec section 3, layer 1).',
  columns: {
    product_id: column.utf8({ description: 'Product code.' }),
    sub_commodity: column.dictionary('uint16', {
      description: 'PROD_CODE_10 of the product; UNKNOWN where it has none.',
    }),
    commodity: column.dictionary('uint16', { description: 'PROD_CODE_20.' }),
    sub_department: column.dictionary('uint16', { description: 'PROD_CODE_30.' }),
    department: column.dictionary('uint16', { description: 'PROD_CODE_40.' }),
    pseudo_brand_id: column.utf8({
      description: 'Name of the cluster: sub-commodity, tier and a hash of the substitution group.',
    }),
    pseudo_brand_idx: column.int32({
      description:
        'Number of the cluster in ascending order of its name, from 1; 0 is kept for unknown products.',
    }),
    price_tier: column.dictionary('uint8', {
      description: 'premium, mid or value, by the price rank inside the sub-commodity.',
    }),
    category_price_percentile: column.float64({
      description: 'Rank of the mean price inside the sub-commodity, ties averaged.',
      unit: 'share 0-1',
    }),
    price_cv: column.float64({
      description: 'Coefficient of variation of the weekly chain median price, at most 2.',
      unit: 'ratio',
    }),
    competitive_intensity: column.int32({ description: 'Substitution edges of the product.', unit: 'edges' }),
    market_share_proxy: column.float64({
      description: 'Share of the units sold of the sub-commodity.',
      unit: 'share 0-1',
    }),
    relative_price: column.float64({
      description: 'Mean price divided by the unweighted mean price of the sub-commodity.',
      unit: 'ratio',
    }),
    brand_size: column.int32({ description: 'Products of the same cluster.', unit: 'products' }),
    mean_price: column.float64({
      description:
        'Mean actual price over the (store, week) cells; the sub-commodity median without a price.',
      unit: 'GBP',
    }),
    base_price: column.float64({ description: 'Mean base price over the same cells.', unit: 'GBP' }),
    avg_discount: column.float64({
      description: 'Mean discount depth over the same cells.',
      unit: 'share 0-1',
    }),
    promo_frequency: column.float64({ description: 'Share of the cells on promotion.', unit: 'share 0-1' }),
    substitution_cluster: column.int32({
      description:
        'Group of connected substitutes inside (sub-commodity, tier), from 1 in ascending order of its first product; 0 without substitutes.',
    }),
    median_price: column.float64({ description: 'Median actual price over the cells.', unit: 'GBP' }),
    price_std: column.float64({
      description: 'Sample standard deviation over the cells; 0 for one.',
      unit: 'GBP',
    }),
    n_price_cells: column.int32({ description: 'Cells behind the prices above.', unit: 'cells' }),
    has_price: column.bool({ description: 'False where no valid price was observed: prices are stand-ins.' }),
  },
});
