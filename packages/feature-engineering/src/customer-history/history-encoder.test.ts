import { keyedStream } from '@retail-sim/random';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { historyEncoder, historyWeights, MAX_TRIPS } from './history-encoder.js';
import type { CustomerTrips } from './stream-customer-trips.js';

const PRODUCTS = 40;
const stream = keyedStream(1, 'history-encoder-test');
const vectors = Float32Array.from({ length: PRODUCTS * 256 }, () => stream.normal() / 16);
const known = new Uint8Array(PRODUCTS).fill(1);
known[7] = 0;
const weights = historyWeights(42);

interface Trip {
  readonly products: readonly number[];
  readonly labels: readonly [type: number, focus: number, sensitivity: number, size: number];
}

function tripsOf(trips: readonly Trip[]): CustomerTrips {
  const starts = [0];
  for (const { products } of trips) starts.push((starts.at(-1) ?? 0) + products.length);
  const label = (k: number) => Int8Array.from(trips, ({ labels }) => labels[k] ?? -1);
  return {
    customer: 0,
    trips: trips.length,
    weekIdx: Int16Array.from(trips, (_, place) => place + 1),
    labels: {
      basket_type: label(0),
      basket_dominant_mission: label(1),
      basket_price_sensitivity: label(2),
      basket_size: label(3),
    },
    starts: Uint32Array.from(starts),
    products: Uint32Array.from(trips.flatMap(({ products }) => products)),
  };
}

function history(trips: readonly Trip[], before = trips.length): Float64Array {
  const encoder = historyEncoder(weights, { vectors, known });
  encoder.begin(tripsOf(trips));
  const out = new Float64Array(128);
  encoder.encode(before, out);
  return out;
}

const trip: fc.Arbitrary<Trip> = fc.record({
  products: fc.uniqueArray(fc.nat(PRODUCTS - 1), { minLength: 1, maxLength: 8 }),
  labels: fc.tuple(
    fc.integer({ min: -1, max: 2 }),
    fc.integer({ min: -1, max: 3 }),
    fc.integer({ min: -1, max: 2 }),
    fc.integer({ min: -1, max: 2 }),
  ),
});
const some = fc.array(trip, { minLength: 1, maxLength: 12 });

test('trips from a point on change nothing before it', () => {
  fc.assert(
    fc.property(some, some, (past, future) => {
      expect(history([...past, ...future], past.length)).toEqual(history(past));
    }),
  );
});

test('a trip older than the last twenty changes nothing', () => {
  const twenty = fc.array(trip, { minLength: MAX_TRIPS, maxLength: MAX_TRIPS });
  fc.assert(
    fc.property(trip, twenty, (old, recent) => {
      expect(history([old, ...recent])).toEqual(history(recent));
    }),
    { numRuns: 20 },
  );
});

test('states asked for one after the other are those asked for alone', () => {
  fc.assert(
    fc.property(fc.array(trip, { minLength: 30, maxLength: 40 }), (trips) => {
      const encoder = historyEncoder(weights, { vectors, known });
      encoder.begin(tripsOf(trips));
      const out = new Float64Array(128);
      for (const before of [1, 2, 5, 29, 30]) {
        encoder.encode(before, out);
        expect(out).toEqual(history(trips, before));
      }
    }),
    { numRuns: 20 },
  );
});

test('every value is finite and inside (-1, 1)', () => {
  fc.assert(
    fc.property(some, (trips) => {
      expect(history(trips).every((value) => Math.abs(value) < 1)).toBe(true);
    }),
  );
});

test('a basket of unknown products alone still has its labels, one without known labels its products', () => {
  const labelsOnly = history([{ products: [7], labels: [0, 0, 0, 0] }]);
  const productsOnly = history([{ products: [3], labels: [-1, -1, -1, -1] }]);
  const nothing = history([{ products: [7], labels: [-1, -1, -1, -1] }]);
  expect(labelsOnly.some((value) => value !== 0)).toBe(true);
  expect(productsOnly.some((value) => value !== 0)).toBe(true);
  expect(nothing.every((value) => value === 0)).toBe(true);
});

test('a state without a trip, or beyond the trips, is refused', () => {
  expect(() => history([], 0)).toThrow(RangeError);
  expect(() => history([{ products: [1], labels: [0, 0, 0, 0] }], 2)).toThrow(RangeError);
});
