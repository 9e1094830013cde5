// The invariants of spec section 4, 12.2, on whole folders: what may change when one thing in the data changes, and what a
// block of a tensor must carry. Where each invariant is tested (no file: here; paths from the package's src/):
//
//    1 dimensions and order of the blocks         18 every basket once: loader/bucket-batches, loader/open-loader
//    2 nothing is NaN                             19 T3: encoders/temporal-context
//    3 generator: encoders/reference-parity       20 T4: feature-engineering, price-encoding/encode-price
//    4 week index: data-pipeline, calendar        21 T5: encoders/store-context, and here
//    5 splits follow each other                   22 T6: encoders/trip-context, and here
//    6 ratio split: build/basket-split            23 blend and scale: encoders/customer-context
//    7 histories hold earlier baskets             24 information: every block tells ...
//    8 future   9 label   10 target   11 mask     25 two builds; another process: cli
//   12 anonymous   13 cold start                  26 not offered: docs/decisions/0050, one layout
//   14 tokens: build-tensors, product-sequence    27 price rows   28 size label   29 pairs   30 store labels
//   15 attention and padding                      31 cut-off of the features: cli
//   16 mask counts: loader/mask-basket            32 counts here; files cut off: cli
//   17 same mask in any batch: loader/mask-basket 33 memory of the reader: loader/paged-columns
//      and loader/open-loader                     34 tests/end-to-end/leak-canary

import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { keyedStream, shuffledOrder } from '@retail-sim/random';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { batchDigest } from '../../../../tests/tensor-preparation/batch-digest.js';
import {
  embeddingOf,
  inTimeOrder,
  makeWorld,
  storeId,
  type World,
  type WorldBasket,
  writeUpstream,
} from '../../../../tests/tensor-preparation/upstream-fixture.js';
import { BASKET_FLAGS, type Batch, CORRUPTION } from '../batch.js';
import { DENSE_OFFSETS } from '../dimensions.js';
import {
  decodeCustomer,
  decodePrice,
  decodeStore,
  decodeTime,
  decodeTrip,
} from '../inspect/decode-blocks.js';
import { assembleBatch } from '../loader/assemble-batch.js';
import { type OpenTensors, openTensors } from '../loader/open-tensors.js';
import { SPLITS } from '../schemas/splits.js';
import { buildTensors } from './build-tensors.js';

const settings = { seed: 42, t6: 'prior', t2PositionEncoding: false, longBaskets: 'truncate' } as const;
const world = makeWorld();
const opened: OpenTensors[] = [];
let base: OpenTensors;

async function build(
  of: World,
  { fittedOn = world, t6 = settings.t6 }: { fittedOn?: World; t6?: 'prior' | 'observed' } = {},
): Promise<OpenTensors> {
  // Everything fitted (embeddings, operations of stores, fallbacks) stays that of the unchanged world.
  const folders = await writeUpstream(of, { fittedOn });
  await buildTensors({ ...folders, ...settings, t6 });
  const tensors = await openTensors(folders.tensors);
  opened.push(tensors);
  return tensors;
}

beforeAll(async () => {
  base = await build(world);
});
afterAll(async () => {
  for (const tensors of opened) {
    tensors.close();
    await rm(dirname(tensors.folder), { recursive: true });
  }
});

function batchOf({ tables }: OpenTensors, rows: readonly number[], maskProbability = 0): Batch {
  return assembleBatch(tables, Uint32Array.from(rows), {
    seed: 42,
    epoch: 1,
    index: 0,
    maskProbability,
    history: 10,
    repeats: true,
    padToMultiple: 1,
  });
}

/** What the model is given of a basket; row numbers of other tables are not part of it. */
function inputDigest(tensors: OpenTensors, row: number): string {
  const { denseContext, productEmbeddings, priceFeatures, attentionMask, lengths, history, repeats } =
    batchOf(tensors, [row]);
  return batchDigest({
    denseContext,
    productEmbeddings,
    priceFeatures,
    attentionMask,
    lengths,
    history,
    repeats,
  });
}

/** The context alone: nothing of the basket's own items. */
function contextDigest(tensors: OpenTensors, row: number): string {
  const { denseContext, history, repeats } = batchOf(tensors, [row]);
  return batchDigest({ denseContext, history, repeats });
}

function rowOf({ tables }: OpenTensors, { basketId }: WorldBasket): number {
  for (let row = 0; row < tables.samples.rows; row++)
    if (tables.samples.basketId(row) === basketId) return row;
  throw new Error(`no basket ${basketId}`);
}

