import type { WeekRows } from '../baskets/week-baskets.js';
import { dateText, shopWeekday } from '../calendar/shop-calendar.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import { DEPARTMENTS } from '../catalogue/department-facts.js';
import type { Customer } from '../customers/customers.js';
import { LIFE_STAGES, PRICE_SEGMENTS } from '../customers/segments.js';
import { STORE_FORMATS, STORE_REGIONS, type Stores } from '../stores/stores.js';
import type { World } from '../world.js';
import { fileOrder } from './sort-rows.js';

/** How releases of LGSR call columns 13 and 14. */
export const SEGMENT_COLUMNS = {
  short: ['seg_1', 'seg_2'],
  long: ['CUST_PRICE_SENSITIVITY', 'CUST_LIFESTAGE'],
} as const;
export type SegmentNames = keyof typeof SEGMENT_COLUMNS;

/** Bytes of text that are handed on at once. */
const CHUNK = 1 << 20;

/** Basket numbers: 15 digits, rising with the weeks. */
const FIRST_BASKET = 994_100_000_000_000;
const BASKETS_PER_WEEK = 10_000_000;

/** Texts of products, customers and stores as they stand in every row; made once for all weeks. */
export interface CsvTexts {
  readonly products: readonly string[];
  readonly stores: readonly string[];
  readonly customers: ReadonlyMap<number, string>;
}

export function csvTexts(world: World, customers: readonly Customer[]): CsvTexts {
  return {
    products: productTexts(world.catalogue),
    stores: storeTexts(world.stores),
    customers: new Map(
      customers.map(({ index, code, priceSegment, lifeStage }) => [
        index,
        `${code},${PRICE_SEGMENTS[priceSegment]?.code ?? ''},${quotedWhenEmpty(LIFE_STAGES[lifeStage]?.code ?? '')}`,
      ]),
    ),
  };
}

/** The rows of a week as text, in pieces of about a megabyte; the first begins with the header. */
export function* weekCsv(
  rows: WeekRows,
  world: World,
  texts: CsvTexts,
  segmentNames: SegmentNames,
): Generator<string> {
  const heads = rows.baskets.map(
    ({ day, hour }) => `${rows.week.week},${dateText(day)},${shopWeekday(day)},${hour},`,
  );
  const first = FIRST_BASKET + rows.week.index * BASKETS_PER_WEEK;
  const tails = rows.baskets.map(
    ({ customer, store, size, sensitivity, type, mission }, basket) =>
      `,${texts.customers.get(customer) ?? '"","",""'},${first + basket},${size},${sensitivity},${type},${mission},${texts.stores[store]}\n`,
  );
  let text = `${header(segmentNames)}\n`;
  for (const row of fileOrder(rows, world.stores.count, world.catalogue.products)) {
    const basket = rows.basketOf[row] ?? 0;
    const pence = rows.pence[row] ?? 0;
    text += `${heads[basket]}${rows.quantity[row]},${poundsText(pence)},${texts.products[rows.productOf[row] ?? 0]}${tails[basket]}`;
    if (text.length > CHUNK) {
      yield text;
      text = '';
    }
  }
  yield text;
}

function header(segmentNames: SegmentNames): string {
  return [
    'SHOP_WEEK,SHOP_DATE,SHOP_WEEKDAY,SHOP_HOUR,QUANTITY,SPEND,PROD_CODE,PROD_CODE_10,PROD_CODE_20,PROD_CODE_30',
    'PROD_CODE_40,CUST_CODE',
    ...SEGMENT_COLUMNS[segmentNames],
    'BASKET_ID,BASKET_SIZE,BASKET_PRICE_SENSITIVITY,BASKET_TYPE,BASKET_DOMINANT_MISSION,STORE_CODE,STORE_FORMAT',
    'STORE_REGION',
  ].join(',');
}

function productTexts(catalogue: Catalogue): readonly string[] {
  return catalogue.productCodes.map((code, product) =>
    [
      code,
      numbered('CL', catalogue.classOf[product]),
      numbered('DEP', catalogue.departmentOf[product]),
      numbered('G', catalogue.groupOf[product]),
      DEPARTMENTS[catalogue.divisionOf[product] ?? 0]?.code ?? '',
    ].join(','),
  );
}

/** `CL00063` for position 62. */
export const numbered = (prefix: string, position: number | undefined): string =>
  `${prefix}${String((position ?? 0) + 1).padStart(5, '0')}`;

function storeTexts({ codes, formatOf, regionOf }: Stores): readonly string[] {
  return codes.map(
    (code, store) =>
      `${code},${STORE_FORMATS[formatOf[store] ?? 0]?.code},${STORE_REGIONS[regionOf[store] ?? 0]}`,
  );
}

const quotedWhenEmpty = (text: string): string => (text === '' ? '""' : text);

/** 123 pence as `1.23`. */
function poundsText(pence: number): string {
  const rest = pence % 100;
  return `${(pence - rest) / 100}.${rest < 10 ? `0${rest}` : rest}`;
}
