import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Shopper, weekBaskets } from '../baskets/week-baskets.js';
import { drawCustomer } from '../customers/customers.js';
import { drawRepertoire } from '../customers/repertoire.js';
import type { World } from '../world.js';
import { type CsvTexts, csvTexts, type SegmentNames, weekCsv } from './week-csv.js';

/** Fast, and small enough; the same bytes for the same input. */
const GZIP_LEVEL = 4;

export interface WeekCounts {
  readonly rows: number;
  readonly baskets: number;
}

/** Draws all customers of a world with their repertoires. */
export function drawShoppers(world: World): readonly Shopper[] {
  const { seed, customers, weeks } = world.parameters;
  return Array.from({ length: customers }, (_, index) => {
    const customer = drawCustomer(seed, index, weeks, world.stores);
    return { customer, repertoire: drawRepertoire(seed, customer, world.tastes) };
  });
}

/** Makes the files of weeks, one after the other. */
export function createWeekWriter(
  world: World,
  shoppers: readonly Shopper[],
  options: { readonly segmentNames: SegmentNames; readonly gzip: boolean },
): (weekIndex: number, path: string) => Promise<WeekCounts> {
  const texts: CsvTexts = csvTexts(
    world,
    shoppers.map(({ customer }) => customer),
  );
  return async (weekIndex, path) => {
    const week = world.calendar[weekIndex];
    if (week === undefined) throw new RangeError(`no week ${weekIndex}`);
    const rows = weekBaskets(world, shoppers, week);
    const text = Readable.from(weekCsv(rows, world, texts, options.segmentNames));
    const file = createWriteStream(path);
    await (options.gzip ? pipeline(text, createGzip({ level: GZIP_LEVEL }), file) : pipeline(text, file));
    return { rows: rows.basketOf.length, baskets: rows.baskets.length };
  };
}
