// The baskets in time order, one week after the other: prices and states of the week come first, then each basket becomes a
// row of integers that point at them. Memory holds a week and a few numbers per customer, whatever the number of baskets.

import type { BatchOf } from '@retail-sim/artifacts';
import { baskets, transactions } from '@retail-sim/data-pipeline/schemas';
import { InputError } from '@retail-sim/errors';
import { encodePriceInto } from '@retail-sim/feature-engineering/price-encoding';
import { BASKET_FLAGS } from '../batch.js';
import { isoWeekday } from '../calendar/day.js';
import { COLD_START_BASKETS, MAX_SEQUENCE_LENGTH, TENSOR_SIZES } from '../dimensions.js';
import { writeCustomerContext } from '../encoders/customer-context.js';
import type { customerStateEntities, priceEntities } from '../schemas/entities.js';
import type { trainPairs } from '../schemas/samples.js';
import type { SplitName } from '../schemas/splits.js';
import type { BasketSplit } from './basket-split.js';
import type { BatchChannel } from './batch-channel.js';
import { type CustomerTrips, customerTrips } from './customer-trips.js';
import { noPrice, noState, pairBuffer, priceBatch, stateBatch } from './entity-batches.js';
import type { PricePartitions, WeekPrices } from './partition-prices.js';
import type { StatePartitions, WeekStates } from './partition-states.js';
import { runningMoments } from './running-moments.js';
import { type SampleBatch, sampleBuffer } from './sample-buffer.js';
import { tableCursor } from './table-cursor.js';
import { LABEL_COLUMNS, type labelReader, sizeClassOfUnits } from './trip-labels.js';
import type { UpstreamArtifacts } from './upstream.js';

/** Baskets that go to the writer at once. */
const BUFFERED_BASKETS = 16_384;
const MOST_UNITS = 65_535;
const LONGEST_RECENCY = 32_767;
const PENCE_A_POUND = 100;

export interface SampleChannels {
  readonly samples: Readonly<Record<SplitName, BatchChannel<SampleBatch>>>;
  readonly pairs: Readonly<Record<SplitName, BatchChannel<BatchOf<typeof trainPairs>>>>;
  readonly states: BatchChannel<BatchOf<typeof customerStateEntities>>;
  readonly prices: BatchChannel<BatchOf<typeof priceEntities>>;
}

