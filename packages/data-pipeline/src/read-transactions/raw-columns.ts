/** How a raw column is checked: `code` names something and must be there, `label` may be missing. */
export type RawKind = 'number' | 'code' | 'label';

export interface RawColumn {
  readonly name: string;
  /** Other spellings of the header. */
  readonly aliases?: readonly string[];
  readonly kind: RawKind;
  /** The file may lack the column; it is then missing in every row. */
  readonly optional?: true;
}

/** The 22 columns of the raw transactions (spec section 2 §0.2), found by name, in any order. */
export const RAW_COLUMNS = [
  { name: 'SHOP_WEEK', kind: 'number' },
  { name: 'SHOP_DATE', kind: 'number' },
  { name: 'SHOP_WEEKDAY', kind: 'number' },
  { name: 'SHOP_HOUR', kind: 'number' },
  { name: 'QUANTITY', kind: 'number' },
  { name: 'SPEND', kind: 'number' },
  { name: 'PROD_CODE', kind: 'code' },
  { name: 'PROD_CODE_10', kind: 'label' },
  { name: 'PROD_CODE_20', kind: 'label' },
  { name: 'PROD_CODE_30', kind: 'label' },
  { name: 'PROD_CODE_40', kind: 'label' },
  { name: 'CUST_CODE', kind: 'label' },
  { name: 'SEG_1', aliases: ['CUST_PRICE_SENSITIVITY'], kind: 'label', optional: true },
  { name: 'SEG_2', aliases: ['CUST_LIFESTAGE'], kind: 'label', optional: true },
  { name: 'BASKET_ID', kind: 'number' },
  { name: 'BASKET_SIZE', kind: 'label' },
  { name: 'BASKET_PRICE_SENSITIVITY', kind: 'label' },
  { name: 'BASKET_TYPE', kind: 'label' },
  { name: 'BASKET_DOMINANT_MISSION', kind: 'label' },
  { name: 'STORE_CODE', kind: 'code' },
  { name: 'STORE_FORMAT', kind: 'label' },
  { name: 'STORE_REGION', kind: 'label' },
] as const satisfies readonly RawColumn[];

export type RawName = (typeof RAW_COLUMNS)[number]['name'];

/** Texts that mean "no value", whether quoted or bare. */
export const MISSING = ['', 'NA', 'N/A', 'n/a', 'NaN', 'nan', 'NULL', 'null', 'None', '<NA>'] as const;

/** What no code or label may hold, as a regular expression both engines read: controls, quotes, byte order marks. */
export const UNCLEAN_TEXT = '[\\x00-\\x1f\\x7f"\\x{feff}\\x{fffd}]';
