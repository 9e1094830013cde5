import { column, defineTable } from '@retail-sim/artifacts/schema';

const madeBy = 'retail-data-pipeline';

/** Columns that say when a line was sold; shared by lines and baskets. */
const when = {
  week: column.int32({
    description: 'Fiscal week as the till writes it; a label, not a number to subtract',
    unit: 'YYYYWW',
  }),
  week_idx: column.int16({
    description: 'Position of the week in the calendar, 1-based; an absent week keeps its number',
    unit: 'weeks',
  }),
  shop_date: column.date({ description: 'Day of the visit', unit: 'days since 1970-01-01' }),
  shop_weekday: column.uint8({
    description: '1 = Sunday ... 7 = Saturday; a shop week runs from Monday to Sunday, so 1 is its last day',
  }),
  shop_hour: column.uint8({ description: 'Hour of the visit', unit: 'hours' }),
} as const;

/** Columns that describe a whole basket; labels are codes of labels.parquet. */
const basketAttributes = {
  basket_size: column.uint8({ nullable: true, description: 'S, M or L; code of labels.parquet' }),
  basket_price_sensitivity: column.uint8({
    nullable: true,
    description: 'LA, MM, UM or XX; code of labels.parquet',
  }),
  basket_type: column.uint8({
    nullable: true,
    description: 'Kind of trip, such as Top Up; code of labels.parquet',
  }),
  basket_dominant_mission: column.uint8({
    nullable: true,
    description: 'Focus of the basket, such as Fresh; code of labels.parquet',
  }),
} as const;

/**
 * Every accepted line of the raw files, once, in the order (week_idx, shop_date, shop_hour, basket_id, product,
 * quantity, spend), which does not depend on the order of the input. The lines of a basket are adjacent.
 */
export const transactions = defineTable({
  name: 'transactions',
  file: 'transactions.parquet',
  madeBy,
  version: 1,
  description: 'One accepted line of the raw data (one product in one basket), as integer codes.',
  columns: {
    basket_id: column.integer({ description: 'Number of the basket, as the till writes it' }),
    ...when,
    product: column.uint32({ description: 'Row of the product in products.parquet' }),
    store: column.uint32({ description: 'Row of the store in stores.parquet' }),
    customer: column.uint32({
      nullable: true,
      description: 'Row of the customer in customers.parquet; null: anonymous',
    }),
    quantity: column.int32({ description: 'Units bought', unit: 'units' }),
    spend_pence: column.integer({ description: 'Paid for the line', unit: 'GBP/100' }),
    ...basketAttributes,
    input_row: column.uint32({
      nullable: true,
      description: 'Place of the line in the input, 0-based; only kept with --compat reference',
    }),
  },
});

export const baskets = defineTable({
  name: 'baskets',
  file: 'baskets.parquet',
  madeBy,
  version: 1,
  description: 'One basket (visit), in the order (week_idx, shop_date, shop_hour, basket_id).',
  columns: {
    basket_id: column.integer({ description: 'Number of the basket, as the till writes it' }),
    ...when,
    store: column.uint32({ description: 'Row of the store in stores.parquet' }),
    customer: column.uint32({
      nullable: true,
      description: 'Row of the customer in customers.parquet; null: anonymous',
    }),
    ...basketAttributes,
    first_line: column.integer({
      description: 'Row of the first line of the basket in transactions.parquet',
    }),
    lines: column.uint32({ description: 'Lines of the basket in transactions.parquet' }),
    products: column.uint32({ description: 'Distinct products' }),
    quantity: column.integer({ description: 'Units bought', unit: 'units' }),
    spend_pence: column.integer({ description: 'Paid for the basket', unit: 'GBP/100' }),
  },
});