export interface SampleSources {
  readonly upstream: UpstreamArtifacts;
  readonly prices: PricePartitions;
  readonly states: StatePartitions;
  readonly split: BasketSplit;
  readonly labelsOf: ReturnType<typeof labelReader>;
  readonly products: number;
  readonly customers: number;
  /** Places of the two segments by customer row, -1 unknown, and the primary-store vectors `[stores + 1, 16]`. */
  readonly segments: { readonly first: Int8Array; readonly second: Int8Array };
  readonly primaryStores: Float32Array;
  readonly progress: ((done: number, all: number) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What the pass over the baskets found out besides the rows that it wrote. */
export interface SampleSummary {
  readonly trips: CustomerTrips;
  /** Customer row of every basket. */
  readonly customerOfBasket: Uint32Array;
  readonly firstWeek: Uint16Array;
  readonly trainCount: Uint32Array;
  readonly seenInTrain: Uint8Array;
  readonly pairs: Readonly<Record<SplitName, number>>;
  readonly counts: SampleCounts;
  readonly stats: {
    readonly t1: { mean: number[]; std: number[] };
    readonly t4: { mean: number[]; std: number[] };
  };
  /** Last calendar week of train and of val. */
  readonly trainEndWeek: number;
  readonly valEndWeek: number;
}

export interface SampleCounts {
  rows: number;
  items: number;
  prices: number;
  states: number;
  anonymousBaskets: number;
  coldStartBaskets: number;
  novelBaskets: number;
  truncatedBaskets: number;
  longBaskets: number;
  zeroPriceBaskets: number;
  itemsWithoutPrice: number;
  saturatedQuantities: number;
  repeatedProducts: number;
  t4Clipped: number;
}

/** Streams prices, states, samples and pairs into the channels. The channels stay open. */
export async function buildSamples(sources: SampleSources, channels: SampleChannels): Promise<SampleSummary> {
  const { upstream, split, labelsOf } = sources;
  const { pipeline } = upstream;
  const counts = emptyCounts();
  const trips = customerTrips(sources.customers);
  const products = {
    firstWeek: new Uint16Array(sources.products + 1),
    trainCount: new Uint32Array(sources.products + 1),
  };
  const seenInTrain = new Uint8Array(65536);
  const customerOfBasket = new Uint32Array(split.baskets);
  const pairCounts = { train: 0, val: 0, test: 0 };
  const moments = { t1: runningMoments(TENSOR_SIZES.t1), t4: runningMoments(TENSOR_SIZES.t4) };
  const week = weekTables(sources, channels, counts);
  const buffer = sampleBuffer();
  const pairs = pairBuffer();
  let name: SplitName = 'train';
  let trainEndWeek = 0;
  let valEndWeek = 0;
  const t1 = new Float64Array(TENSOR_SIZES.t1);

  const lines = await tableCursor(pipeline.path(transactions), transactions, [
    'basket_id',
    'product',
    'quantity',
    'spend_pence',
  ]);
  const cursor = await tableCursor(pipeline.path(baskets), baskets, [
    'basket_id',
    'week_idx',
    'shop_date',
    'shop_hour',
    'store',
    'customer',
    'lines',
    'spend_pence',
    ...LABEL_COLUMNS.map(({ column }) => column),
  ]);

  async function flush(): Promise<void> {
    if (buffer.rows > 0) await channels.samples[name].send(buffer.take());
    if (pairs.rows > 0) await channels.pairs[name].send(pairs.take());
  }

  for (let basketRow = 0; cursor.live; basketRow++) {
    const part = basketRow < split.trainEnd ? 'train' : basketRow < split.valEnd ? 'val' : 'test';
    if (part !== name || buffer.rows >= BUFFERED_BASKETS) {
      await flush();
      name = part;
    }
    const { columns, row } = cursor;
    const weekIndex = columns.week_idx[row] ?? 0;
    if (weekIndex !== week.number) {
      sources.signal?.throwIfAborted();
      sources.progress?.(basketRow, split.baskets);
      await week.moveTo(weekIndex, part === 'train' ? moments.t4 : undefined);
    }
    if (part === 'train') trainEndWeek = weekIndex;
    if (part === 'val') valEndWeek = weekIndex;

    const customerRow = columns.customer.valid[row] === 1 ? (columns.customer.data[row] ?? 0) + 1 : 0;
    const storeRow = (columns.store[row] ?? 0) + 1;
    const date = columns.shop_date[row] ?? 0;
    const basketId = columns.basket_id[row] ?? 0;
    const labels = labelsOf(columns, row);
    const items = await takeItems({ basketId, storeRow, weekIndex, isTrain: part === 'train' });

    const earlier = customerRow === 0 ? 0 : trips.trips(customerRow);
    const lastDate = customerRow === 0 ? undefined : trips.lastDate(customerRow);
    const stateRow = customerRow === 0 ? 0 : week.stateRow(customerRow);
    const isTruncated = labels[3] > 0 && labels[3] !== sizeClassOfUnits(items.units);
    const flags =
      (customerRow === 0 ? BASKET_FLAGS.anonymous : 0) |
      (earlier < COLD_START_BASKETS ? BASKET_FLAGS.coldStart : 0) |
      (items.hasNovel ? BASKET_FLAGS.novelProduct : 0) |
      (items.count === 1 ? BASKET_FLAGS.singleItem : 0) |
      (items.count > MAX_SEQUENCE_LENGTH - 1 ? BASKET_FLAGS.long : 0) |
      (isTruncated ? BASKET_FLAGS.truncated : 0) |
      (items.hasZeroPrice ? BASKET_FLAGS.zeroPrice : 0);
    buffer.endBasket({
      basketRow,
      basketId,
      customerRow,
      stateRow,
      timelinePosition: earlier,
      storeRow,
      week: weekIndex,
      date,
      isoWeekday: isoWeekday(date),
      hour: columns.shop_hour[row] ?? 0,
      recencyDays: lastDate === undefined ? -1 : Math.min(date - lastDate, LONGEST_RECENCY),
      labels,
      dropped: 0,
      totalSpend: (columns.spend_pence[row] ?? 0) / PENCE_A_POUND,
      flags,
    });
    countBasket(counts, flags, items.count);
    customerOfBasket[basketRow] = customerRow;
    if (part === 'train') {
      week.writeCustomer(customerRow, t1);
      moments.t1.add(t1);
    }
    if (customerRow > 0) {
      const trip = { basketRow, week: weekIndex, date, items: items.count, isTruncated };
      const pair = trips.add(customerRow, trip);
      if (pair !== undefined) {
        pairs.add(pair.inputRow, basketRow, pair.weekGap, pair.dayGap, pair.history, flags);
        pairCounts[part]++;
      }
    }
    if (!cursor.step()) await cursor.load();
  }
  await flush();
  sources.progress?.(split.baskets, split.baskets);
  await week.finish();
  if (lines.live) throw outOfStep(pipeline.path(transactions));

  return {
    trips,
    customerOfBasket,
    ...products,
    seenInTrain,
    pairs: pairCounts,
    counts,
    stats: { t1: moments.t1.result(), t4: moments.t4.result() },
    trainEndWeek,
    valEndWeek,
  };

  /** Reads the lines of the basket into the buffer, one item per product; lines ascend by product. */
  async function takeItems(basket: {
    readonly basketId: number;
    readonly storeRow: number;
    readonly weekIndex: number;
    readonly isTrain: boolean;
  }) {
    if (basket.isTrain) seenInTrain[basket.storeRow] = 1;
    const found = { count: 0, units: 0, hasNovel: false, hasZeroPrice: false };
    let token = 0;
    let quantity = 0;
    const endItem = () => {
      if (token === 0) return;
      const priceRow = week.priceRow(basket.storeRow, token);
      if (priceRow === 0) counts.itemsWithoutPrice++;
      if (quantity > MOST_UNITS) counts.saturatedQuantities++;
      buffer.addItem(token, priceRow, Math.min(quantity, MOST_UNITS));
      found.count++;
      if (products.firstWeek[token] === 0) products.firstWeek[token] = basket.weekIndex;
      if (basket.isTrain) products.trainCount[token] = (products.trainCount[token] ?? 0) + 1;
      else if (products.trainCount[token] === 0) found.hasNovel = true;
    };
    while (lines.live && lines.columns.basket_id[lines.row] === basket.basketId) {
      const { columns, row } = lines;
      const next = (columns.product[row] ?? 0) + 1;
      const units = columns.quantity[row] ?? 0;
      if (next === token) {
        quantity += units;
        counts.repeatedProducts++;
      } else {
        if (next < token) throw outOfStep(pipeline.path(transactions));
        endItem();
        token = next;
        quantity = units;
      }
      found.units += units;
      counts.rows++;
      if (columns.spend_pence[row] === 0) found.hasZeroPrice = true;
      if (!lines.step()) await lines.load();
    }
    endItem();
    if (found.count === 0) throw outOfStep(pipeline.path(transactions));
    return found;
  }
}

function countBasket(counts: SampleCounts, flags: number, items: number): void {
  counts.items += items;
  if (flags & BASKET_FLAGS.anonymous) counts.anonymousBaskets++;
  if (flags & BASKET_FLAGS.coldStart) counts.coldStartBaskets++;
  if (flags & BASKET_FLAGS.novelProduct) counts.novelBaskets++;
  if (flags & BASKET_FLAGS.truncated) counts.truncatedBaskets++;
  if (flags & BASKET_FLAGS.long) counts.longBaskets++;
  if (flags & BASKET_FLAGS.zeroPrice) counts.zeroPriceBaskets++;
}

function emptyCounts(): SampleCounts {
  return {
    rows: 0,
    items: 0,
    prices: 0,
    states: 0,
    anonymousBaskets: 0,
    coldStartBaskets: 0,
    novelBaskets: 0,
    truncatedBaskets: 0,
    longBaskets: 0,
    zeroPriceBaskets: 0,
    itemsWithoutPrice: 0,
    saturatedQuantities: 0,
    repeatedProducts: 0,
    t4Clipped: 0,
  };
}

function outOfStep(file: string): InputError {
  return new InputError({
    what: `and ${baskets.file} do not hold the same baskets in the same order`,
    where: { file },
    remedy: 'run retail-data-pipeline again',
  });
}

/** Prices and states of the current week, on their way to disk and as look-ups. */
function weekTables(
  { prices, states, segments, primaryStores }: SampleSources,
  channels: SampleChannels,
  counts: SampleCounts,
) {
  const priceWeeks = prices.weeks();
  const stateWeeks = states.weeks();
  // Row 0 of both tables stands for nothing.
  let firstPriceRow = 1;
  let firstStateRow = 1;
  let nextPriceRow = 1;
  let nextStateRow = 1;
  let current: { number: number; prices: WeekPrices | undefined; states: WeekStates | undefined } = {
    number: -1,
    prices: undefined,
    states: undefined,
  };
  const stateOfCustomer = new Map<number, number>();
  const t4 = new Float64Array(TENSOR_SIZES.t4);
  let begun = false;

  async function begin(): Promise<void> {
    if (begun) return;
    begun = true;
    await channels.prices.send(noPrice());
    await channels.states.send(noState());
  }

  /** Writes all weeks up to `number`; what is before it had prices or states but no baskets. */
  async function moveTo(number: number, moments?: ReturnType<typeof runningMoments>): Promise<void> {
    await begin();
    current = { number, prices: undefined, states: undefined };
    stateOfCustomer.clear();
    while (priceWeeks[0] !== undefined && priceWeeks[0] <= number) {
      const week = priceWeeks.shift() ?? 0;
      const sorted = prices.read(week);
      firstPriceRow = nextPriceRow;
      nextPriceRow += sorted.rows;
      counts.prices += sorted.rows;
      addPriceMoments(sorted, moments);
      await channels.prices.send(priceBatch(week, sorted));
      if (week === number) current.prices = sorted;
    }
    while (stateWeeks[0] !== undefined && stateWeeks[0] <= number) {
      const week = stateWeeks.shift() ?? 0;
      const known = states.read(week);
      firstStateRow = nextStateRow;
      nextStateRow += known.rows;
      counts.states += known.rows;
      await channels.states.send(stateBatch(week, known));
      if (week !== number) continue;
      current.states = known;
      for (const [place, customerRow] of known.customerRow.entries()) stateOfCustomer.set(customerRow, place);
    }
  }

  function addPriceMoments(sorted: WeekPrices, moments: ReturnType<typeof runningMoments> | undefined): void {
    for (let row = 0; row < sorted.rows; row++) {
      counts.t4Clipped += encodePriceInto(
        { out: t4, offset: 0 },
        sorted.actual[row] ?? 0,
        sorted.base[row] ?? 0,
        sorted.category[row] ?? 0,
        sorted.prior[row] ?? 0,
      );
      moments?.add(t4);
    }
  }

  return {
    get number() {
      return current.number;
    },
    moveTo,
    finish: () => moveTo(Number.MAX_SAFE_INTEGER),
    /** Row of a price in the whole table, 0 without one. */
    priceRow(storeRow: number, token: number): number {
      const week = current.prices;
      if (week === undefined) return 0;
      let low = week.storeStarts[storeRow] ?? 0;
      let high = (week.storeStarts[storeRow + 1] ?? 0) - 1;
      while (low <= high) {
        const middle = (low + high) >>> 1;
        const found = week.productRow[middle] ?? 0;
        if (found === token) return firstPriceRow + middle;
        if (found < token) low = middle + 1;
        else high = middle - 1;
      }
      return 0;
    },
    /** Row of a customer's state in the whole table, 0 without one. */
    stateRow(customerRow: number): number {
      const place = stateOfCustomer.get(customerRow);
      return place === undefined ? 0 : firstStateRow + place;
    },
    /** T1 of a customer this week, `[192]`. */
    writeCustomer(customerRow: number, out: Float64Array): void {
      if (customerRow === 0) {
        writeCustomerContext({ out, offset: 0 }, undefined);
        return;
      }
      const known = current.states;
      const place = stateOfCustomer.get(customerRow);
      const own = {
        firstSegment: segments.first[customerRow] ?? -1,
        secondSegment: segments.second[customerRow] ?? -1,
      };
      if (known === undefined || place === undefined) {
        writeCustomerContext({ out, offset: 0 }, { ...own, trips: 0 });
        return;
      }
      const primary = known.primaryStoreRow[place] ?? 0;
      writeCustomerContext(
        { out, offset: 0 },
        {
          ...own,
          trips: known.trips[place] ?? 0,
          history: known.history.subarray(place * 96, place * 96 + 96),
          affinity: {
            loyalty: known.loyalty[place] ?? 0,
            switching: known.switching[place] ?? 0,
            regions: known.regions[place] ?? 0,
            primaryStore: primaryStores.subarray(primary * 16, primary * 16 + 16),
          },
        },
      );
    },
  };
}