const changed = (change: (basket: WorldBasket) => WorldBasket): World => ({
  ...world,
  baskets: inTimeOrder(world.baskets.map(change)),
});

describe('nothing of the future or of the target is in the input', () => {
  test('future: other items, stores, hours and labels after a week leave all inputs up to it as they are', async () => {
    // The last train week: class shares and everything fitted may depend on train.
    const last = world.weeks - 2;
    const other = await build(
      changed((basket) =>
        basket.week <= last
          ? basket
          : {
              ...basket,
              hour: 8 + ((basket.hour + 3) % 15),
              store: (basket.store + 1) % world.stores,
              lines: [{ product: (basket.basketId + 7) % 39, quantity: 9, pence: 12_345 }],
              labels: { ...basket.labels, basket_type: 'Full Shop', basket_size: 'M' },
            },
      ),
    );
    const before = world.baskets.filter(({ week }) => week <= last);
    expect(before.length).toBeGreaterThan(300);
    for (const [row] of before.entries()) expect(inputDigest(other, row)).toBe(inputDigest(base, row));
    expect(inputDigest(other, before.length)).not.toBe(inputDigest(base, before.length));
  });

  test('label: other BASKET_* fields of one basket change its labels and nothing of its input', async () => {
    const chosen = world.baskets.find(({ week, customer }) => week === world.weeks - 1 && customer !== null);
    if (chosen === undefined) throw new Error('no such basket');
    const other = await build(
      changed((basket) =>
        basket !== chosen
          ? basket
          : {
              ...basket,
              labels: {
                basket_type: basket.labels.basket_type === 'Top Up' ? 'Small Shop' : 'Top Up',
                basket_dominant_mission:
                  basket.labels.basket_dominant_mission === 'Mixed' ? 'Fresh' : 'Mixed',
                basket_price_sensitivity: basket.labels.basket_price_sensitivity === 'MM' ? 'UM' : 'MM',
                basket_size: basket.labels.basket_size,
              },
            },
      ),
    );
    const row = rowOf(base, chosen);
    expect(inputDigest(other, row)).toBe(inputDigest(base, row));
    expect(batchOf(other, [row]).labels).not.toEqual(batchOf(base, [row]).labels);
  });

  test('target: other items of a basket leave its context, history and candidates as they are', async () => {
    const chosen = world.baskets.filter(
      ({ week, customer }, index) => week === world.weeks && customer !== null && index % 3 === 0,
    );
    expect(chosen.length).toBeGreaterThan(3);
    // One basket per customer, so that no chosen basket is the past of another.
    const [first] = chosen;
    if (first === undefined) throw new Error('no such basket');
    const other = await build(
      changed((basket) =>
        basket === first ? { ...basket, lines: [{ product: 2, quantity: 1, pence: 99 }] } : basket,
      ),
    );
    const row = rowOf(base, first);
    expect(contextDigest(other, row)).toBe(contextDigest(base, row));
  });

  test('mask: another product at a hidden position changes the target and nothing that the model sees', () => {
    const rows = world.baskets.flatMap(({ lines }, row) => (lines.length > 3 ? [row] : [])).slice(0, 60);
    let compared = 0;
    for (const row of rows) {
      const batch = batchOf(base, [row], 0.3);
      const hidden = batch.maskedPositions.find((position) => batch.corruption[position] === CORRUPTION.mask);
      if (hidden === undefined) continue;
      const token = batch.originalIds[hidden] ?? 0;
      const { samples } = base.tables;
      // Tokens stay in place: the order on disk is by token, so the other product takes the same slot.
      const swapped: OpenTensors = {
        ...base,
        tables: {
          ...base.tables,
          samples: {
            ...samples,
            tokens: (basketRow) =>
              basketRow === row
                ? samples.tokens(row).map((found) => (found === token ? 40 : found))
                : samples.tokens(basketRow),
            priceRows: (basketRow) =>
              basketRow === row
                ? samples
                    .priceRows(row)
                    .map((found, place) => (samples.tokens(row)[place] === token ? 0 : found))
                : samples.priceRows(basketRow),
          },
        },
      };
      const other = batchOf(swapped, [row], 0.3);
      expect(other.maskedTargets).not.toEqual(batch.maskedTargets);
      for (const name of [
        'denseContext',
        'productEmbeddings',
        'priceFeatures',
        'attentionMask',
        'productIds',
      ] as const) {
        expect(batchDigest({ value: other[name] }), name).toBe(batchDigest({ value: batch[name] }));
      }
      compared++;
    }
    expect(compared).toBeGreaterThan(30);
  });
});

