// The encoders in `reference` mode against 300 + 300 baskets encoded by the reference implementation on real rows. The
// goldens lie outside the repository (the licence of the rows forbids shipping them).

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  FIRST_SEGMENTS,
  historySlice,
  primaryStoreVector,
  SECOND_SEGMENTS,
  writeCustomerContext,
} from './customer-context.js';
import { writePrice } from './price-context.js';
import { positionEncoding, specialVectors, writeProductSequence } from './product-sequence.js';
import { storeIdentity, UNKNOWN_OPERATIONS, writeStoreContext } from './store-context.js';
import { referenceTrip, writeTemporalContext } from './temporal-context.js';
import { encoded } from './tensor-target.js';
import { writeObservedTrip } from './trip-context.js';

const goldens = join(import.meta.dirname, '../../../../../shared/golden/reference');
const present = existsSync(goldens);
if (!present) process.stderr.write('skipped: no goldens of the reference beside the repository\n');

type Row = Readonly<Record<string, string>>;

function table(folder: string, name: string): Row[] {
  const text = gunzipSync(readFileSync(join(goldens, folder, `${name}.csv.gz`))).toString('utf8');
  const [header = '', ...lines] = text.trimEnd().split('\n');
  const names = header.split(',');
  return lines.map((line) => {
    const fields = line.split(',');
    return Object.fromEntries(names.map((column, index) => [column, fields[index] ?? '']));
  });
}

/** A NumPy array of version 1.0, little endian, C order. */
function array(folder: string, name: string): Float32Array | Float64Array {
  const bytes = readFileSync(join(goldens, folder, `${name}.npy`));
  const data = bytes.subarray(10 + bytes.readUInt16LE(8));
  const copy = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
  return name.endsWith('f32') ? new Float32Array(copy) : new Float64Array(copy);
}

function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
) {
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    worst = Math.max(worst, Math.abs((actual[i] ?? Number.NaN) - (expected[i] ?? Number.NaN)));
  }
  expect(worst, what).toBeLessThanOrEqual(tolerance);
}

const values = (row: Row, prefix: string, size: number) =>
  Float64Array.from({ length: size }, (_, index) => Number(row[`${prefix}_${index}`]));
const week = (text: string | undefined) => (text ? Number(text) : undefined);

describe.skipIf(!present).each(['first10k', 'dev'])('300 baskets of %s', (folder) => {
  const samples = present ? table(folder, 'tensor_samples') : [];

  test('T3, T5 without the salted identity, T6', () => {
    const [t3, t5, t6] = ['T3_f64', 'T5_f64', 'T6_f64'].map((name) => array(folder, name));
    for (const [index, sample] of samples.entries()) {
      const mine3 = encoded(64, (target) =>
        writeTemporalContext(
          target,
          referenceTrip({
            shopWeek: Number(sample.shop_week),
            weekday: Number(sample.shop_weekday),
            hour: Number(sample.shop_hour),
            lastShopWeek: week(sample.last_visit_week),
          }),
        ),
      );
      expectClose(mine3, t3?.subarray(index * 64, index * 64 + 64) ?? [], 1e-12, `T3 of sample ${index}`);
      const mine5 = encoded(96, (target) =>
        writeStoreContext(
          target,
          {
            format: 'MS',
            region: 'E01',
            operations: UNKNOWN_OPERATIONS,
            identity: storeIdentity(sample.store_id ?? ''),
          },
          'reference',
        ),
      );
      expectClose(mine5, t5?.subarray(index * 96, index * 96 + 80) ?? [], 1e-12, `T5 of sample ${index}`);
      const mine6 = encoded(48, (target) =>
        writeObservedTrip(target, {
          type: sample.basket_type ?? '',
          focus: sample.dominant_mission ?? '',
          sensitivity: sample.price_sensitivity ?? '',
          size: sample.basket_size ?? '',
        }),
      );
      expectClose(mine6, t6?.subarray(index * 48, index * 48 + 48) ?? [], 1e-12, `T6 of sample ${index}`);
    }
  });

  test('T1 of identified customers: the constant segments CT and DI, layer 4 held back, no affinity', () => {
    const t1 = array(folder, 'T1_f64');
    const layer4 = array(folder, 'layer4_customer_embeddings_f64');
    const rows = new Map(table(folder, 'layer4_customers').map((row, index) => [row.customer_id, index]));
    let compared = 0;
    for (const [index, sample] of samples.entries()) {
      const row = rows.get(sample.customer_id);
      if (row === undefined) continue;
      const mine = encoded(192, (target) =>
        writeCustomerContext(target, {
          firstSegment: 0,
          secondSegment: 0,
          history: historySlice(layer4.subarray(row * 160, row * 160 + 160), 'reference'),
          trips: Number(sample.num_trips),
        }),
      );
      expectClose(mine, t1.subarray(index * 192, index * 192 + 192), 1e-8, `T1 of sample ${index}`);
      compared++;
    }
    expect(compared).toBeGreaterThan(200);
  });

  test('T2 and T4, sequences laid end to end', () => {
    const t2 = array(folder, 'T2_flat_f32');
    const t4 = array(folder, 'T4_flat_f64');
    const products = table(folder, 'layer3_products').map((row) => row.product_id ?? '');
    const layer3 = array(folder, 'layer3_embeddings_f32');
    const vectors = new Map(products.map((id, row) => [id, layer3.subarray(row * 256, row * 256 + 256)]));
    const { eos } = specialVectors();
    const prices = new Map(table(folder, 'T4_price_lookup').map((row) => [row.product_id, row]));
    const positions = positionEncoding(50);
    for (const sample of samples) {
      const codes = sample.products?.split('|') ?? [];
      const embeddings = new Float32Array((codes.length + 2) * 256);
      for (const [index, code] of codes.entries()) {
        const vector = vectors.get(code);
        if (vector) embeddings.set(vector, (index + 1) * 256);
      }
      embeddings.set(eos, (codes.length + 1) * 256);
      const length = Number(sample.t2_length);
      const out = new Float32Array(length * 256);
      const tokens = Int32Array.from({ length: codes.length + 1 }, (_, index) => index + 1);
      writeProductSequence({ out, offset: 0 }, embeddings, tokens, positions);
      const from = Number(sample.t2_offset) * 256;
      expectClose(out, t2.subarray(from, from + out.length), 3e-7, `T2 of ${sample.basket_id}`);
      for (const [index, code] of codes.entries()) {
        const price = prices.get(code);
        const mine = encoded(64, (target) =>
          writePrice(
            target,
            price
              ? {
                  actual: Number(price.actual_price),
                  base: Number(price.base_price),
                  prior: Number(price.prior_price),
                }
              : {},
            'reference',
          ),
        );
        const row = (Number(sample.t4_offset) + index) * 64;
        const expected = t4.subarray(row, row + 64);
        for (let k = 0; k < 64; k++) {
          const want = expected[k] ?? Number.NaN;
          expect(Math.abs((mine[k] ?? Number.NaN) - want), `T4 ${k} of ${code}`).toBeLessThanOrEqual(
            1e-8 * Math.max(1, Math.abs(want)),
          );
        }
      }
    }
  });
});

