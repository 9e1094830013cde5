import { column, defineTable } from '@retail-sim/artifacts/schema';

const madeBy = 'retail-sample-data';

const product = column.uint16({ description: 'Position of the product, from 0' });
const productCode = column.utf8({ description: 'PROD_CODE' });

/** The planted truth about products. */
export const productTruth = defineTable({
  name: 'product_truth',
  file: 'ground_truth/products.parquet',
  madeBy,
  version: 1,
  description: 'What sample data plants about each product.',
  columns: {
    product,
    product_code: productCode,
    class_code: column.utf8({ description: 'PROD_CODE_10' }),
    department_code: column.utf8({ description: 'PROD_CODE_20' }),
    group_code: column.utf8({ description: 'PROD_CODE_30' }),
    division_code: column.utf8({ description: 'PROD_CODE_40' }),
    popularity: column.float64({ description: 'Share of all lines at base prices', unit: 'share 0-1' }),
    base_price: column.float64({ description: 'Price in the first week', unit: 'GBP' }),
    weighed: column.bool({ description: 'Sold by weight: each line has its own price' }),
    own_elasticity: column.float64({ description: 'Own-price elasticity of demand; 0 in the profile lgsr' }),
    substitute_code: column.utf8({
      description: 'The nearest product of the class; itself where there is none',
    }),
    cross_elasticity: column.float64({ description: 'Elasticity of demand in the price of the substitute' }),
    season_peak: column.uint8({ description: 'Fiscal week of the season', unit: 'week 1-52' }),
    season_strength: column.float64({ description: 'Spread of the season on the log scale; 0: none' }),
    first_week: column.uint16({ description: 'Week index of the launch', unit: 'weeks from the first' }),
  },
});

/** The planted truth about customers. */
export const customerTruth = defineTable({
  name: 'customer_truth',
  file: 'ground_truth/customers.parquet',
  madeBy,
  version: 1,
  description: 'What sample data plants about each customer.',
  columns: {
    customer_code: column.utf8({ description: 'CUST_CODE' }),
    price_segment: column.utf8({ description: 'seg_1' }),
    life_stage: column.utf8({ description: 'seg_2, empty where unknown' }),
    visits_per_week: column.float64({ description: 'Expected baskets of a week', unit: 'baskets' }),
    first_week: column.uint16({ description: 'Week index of the first possible visit' }),
    last_week: column.uint16({ description: 'Week index of the last possible visit' }),
    basket_shift: column.float64({ description: 'Shift of the logarithm of basket lengths, normal scale' }),
    favourite_store: column.utf8({ description: 'STORE_CODE of the main store' }),
    favourite_share: column.float64({ description: 'Share of the visits that go there', unit: 'share 0-1' }),
  },
});

/** The products that each customer buys again and again. */
export const repertoireTruth = defineTable({
  name: 'repertoire_truth',
  file: 'ground_truth/repertoires.parquet',
  madeBy,
  version: 1,
  description: 'Personal repertoires: product shares of each customer before prices, seasons and missions.',
  columns: {
    customer_code: column.dictionary('uint32', { description: 'CUST_CODE' }),
    product,
    weight: column.float32({ description: 'Share of the lines of the customer', unit: 'share 0-1' }),
  },
});

/** What classes go together. */
export const associationTruth = defineTable({
  name: 'association_truth',
  file: 'ground_truth/associations.parquet',
  madeBy,
  version: 1,
  description:
    'Themes of baskets: how each weighs the classes, so that they are bought together or not. A basket has one or none.',
  columns: {
    theme: column.uint8({ description: 'Theme, from 0' }),
    theme_share: column.float64({
      description: 'Share of the baskets of middle length with the theme',
      unit: 'share 0-1',
    }),
    theme_lean: column.float64({
      description: 'Growth of the log chance of the theme with the basket length, per sd',
    }),
    class_code: column.utf8({ description: 'PROD_CODE_10' }),
    strength: column.float64({
      description: 'Factor on the weight of its products; below 1 the theme avoids them',
    }),
  },
});

/** The prices that the data were made with. */
export const priceTruth = defineTable({
  name: 'price_truth',
  file: 'ground_truth/prices.parquet',
  madeBy,
  version: 1,
  description:
    'Prices and promotions; the profile lgsr has one row a product, the profile promo one a week too.',
  columns: {
    week: column.uint32({ description: 'Fiscal week', unit: 'YYYYWW' }),
    product,
    base_price: column.float64({ description: 'Shelf price without promotion', unit: 'GBP' }),
    price: column.float64({ description: 'Price paid', unit: 'GBP' }),
    promoted: column.bool({ description: 'On promotion' }),
  },
});

export const tables = [productTruth, customerTruth, repertoireTruth, associationTruth, priceTruth] as const;
