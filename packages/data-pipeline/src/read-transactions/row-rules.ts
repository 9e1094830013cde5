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
const PENCE_LIMIT = 1e14;
const FIRST_YEAR = 1900_01_01;
const LAST_YEAR = 2199_12_31;

/** A number column of the raw files: what it must hold, in TypeScript and as SQL over a DOUBLE column. */
export interface NumberRule {
  readonly column: string;
  /** The reason to reject the value; undefined: it is good. */
  check(value: number, context: RuleContext): RejectReason | undefined;
  /** True where the value is good. */
  sql(column: string, context: RuleContext): string;
  /** The part of `sql` that each value is asked while it is written as a whole number; undefined: nothing. */
  readonly each?: (column: string, context: RuleContext) => string;
  /** The other part, which the smallest and the largest of the values written are asked. */
  readonly range?: (context: RuleContext) => readonly [lowest: number, highest: number];
}

const isInteger = (column: string) => `${column} = trunc(${column})`;
const isBetween = (column: string, [lowest, highest]: readonly [number, number]) =>
  `${column} BETWEEN ${lowest} AND ${highest}`;
const pence = (column: string) => `round(${column} * 100)`;

const WEEKDAYS = [1, 7] as const;
const HOURS = [0, 23] as const;
const BASKETS = [-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER] as const;
const quantities = ({ compat }: RuleContext) => [compat ? 1 - INT32_LIMIT : 1, INT32_LIMIT - 1] as const;
const spends = ({ compat }: RuleContext) => [compat ? 1 - PENCE_LIMIT : 0, PENCE_LIMIT - 1] as const;

/** The two forms of a rule stand side by side; a fuzz test holds them to the same verdict. */
export const NUMBER_RULES: readonly NumberRule[] = [
  {
    column: 'SHOP_WEEK',
    check: (value, { weeks }) =>
      Number.isInteger(value) && (weeks === null ? isWeek(value) : weeks.has(value))
        ? undefined
        : 'unknown_week',
    // While writing, the join with the calendar is the check.
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
    // The join with the table of days is the check, here and there.
    sql: (column) => `${column} IS NOT NULL`,
  },
  {
    column: 'SHOP_WEEKDAY',
    check: (value) => (Number.isInteger(value) && value >= 1 && value <= 7 ? undefined : 'out_of_range'),
    sql: (column) => `(${isInteger(column)} AND ${isBetween(column, WEEKDAYS)})`,
    each: isInteger,
    range: () => WEEKDAYS,
  },
  {
    column: 'SHOP_HOUR',
    check: (value) => (Number.isInteger(value) && value >= 0 && value <= 23 ? undefined : 'out_of_range'),
    sql: (column) => `(${isInteger(column)} AND ${isBetween(column, HOURS)})`,
    each: isInteger,
    range: () => HOURS,
  },
  {
    column: 'QUANTITY',
    check: (value, { compat }) => {
      if (!Number.isInteger(value) || Math.abs(value) >= INT32_LIMIT) return 'bad_number';
      return value > 0 || compat ? undefined : 'nonpositive_quantity';
    },
    sql: (column, context) => `(${isInteger(column)} AND ${isBetween(column, quantities(context))})`,
    each: isInteger,
    range: quantities,
  },
  {
    column: 'SPEND',
    check: (value, { compat }) => {
      if (!(Math.round(Math.abs(value) * 100) < PENCE_LIMIT)) return 'bad_number';
      return value >= 0 || compat ? undefined : 'negative_spend';
    },
    sql: (column, context) =>
      `(${isNotNegative(column, context)} AND ${isBetween(pence(column), spends(context))})`,
    each: isNotNegative,
    range: spends,
  },
  {
    column: 'BASKET_ID',
    check: (value) => (Number.isSafeInteger(value) ? undefined : 'bad_number'),
    sql: (column) => `(${isInteger(column)} AND ${isBetween(column, BASKETS)})`,
    each: isInteger,
    range: () => BASKETS,
  },
];

/** Less than half a penny below 0 would round to 0. */
function isNotNegative(column: string, { compat }: RuleContext): string {
  return compat ? 'true' : `${column} >= 0`;
}

/** A week as it may be written where no calendar says which there are. */
export function isWeek(value: number): boolean {
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