describe.skipIf(!present)('single-function cases', () => {
  test('T1 with segments and affinity, but for the salted primary store', () => {
    const layer4 = array('first10k', 'layer4_customer_embeddings_f64');
    const rows = new Map(table('first10k', 'layer4_customers').map((row, index) => [row.customer_id, index]));
    const affinities = new Map(table('first10k', 'stage3_affinity').map((row) => [row.customer_id, row]));
    for (const sample of table('first10k', 'T1_with_affinity_cases')) {
      const row = rows.get(sample.customer_id) ?? Number.NaN;
      const affinity = affinities.get(sample.customer_id);
      const mine = encoded(192, (target) =>
        writeCustomerContext(target, {
          firstSegment: FIRST_SEGMENTS.indexOf(sample.seg_1 ?? ''),
          secondSegment: SECOND_SEGMENTS.indexOf(sample.seg_2 ?? ''),
          history: historySlice(layer4.subarray(row * 160, row * 160 + 160), 'reference'),
          trips: Number(sample.num_trips),
          affinity: {
            loyalty: Number(affinity?.loyalty_score),
            switching: Number(affinity?.switching_rate),
            regions: Number(affinity?.region_diversity),
            primaryStore: primaryStoreVector(affinity?.primary_store ?? ''),
          },
        }),
      );
      const expected = values(sample, 't1', 192);
      mine.fill(0, 160, 176);
      expected.fill(0, 160, 176);
      expectClose(mine, expected, 1e-8, `T1 of ${sample.customer_id}`);
    }
  });

  test('T3 and T4', () => {
    for (const sample of table('first10k', 'T3_encode_temporal_cases')) {
      const trip = referenceTrip({
        shopWeek: Number(sample.shop_week),
        weekday: Number(sample.shop_weekday),
        hour: Number(sample.shop_hour),
        lastShopWeek: week(sample.last_visit_week),
      });
      expectClose(
        encoded(64, (target) => writeTemporalContext(target, trip)),
        values(sample, 't3', 64),
        1e-8,
        'T3',
      );
    }
    for (const sample of table('first10k', 'T4_encode_price_cases')) {
      const price = {
        actual: Number(sample.actual_price),
        base: Number(sample.base_price),
        categoryAverage: Number(sample.category_avg),
        prior: Number(sample.prior_price),
      };
      const mine = encoded(64, (target) => writePrice(target, price, 'reference'));
      for (const [index, want] of values(sample, 't4', 64).entries()) {
        expect(Math.abs((mine[index] ?? Number.NaN) - want)).toBeLessThanOrEqual(
          1e-8 * Math.max(1, Math.abs(want)),
        );
      }
    }
  });

  test('special vectors of T2', () => {
    const { mask, eos } = specialVectors();
    const rows = table('first10k', 'encoder_tables').filter((row) => row.tensor === 'T2');
    expect(rows.length).toBe(512);
    for (const row of rows) {
      const vector = row.table === 'mask' ? mask : eos;
      expect(vector[Number(row.dim)]).toBeCloseTo(Number(row.value), 14);
    }
  });
});
