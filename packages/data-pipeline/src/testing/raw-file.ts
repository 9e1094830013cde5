/** Raw files for tests: small, regular, and without a fault until a test puts one in. */

export const RAW_HEADER =
  'SHOP_WEEK,SHOP_DATE,SHOP_WEEKDAY,SHOP_HOUR,QUANTITY,SPEND,PROD_CODE,PROD_CODE_10,PROD_CODE_20,PROD_CODE_30,PROD_CODE_40,CUST_CODE,seg_1,seg_2,BASKET_ID,BASKET_SIZE,BASKET_PRICE_SENSITIVITY,BASKET_TYPE,BASKET_DOMINANT_MISSION,STORE_CODE,STORE_FORMAT,STORE_REGION';

/** Eight weeks from Monday 10 April 2006 on. */
export const CALENDAR = [
  'shop_week,date_from,date_to',
  '200607,20060410,20060416',
  '200608,20060417,20060423',
  '200609,20060424,20060430',
  '200610,20060501,20060507',
  '200611,20060508,20060514',
  '200612,20060515,20060521',
  '200613,20060522,20060528',
  '200614,20060529,20060604',
  '',
].join('\n');

const MONDAYS = [20060410, 20060417, 20060424, 20060501, 20060508, 20060515, 20060522, 20060529];
const PRODUCTS = 12;
const LINES_PER_BASKET = 5;

/** `rows` lines of baskets with five products each, in eight weeks, three stores, six customers and nobody. */
export function rawRows(rows: number): string[] {
  return Array.from({ length: rows }, (_, row) => {
    const basket = Math.floor(row / LINES_PER_BASKET);
    const product = (basket * 7 + (row % LINES_PER_BASKET) * 2) % PRODUCTS;
    const week = basket % MONDAYS.length;
    const store = basket % 3;
    const customer = basket % 7;
    const quantity = 1 + (row % 3 === 0 ? 2 : 0);
    return [
      200607 + week,
      MONDAYS[week],
      2,
      8 + (basket % 12),
      quantity,
      ((quantity * (50 + product * 13)) / 100).toFixed(2),
      `PRD09000${String(product).padStart(2, '0')}`,
      `CL0000${product % 3}`,
      `DEP0000${product % 3}`,
      `G0000${product % 2}`,
      'D00001',
      customer === 6 ? '' : `CUST000000000${customer}`,
      customer === 6 ? '' : 'AZ',
      customer === 6 ? '' : 'BU',
      994100000000001 + basket,
      ['S', 'M', 'L'][basket % 3],
      ['LA', 'MM', 'UM', 'XX'][basket % 4],
      ['Top Up', 'Full Shop', 'Small Shop'][basket % 3],
      ['Fresh', 'Grocery', 'Mixed', 'Nonfood'][basket % 4],
      `STORE0000${store}`,
      ['LS', 'MS', 'SS'][store],
      ['E01', 'N02', 'W03'][store],
    ].join(',');
  });
}

/** A whole raw file. */
export function rawFile(rows: readonly string[], header = RAW_HEADER): string {
  return [header, ...rows, ''].join('\n');
}

const COLUMNS = RAW_HEADER.split(',');

/** The row with another text in one column. */
export function withValue(row: string, column: string, text: string): string {
  const fields = row.split(',');
  fields[COLUMNS.indexOf(column)] = text;
  return fields.join(',');
}
