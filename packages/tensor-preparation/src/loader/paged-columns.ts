// Columns of a tensor file as functions of the row: the whole file in memory when it is small, else pages that come and go,
// so that memory does not follow the length of the file.

import type { Batch, Columns, TensorFile } from '@retail-sim/artifacts';

/** Pages of one file that stay in memory. */
const MOST_PAGES = 256;

/** The rows of a file that lie in memory together. */
export interface Page<C extends Columns> {
  readonly start: number;
  readonly columns: Batch<C>['columns'];
}

/**
 * The page that holds a row, for some columns of a file. `pageRows: 'all'` keeps the whole file; else the pages used last
 * stay. Columns of a page stay valid for as long as the caller holds them.
 */
export function pagedColumns<C extends Columns, K extends keyof C & string>(
  file: TensorFile<C>,
  columns: readonly K[],
  pageRows: number | 'all',
): (row: number) => Page<Pick<C, K>> {
  if (pageRows === 'all' || file.rows <= pageRows) {
    const whole = { start: 0, columns: file.read(0, file.rows, { columns }).columns };
    return () => whole;
  }
  const pages = new Map<number, Page<Pick<C, K>>>();
  let lastNumber = -1;
  let last: Page<Pick<C, K>> | undefined;
  return (row) => {
    const number = Math.floor(row / pageRows);
    if (number === lastNumber && last !== undefined) return last;
    const found = pages.get(number);
    const start = number * pageRows;
    const page = found ?? {
      start,
      columns: file.read(start, Math.min(start + pageRows, file.rows), { columns }).columns,
    };
    // A Map keeps the order of insertion: the first page is the one used longest ago.
    pages.delete(number);
    pages.set(number, page);
    const [oldest] = pages.keys();
    if (pages.size > MOST_PAGES && oldest !== undefined) pages.delete(oldest);
    lastNumber = number;
    last = page;
    return page;
  };
}