describe('samples', () => {
  test('splits follow each other in time; every basket is in one', () => {
    const { samples } = base.tables;
    const key = (row: number) => [samples.date(row), samples.hour(row), samples.basketId(row)] as const;
    for (let row = 1; row < samples.rows; row++) {
      const [date, hour, id] = key(row);
      const [lastDate, lastHour, lastId] = key(row - 1);
      expect(date - lastDate || hour - lastHour || id - lastId).toBeGreaterThan(0);
    }
    const { baskets } = base.manifest.split;
    expect(SPLITS.reduce((sum, split) => sum + baskets[split], 0)).toBe(samples.rows);
  });

  test('histories hold earlier baskets of the same customer only; anonymous baskets have none', () => {
    const { samples, timeline } = base.tables;
    for (let row = 0; row < samples.rows; row++) {
      const customerRow = samples.customerRow(row);
      const { history } = batchOf(base, [row]);
      if (customerRow === 0) {
        expect(history?.length).toBe(0);
        expect(samples.stateRow(row)).toBe(0);
        expect(samples.timelinePosition(row)).toBe(0);
        continue;
      }
      const own = timeline(customerRow);
      expect(own[samples.timelinePosition(row)]).toBe(row);
      expect(Math.min(samples.timelinePosition(row), 10)).toBe(history?.length);
      expect((samples.flags(row) & 2) > 0).toBe(samples.timelinePosition(row) < 5);
    }
  });

  test('price rows belong to the same product, store and week, and nearly every item has one', () => {
    const { samples, prices } = base.tables;
    let [items, priced] = [0, 0];
    for (let row = 0; row < samples.rows; row++) {
      const tokens = samples.tokens(row);
      for (const [place, priceRow] of samples.priceRows(row).entries()) {
        items++;
        if (priceRow === 0) continue;
        priced++;
        expect(prices.productRow(priceRow)).toBe(tokens[place]);
        expect(prices.storeRow(priceRow)).toBe(samples.storeRow(row));
        expect(prices.week(priceRow)).toBe(samples.week(row));
      }
    }
    expect(priced / items).toBeGreaterThanOrEqual(0.95);
  });

  test('pairs join a basket with the next of the same customer, at most 12 weeks apart', () => {
    const { samples, timeline } = base.tables;
    let pairs = 0;
    for (const split of SPLITS) {
      const found = base.pairs(split);
      const first = base.manifest.split.firstRow[split];
      for (let pair = 0; pair < found.rows; pair++) {
        const [input, target] = [found.inputRow[pair] ?? 0, found.targetRow[pair] ?? 0];
        const customer = samples.customerRow(target);
        expect(customer).toBeGreaterThan(0);
        expect(timeline(customer)[samples.timelinePosition(target) - 1]).toBe(input);
        expect(samples.tokens(target).length).toBeGreaterThanOrEqual(2);
        expect(found.weekGap[pair]).toBe(samples.week(target) - samples.week(input));
        expect(target >= first && target < first + base.manifest.split.baskets[split]).toBe(true);
      }
      pairs += found.rows;
    }
    const expected = world.baskets.filter(
      (basket, index) =>
        basket.customer !== null &&
        basket.lines.length >= 2 &&
        world.baskets.slice(0, index).some(({ customer }) => customer === basket.customer),
    );
    expect(pairs).toBe(expected.length);
  });

  test('pairs more than 12 weeks apart are dropped', async () => {
    const sparse = makeWorld({ weeks: 40, baskets: 120, seed: 6 });
    const { manifest, tables } = await build(sparse, { fittedOn: sparse });
    const last = new Map<number, number>();
    const gaps: number[] = [];
    for (const { customer, week, lines } of sparse.baskets) {
      if (customer === null) continue;
      const before = last.get(customer);
      last.set(customer, week);
      if (before !== undefined && lines.length >= 2) gaps.push(week - before);
    }
    expect(gaps).toContain(12);
    expect(gaps).toContain(13);
    expect(SPLITS.reduce((sum, split) => sum + manifest.split.pairs[split], 0)).toBe(
      gaps.filter((gap) => gap <= 12).length,
    );
    expect(tables.samples.rows).toBe(sparse.baskets.length);
  });

  test('the store of a basket is a row from 1 that names it', () => {
    const { samples } = base.tables;
    for (const [row, basket] of world.baskets.entries()) {
      expect(samples.storeRow(row)).toBeGreaterThan(0);
      expect(base.storeIds()[samples.storeRow(row)]).toBe(storeId(basket.store));
    }
  });

  test('the size label is the class of the units; a basket that it does not fit is cut off and no target', async () => {
    const { samples } = base.tables;
    for (const [row, { lines }] of world.baskets.entries()) {
      const units = lines.reduce((sum, { quantity }) => sum + quantity, 0);
      expect(samples.labelSize(row)).toBe(units >= 10 ? 3 : units >= 3 ? 2 : 1);
      expect(samples.flags(row) & BASKET_FLAGS.truncated).toBe(0);
    }
    const pairs = base.pairs('test');
    const target = pairs.targetRow[0] ?? 0;
    const other = await build(
      changed((basket) =>
        basket === world.baskets[target]
          ? {
              ...basket,
              labels: { ...basket.labels, basket_size: samples.labelSize(target) === 3 ? 'S' : 'L' },
            }
          : basket,
      ),
    );
    expect(other.tables.samples.flags(target) & BASKET_FLAGS.truncated).toBe(BASKET_FLAGS.truncated);
    expect(other.stage.counts.truncatedBaskets).toBe(1);
    expect(Array.from(other.pairs('test').targetRow)).toEqual(
      Array.from(pairs.targetRow).filter((row) => row !== target),
    );
  });

  test('nothing is NaN or infinite, padding is zero, attention counts items and EOS', () => {
    const batch = batchOf(base, [...world.baskets.keys()].slice(0, 200), 0.15);
    for (const array of [batch.denseContext, batch.productEmbeddings, batch.priceFeatures]) {
      expect(array.every(Number.isFinite)).toBe(true);
    }
    for (let index = 0; index < batch.size; index++) {
      const length = batch.lengths[index] ?? 0;
      const start = index * batch.positions;
      const row = batch.attentionMask.subarray(start, start + batch.positions);
      expect(row.reduce((sum, value) => sum + value, 0)).toBe(length);
      const padding = batch.productEmbeddings.subarray(
        (start + length) * 256,
        (start + batch.positions) * 256,
      );
      expect(padding.every((value) => value === 0)).toBe(true);
      for (let position = 0; position < length; position++) {
        if (batch.corruption[start + position] === CORRUPTION.keep) continue;
        const price = batch.priceFeatures.subarray((start + position) * 64, (start + position + 1) * 64);
        expect(price.every((value) => value === 0)).toBe(true);
      }
    }
  });
});

