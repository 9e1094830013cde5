import { daysSinceEpoch } from '../calendar/read-calendar.js';

export type RejectReason =
  | 'missing_field'
  | 'extra_field'
  | 'missing_value'
  | 'bad_number'
  | 'bad_date'
  | 'out_of_range'
  | 'nonpositive_quantity'
  | 'negative_spend'
  | 'unknown_week'
  | 'bad_quote'
  | 'bad_encoding'
  | 'line_ending'
  | 'byte_order_mark'
  | 'control_character'
  | 'repeated_header'
  | 'line_too_long';

/** What the rules need to know beside the row. */
export interface RuleContext {
  /** Weeks of the calendar; null without a calendar: every week is known. */
  readonly weeks: ReadonlySet<number> | null;
  /** The reference takes any quantity and spend; `corrected` takes what a sale can have. */
  readonly compat: boolean;
}

const INT32_LIMIT = 2 ** 31;
/** Keeps the pence of a line exact in a double. */
const SPEND_LIMIT = 1e12;
const FIRST_YEAR = 1900_01_01;
const LAST_YEAR = 2199_12_31;

/** A number column of the raw files: what it must hold, in TypeScript and as SQL over a DOUBLE column. */
export interface NumberRule {
  readonly column: string;
  /** The reason to reject the value; undefined: it is good. */
  check(value: number, context: RuleContext): RejectReason | undefined;
  /** True where the value is good. */
  sql(column: string, context: RuleContext): string;
}

const isInteger = (column: string) => `${column} = trunc(${column})`;

/** The two forms of a rule stand side by side; a fuzz test holds them to the same verdict. */
export const NUMBER_RULES: readonly NumberRule[] = [
  {
    column: 'SHOP_WEEK',
    check: (value, { weeks }) =>
      Number.isInteger(value) && (weeks === null ? isWeek(value) : weeks.has(value))
        ? undefined
        : 'unknown_week',
    sql: (column, { weeks }) =>
      weeks === null
        ? `(${isInteger(column)} AND ${column} BETWEEN 100001 AND 999953 AND ${column} % 100 BETWEEN 1 AND 53)`
        : `${column} IN (${[...weeks].join(', ') || 'NULL'})`,
  },
  {
    column: 'SHOP_DATE',
    check: (value) =>
      Number.isInteger(value) &&
      value >= FIRST_YEAR &&
      value <= LAST_YEAR &&
      daysSinceEpoch(value) !== undefined
        ? undefined
        : 'bad_date',
    // The join with the table of days is the check.
    sql: (column) => `${column} IS NOT NULL`,
  },
  {
    column: 'SHOP_WEEKDAY',
    check: (value) => (Number.isInteger(value) && value >= 1 && value <= 7 ? undefined : 'out_of_range'),
    sql: (column) => `(${isInteger(column)} AND ${column} BETWEEN 1 AND 7)`,
  },
  {
    column: 'SHOP_HOUR',
    check: (value) => (Number.isInteger(value) && value >= 0 && value <= 23 ? undefined : 'out_of_range'),
    sql: (column) => `(${isInteger(column)} AND ${column} BETWEEN 0 AND 23)`,
  },
  {
    column: 'QUANTITY',
    check: (value, { compat }) => {
      if (!Number.isInteger(value) || Math.abs(value) >= INT32_LIMIT) return 'bad_number';
      return value > 0 || compat ? undefined : 'nonpositive_quantity';
    },
    sql: (column, { compat }) =>
      `(${isInteger(column)} AND ${column} > ${compat ? -INT32_LIMIT : 0} AND ${column} < ${INT32_LIMIT})`,
  },
  {
    column: 'SPEND',
    check: (value, { compat }) => {
      if (!(Math.abs(value) < SPEND_LIMIT)) return 'bad_number';
      return value >= 0 || compat ? undefined : 'negative_spend';
    },
    sql: (column, { compat }) =>
      `(${column} ${compat ? `> ${-SPEND_LIMIT}` : '>= 0'} AND ${column} < ${SPEND_LIMIT})`,
  },
  {
    column: 'BASKET_ID',
    check: (value) => (Number.isSafeInteger(value) ? undefined : 'bad_number'),
    sql: (column) => `(${isInteger(column)} AND abs(${column}) <= ${Number.MAX_SAFE_INTEGER})`,
  },
];

function isWeek(value: number): boolean {
  return value >= 100_001 && value <= 999_953 && value % 100 >= 1 && value % 100 <= 53;
}

/** Numbers as the engine reads them: blanks around, a sign, digits, a decimal point, an exponent. */
const NUMBER = /^[ \t\v\f]*[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)([eE][+-]?\d+)?[ \t\v\f]*$/;

/** Undefined where the text is not a number. */
export function parseNumber(text: string): number | undefined {
  if (!NUMBER.test(text)) return undefined;
  const value = Number(text.replaceAll('_', ''));
  return Number.isFinite(value) ? value : undefined;
}