export const products = defineTable({
  name: 'products',
  file: 'products.parquet',
  madeBy,
  version: 1,
  description: 'One product, ascending by id; the row number is the product code of every other table.',
  columns: {
    product_id: column.utf8({ description: 'PROD_CODE' }),
    sub_commodity: column.utf8({
      nullable: true,
      description: 'PROD_CODE_10 (CL...): the value of the earliest week with one, ties to the smallest',
    }),
    commodity: column.utf8({ nullable: true, description: 'PROD_CODE_20 (DEP...)' }),
    sub_department: column.utf8({ nullable: true, description: 'PROD_CODE_30 (G...)' }),
    department: column.utf8({ nullable: true, description: 'PROD_CODE_40 (D...)' }),
    lines: column.integer({ description: 'Accepted lines with this product' }),
  },
});

export const stores = defineTable({
  name: 'stores',
  file: 'stores.parquet',
  madeBy,
  version: 1,
  description: 'One store, ascending by id; the row number is the store code of every other table.',
  columns: {
    store_id: column.utf8({ description: 'STORE_CODE' }),
    store_format: column.utf8({
      nullable: true,
      description: 'STORE_FORMAT (LS, MS, SS, XLS): the value of the earliest week with one',
    }),
    store_region: column.utf8({
      nullable: true,
      description: 'STORE_REGION: the value of the earliest week with one',
    }),
    lines: column.integer({ description: 'Accepted lines of this store' }),
  },
});

export const customers = defineTable({
  name: 'customers',
  file: 'customers.parquet',
  madeBy,
  version: 1,
  description:
    'One known customer, ascending by id; the row number is the customer code of every other table.',
  columns: {
    customer_id: column.utf8({ description: 'CUST_CODE' }),
    seg_1: column.utf8({
      nullable: true,
      description:
        'CUST_PRICE_SENSITIVITY, named seg_1 in some releases: the value of the earliest week with one',
    }),
    seg_2: column.utf8({
      nullable: true,
      description: 'CUST_LIFESTAGE, named seg_2 in some releases: the value of the earliest week with one',
    }),
    lines: column.integer({ description: 'Accepted lines of this customer' }),
  },
});

export const labels = defineTable({
  name: 'labels',
  file: 'labels.parquet',
  madeBy,
  version: 1,
  description:
    'One label of a basket attribute; codes count from 0 in alphabetical order within the attribute.',
  columns: {
    attribute: column.utf8({
      description: 'Column of transactions.parquet and baskets.parquet that holds the code',
    }),
    code: column.uint8({ description: 'Code in that column' }),
    label: column.utf8({ description: 'The text in the raw data' }),
  },
});

export const calendar = defineTable({
  name: 'calendar',
  file: 'calendar.parquet',
  madeBy,
  version: 1,
  description: 'One fiscal week of the calendar file, in order, whether or not it has data.',
  columns: {
    week: column.int32({ description: 'Fiscal week', unit: 'YYYYWW' }),
    week_idx: column.int16({ description: 'Position in the calendar, 1-based', unit: 'weeks' }),
    date_from: column.date({
      nullable: true,
      description: 'Monday; null without a calendar file',
      unit: 'days since 1970-01-01',
    }),
    date_to: column.date({
      nullable: true,
      description: 'Sunday; null without a calendar file',
      unit: 'days since 1970-01-01',
    }),
    lines: column.integer({ description: 'Accepted lines of the week; 0: no data' }),
  },
});

export const rejects = defineTable({
  name: 'rejects',
  file: 'rejects.parquet',
  madeBy,
  version: 1,
  description: 'One raw line that was not accepted, with the first thing found wrong in it.',
  columns: {
    file: column.utf8({ description: 'File name as given' }),
    line: column.integer({ description: 'Line in the file, 1-based, the header being line 1' }),
    column: column.utf8({ nullable: true, description: 'Column at fault; null: the line as a whole' }),
    value: column.utf8({ nullable: true, description: 'The text at fault, at most 200 characters' }),
    reason: column.utf8({
      description:
        'missing_field, extra_field, missing_value, bad_number, nonpositive_quantity, negative_spend, unknown_week, bad_quote, bad_encoding, line_ending, byte_order_mark, bad_date, out_of_range, control_character, repeated_header or line_too_long',
    }),
  },
});