/** Where each block lies in the dense context, `[from, to)`. */
const BLOCKS = {
  'T1 first segment': [0, 32],
  'T1 second segment': [32, 64],
  'T1 history': [64, 128],
  'T1 statistics': [128, 160],
  'T1 primary store': [160, 176],
  'T1 affinity': [176, 192],
  'T3 week': [192, 208],
  'T3 weekday': [208, 216],
  'T3 hour': [216, 224],
  'T3 holiday': [224, 232],
  'T3 season': [232, 240],
  'T3 trend': [240, 248],
  'T3 recency': [248, 256],
  'T5 format': [256, 280],
  'T5 region': [280, 304],
  'T5 operations': [304, 336],
  'T5 identity': [336, 352],
  'T6 type': [352, 368],
  'T6 focus': [368, 384],
  'T6 sensitivity': [384, 392],
  'T6 size': [392, 400],
} as const;
type Block = keyof typeof BLOCKS;
const BLOCK_NAMES = Object.keys(BLOCKS).filter((name): name is Block => name in BLOCKS);

describe('information: every block tells what it is named after', () => {
  const rows = [...world.baskets.keys()];
  const part = (batch: Batch, index: number, from: number, size: number) =>
    batch.denseContext.subarray(index * 400 + from, index * 400 + from + size);

  test('T1, T3, T5 and T6 decode to the customer, time, store and expectation of the basket', () => {
    const batch = batchOf(base, rows);
    const { samples, states } = base.tables;
    for (const [row, basket] of world.baskets.entries()) {
      const state = samples.stateRow(row);
      const t1 = decodeCustomer(
        part(batch, row, DENSE_OFFSETS.t1, 192),
        state === 0 ? 0 : states.trips(state),
      );
      expect(t1.isAnonymous).toBe(basket.customer === null);
      if (basket.customer !== null) {
        expect(t1.firstSegment).toBe(['CT', 'AZ', 'BG', 'DY'][basket.customer % 4]);
        expect(t1.secondSegment).toBe(
          basket.customer % 5 === 4 ? 'unknown' : ['DI', 'FN', 'BU'][basket.customer % 3],
        );
        expect(t1.historyNorm > 0).toBe(state > 0);
      }
      expect(decodeTime(part(batch, row, DENSE_OFFSETS.t3, 64))).toMatchObject({
        week: basket.week,
        hour: basket.hour,
      });
      const t5 = decodeStore(part(batch, row, DENSE_OFFSETS.t5, 96));
      expect(t5.format).toBe(['LS', 'MS', 'SS', 'XLS'][basket.store % 4]);
      for (const { shares } of decodeTrip(part(batch, row, DENSE_OFFSETS.t6, 48))) {
        expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 3);
        expect(shares.every(({ share }) => share > -1e-3)).toBe(true);
      }
    }
  });

  test('T4 decodes to the price paid, T2 is the vector of the product', () => {
    const batch = batchOf(base, rows);
    const embeddings = Array.from({ length: world.products }, (_, product) =>
      Float32Array.from(embeddingOf(product)),
    );
    let compared = 0;
    for (const [row, basket] of world.baskets.entries()) {
      for (let position = 0; position < basket.lines.length; position++) {
        const slot = row * batch.positions + position;
        const line = basket.lines.find(({ product }) => product + 1 === batch.productIds[slot]);
        const price = decodePrice(batch.priceFeatures.subarray(slot * 64, slot * 64 + 64));
        const product = (batch.productIds[slot] ?? 0) - 1;
        const vector = batch.productEmbeddings.subarray(slot * 256, slot * 256 + 256);
        expect(vector.every((value, k) => value === embeddings[product]?.[k])).toBe(true);
        if (line === undefined || line.product % 7 === 0 || price === undefined) continue;
        expect(price.actual).toBeCloseTo(line.pence / line.quantity / 100, 3);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(500);
  });

  test('no block is constant over the baskets', () => {
    const batch = batchOf(base, rows);
    for (const [name, [from, to]] of Object.entries(BLOCKS)) {
      const values = new Set(rows.map((row) => part(batch, row, from, to - from).join()));
      expect(values.size, name).toBeGreaterThan(1);
    }
  });

  /** What a block is a function of, and nothing else. */
  const sources: Partial<Record<Block, (basket: WorldBasket) => unknown>> = {
    'T1 first segment': ({ customer }) => (customer === null ? 'none' : customer % 4),
    'T1 second segment': ({ customer }) => (customer === null || customer % 5 === 4 ? 'none' : customer % 3),
    'T3 week': ({ week }) => week,
    'T3 weekday': ({ date }) => date % 7,
    'T3 hour': ({ hour }) => hour,
    'T3 trend': ({ week }) => week,
    'T5 format': ({ store }) => store % 4,
    'T5 region': ({ store }) => store % 12,
    'T5 identity': ({ store }) => store,
  };
  /** Every block of every basket, as text, by basket id. */
  const blocksOf = (tensors: OpenTensors) => {
    const { samples } = tensors.tables;
    const all = Array.from({ length: samples.rows }, (_, row) => row);
    const batch = batchOf(tensors, all);
    return new Map(
      all.map((row) => [
        samples.basketId(row),
        (name: Block) => part(batch, row, BLOCKS[name][0], BLOCKS[name][1] - BLOCKS[name][0]).join(),
      ]),
    );
  };

  test('what one half of the baskets shows of a block and its source foretells the other half without a fault', () => {
    const blocks = blocksOf(base);
    for (const name of BLOCK_NAMES) {
      const source = sources[name];
      if (source === undefined) continue;
      const half = (of: 0 | 1) => world.baskets.filter((_, row) => row % 2 === of);
      const block = ({ basketId }: WorldBasket) => blocks.get(basketId)?.(name) ?? '';
      const learned = new Map(half(0).map((basket) => [block(basket), source(basket)]));
      for (const basket of half(1)) expect(learned.get(block(basket)), name).toBe(source(basket));
    }
  });

  test.each<[keyof WorldBasket, Block[]]>([
    ['store', ['T5 format', 'T5 region', 'T5 operations', 'T5 identity', 'T1 primary store']],
    ['hour', ['T3 hour']],
    ['customer', ['T1 first segment', 'T1 second segment', 'T1 history', 'T1 statistics', 'T1 affinity']],
    ['customer', ['T3 recency']],
    ['labels', ['T6 type', 'T6 focus', 'T6 sensitivity', 'T6 size']],
  ])('shuffling %s over the baskets changes %j', async (field, names) => {
    const order = shuffledOrder(keyedStream(7, 'shuffle'), world.baskets.length);
    const shuffled = world.baskets.map((basket, row) => ({
      ...basket,
      [field]: world.baskets[order[row] ?? 0]?.[field],
    }));
    const [before, after] = [base, await build({ ...world, baskets: inTimeOrder(shuffled) })].map(blocksOf);
    for (const name of names) {
      let changes = 0;
      for (const [row, basket] of world.baskets.entries()) {
        const is = after?.get(basket.basketId)?.(name);
        const isChanged = is !== before?.get(basket.basketId)?.(name);
        const source = sources[name];
        const other = shuffled[row];
        if (isChanged) changes++;
        if (source !== undefined && other !== undefined) {
          expect(isChanged, name).toBe(source(basket) !== source(other));
        }
      }
      expect(changes / world.baskets.length, name).toBeGreaterThan(0.5);
    }
  });

  test('T5 differs between stores: 4 formats, 12 regions, an identity of norm 0.5', () => {
    const batch = batchOf(base, rows);
    const different = (from: number, size: number) =>
      new Set(rows.map((row) => part(batch, row, from, size).join())).size;
    expect([different(256, 24), different(280, 24), different(336, 16)]).toEqual([4, 12, world.stores]);
    for (const row of rows) expect(Math.hypot(...part(batch, row, 336, 16))).toBeCloseTo(0.5, 6);
  });

  test('T6 of `observed` is the trip itself, and there are no labels then', async () => {
    const observed = await build(world, { t6: 'observed' });
    const batch = batchOf(observed, rows);
    for (const [row, { labels }] of world.baskets.entries()) {
      const [type, focus, sensitivity, size] = decodeTrip(part(batch, row, DENSE_OFFSETS.t6, 48));
      for (const [field, label] of [
        [type, labels.basket_type],
        [focus, labels.basket_dominant_mission],
        [sensitivity, labels.basket_price_sensitivity],
        [size, labels.basket_size],
      ] as const) {
        const [likeliest] = field?.shares ?? [];
        if (label === 'XX') expect(likeliest?.share).toBeCloseTo(0, 4);
        else expect(likeliest).toEqual({ value: label, share: expect.closeTo(1, 4) });
      }
    }
    for (const column of Object.values(batch.labels)) {
      expect(column.every((label: number) => label === 0)).toBe(true);
    }
  });

  test('the blocks fill the dimensions that the manifest states', () => {
    expect(base.manifest.dims).toEqual({
      t1: 192,
      t2: 256,
      t3: 64,
      t4: 64,
      t5: 96,
      t6: 48,
      dense: 400,
      sequence: 320,
    });
    expect(DENSE_OFFSETS).toEqual({ t1: 0, t3: 192, t5: 256, t6: 352 });
    const batch = batchOf(base, rows);
    expect(batch.denseContext.length).toBe(rows.length * 400);
    expect(batch.productEmbeddings.length).toBe(rows.length * batch.positions * 256);
    expect(batch.priceFeatures.length).toBe(rows.length * batch.positions * 64);
    expect(batch.history?.tokens.length).toBe(rows.length * 10 * 320);
  });
});

describe('determinism', () => {
  test('two builds are byte-identical', async () => {
    const again = await build(world);
    for (const file of Object.keys(base.stage.outputs)) {
      expect(readFileSync(join(again.folder, file)).equals(readFileSync(join(base.folder, file))), file).toBe(
        true,
      );
    }
    expect(again.stage.counts).toEqual(base.stage.counts);
  });

  test('the manifest counts what the files hold', () => {
    const { counts, outputs } = base.stage;
    expect(counts.baskets).toBe(world.baskets.length);
    expect(counts.items).toBe(world.baskets.reduce((sum, { lines }) => sum + lines.length, 0));
    expect(outputs['entities/prices.arrow']?.rows).toBe((counts.prices ?? 0) + 1);
    expect(outputs['entities/customer_states.arrow']?.rows).toBe((counts.states ?? 0) + 1);
    for (const split of SPLITS) {
      expect(outputs[`${split}_tensors.arrow`]?.rows).toBe(base.manifest.split.baskets[split]);
      expect(outputs[`${split}_pairs.arrow`]?.rows).toBe(base.manifest.split.pairs[split]);
    }
    expect(storeId(0)).toBe(base.storeIds()[1]);
  });
});
