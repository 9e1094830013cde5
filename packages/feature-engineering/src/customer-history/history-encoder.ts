// From trips to a history vector: a fixed random-feature baseline, nothing of it is trained (spec section 3, layer 4; CH-3,
// CH-4, CH-10).
//
// Symbols of the spec:
//   t_i      trip vector [176] = mean product vector 128 | type 16 | focus 16 | sensitivity 8 | size 8
//   g_i      recency weight exp(-1 + i / (n - 1)), oldest trip i = 0        w_attn  [176]
//   W_proj   [176, 128]        history = tanh((sum of weight_i t_i) W_proj), weight_i ~ g_i exp(t_i . w_attn)

import { namedNormals } from '@retail-sim/random';
import { BASKET_LABELS, type BasketAttribute } from '../read-processed/read-labels.js';
import { CUSTOMER_HISTORY_SIZE } from '../schemas/customer-states.js';
import { PRODUCT_EMBEDDING_SIZE } from '../schemas/product-embeddings.js';
import type { CustomerTrips } from './stream-customer-trips.js';

/** Trips that a history remembers. */
export const MAX_TRIPS = 20;
/** The strongest components of a product vector; the spectral embedding orders them. */
export const TRIP_PRODUCT_SIZE = 128;
export const TRIP_SIZE = 176;

/** Where the labels of a trip stand in its vector, `[first, width]`. */
export const TRIP_LABEL_BLOCKS: Readonly<Record<BasketAttribute, readonly [first: number, width: number]>> = {
  basket_type: [128, 16],
  basket_dominant_mission: [144, 16],
  basket_price_sensitivity: [160, 8],
  basket_size: [168, 8],
};
const LABEL_SCALE = 0.1;

/** Everything random of the encoder. */
export interface HistoryWeights {
  /** Vector of each label, in the order of `BASKET_LABELS`: `[labels * width]` an attribute. */
  readonly labels: Readonly<Record<BasketAttribute, Float64Array>>;
  /** `[176, 128]`, row-major. */
  readonly projection: Float64Array;
  /** `[176]`. */
  readonly attention: Float64Array;
  /** Position of the label that stands for an unknown one; -1: a zero vector. */
  readonly unknown: Readonly<Record<BasketAttribute, number>>;
}

const NAMESPACES: Readonly<Record<BasketAttribute, string>> = {
  basket_type: 'type',
  basket_dominant_mission: 'focus',
  basket_price_sensitivity: 'sensitivity',
  basket_size: 'size',
};

/** Weights of `corrected` mode: a stream of its own for each label and each row of the projection (A.6). */
export function historyWeights(seed: number): HistoryWeights {
  const scale = 1 / Math.sqrt(TRIP_SIZE);
  const table = (attribute: BasketAttribute): Float64Array => {
    const [, width] = TRIP_LABEL_BLOCKS[attribute];
    const vectors = BASKET_LABELS[attribute].map((label) =>
      namedNormals(`${seed}:${NAMESPACES[attribute]}:${label}`, width),
    );
    return Float64Array.from(vectors.flatMap((vector) => [...vector]).map((value) => LABEL_SCALE * value));
  };
  const projection = new Float64Array(TRIP_SIZE * CUSTOMER_HISTORY_SIZE);
  for (let row = 0; row < TRIP_SIZE; row++) {
    const normals = namedNormals(`${seed}:proj:${row}`, CUSTOMER_HISTORY_SIZE);
    projection.set(
      normals.map((value) => scale * value),
      row * CUSTOMER_HISTORY_SIZE,
    );
  }
  return {
    labels: {
      basket_type: table('basket_type'),
      basket_dominant_mission: table('basket_dominant_mission'),
      basket_price_sensitivity: table('basket_price_sensitivity'),
      basket_size: table('basket_size'),
    },
    projection,
    attention: namedNormals(`${seed}:attn:0`, TRIP_SIZE).map((value) => scale * value),
    unknown: { basket_type: -1, basket_dominant_mission: -1, basket_price_sensitivity: -1, basket_size: -1 },
  };
}

/** Product vectors as layer 3 has made them. */
export interface ProductVectors {
  /** `[products, 256]`, rows as in `products.parquet`. */
  readonly vectors: Float32Array;
  /** 1 where a product has a vector. Shape `[products]`. */
  readonly known: Uint8Array;
}

/** Encodes the trips of one customer after the other. */
export interface HistoryEncoder {
  /** Starts a customer. */
  begin(trips: CustomerTrips): void;
  /** Writes the history over the last 20 of the first `before` trips to `out` `[128]`; at least one trip. */
  encode(before: number, out: Float64Array): void;
}

/** @param maxProducts products of a trip that count; the reference looks at the first 50 lines */
export function historyEncoder(
  weights: HistoryWeights,
  products: ProductVectors,
  maxProducts = Number.POSITIVE_INFINITY,
): HistoryEncoder {
  let trips: CustomerTrips | undefined;
  let encoded = 0;
  let vectors = new Float64Array(64 * TRIP_SIZE);
  let attention = new Float64Array(64);
  const summed = new Float64Array(TRIP_SIZE);

  function begin(next: CustomerTrips): void {
    trips = next;
    encoded = 0;
    if (next.trips > attention.length) {
      const capacity = 2 ** Math.ceil(Math.log2(next.trips));
      vectors = new Float64Array(capacity * TRIP_SIZE);
      attention = new Float64Array(capacity);
    }
  }

  function encode(before: number, out: Float64Array): void {
    if (trips === undefined || before < 1 || before > trips.trips) {
      throw new RangeError(`${before} trips asked for, ${trips?.trips ?? 0} known`);
    }
    const first = Math.max(0, before - MAX_TRIPS);
    for (let trip = Math.max(first, encoded); trip < before; trip++) {
      writeTrip(vectors, trip * TRIP_SIZE, trips, trip, { weights, products, maxProducts });
      attention[trip] = Math.exp(dot(vectors, trip * TRIP_SIZE, weights.attention));
    }
    encoded = before;
    sumTrips(first, before);
    project(summed, weights.projection, out);
  }

  /** Attention-weighted sum of trips into `summed`. */
  function sumTrips(first: number, before: number): void {
    const n = before - first;
    summed.fill(0);
    let total = 0;
    for (let i = 0; i < n; i++) {
      const weight = Math.exp(-1 + (n === 1 ? 0 : i / (n - 1))) * (attention[first + i] ?? 0);
      total += weight;
      const at = (first + i) * TRIP_SIZE;
      for (let k = 0; k < TRIP_SIZE; k++) summed[k] = (summed[k] ?? 0) + weight * (vectors[at + k] ?? 0);
    }
    for (let k = 0; k < TRIP_SIZE; k++) summed[k] = (summed[k] ?? 0) / total;
  }

  return { begin, encode };
}

interface TripParts {
  readonly weights: HistoryWeights;
  readonly products: ProductVectors;
  readonly maxProducts: number;
}

/** Writes t `[176]` of one trip. */
function writeTrip(
  out: Float64Array,
  offset: number,
  { starts, products: lines, labels }: CustomerTrips,
  trip: number,
  { weights, products, maxProducts }: TripParts,
): void {
  out.fill(0, offset, offset + TRIP_SIZE);
  const from = starts[trip] ?? 0;
  const to = Math.min(starts[trip + 1] ?? from, from + maxProducts);
  let count = 0;
  for (let line = from; line < to; line++) {
    const product = lines[line] ?? 0;
    if (products.known[product] !== 1) continue;
    count++;
    const at = product * PRODUCT_EMBEDDING_SIZE;
    for (let k = 0; k < TRIP_PRODUCT_SIZE; k++) {
      out[offset + k] = (out[offset + k] ?? 0) + (products.vectors[at + k] ?? 0);
    }
  }
  if (count > 1) {
    for (let k = 0; k < TRIP_PRODUCT_SIZE; k++) out[offset + k] = (out[offset + k] ?? 0) / count;
  }
  writeLabel(out, offset, 'basket_type', labels.basket_type[trip] ?? -1, weights);
  writeLabel(out, offset, 'basket_dominant_mission', labels.basket_dominant_mission[trip] ?? -1, weights);
  writeLabel(out, offset, 'basket_price_sensitivity', labels.basket_price_sensitivity[trip] ?? -1, weights);
  writeLabel(out, offset, 'basket_size', labels.basket_size[trip] ?? -1, weights);
}

function writeLabel(
  out: Float64Array,
  offset: number,
  attribute: BasketAttribute,
  position: number,
  { labels, unknown }: HistoryWeights,
): void {
  const row = position < 0 ? unknown[attribute] : position;
  if (row < 0) return;
  const [first, width] = TRIP_LABEL_BLOCKS[attribute];
  for (let k = 0; k < width; k++) out[offset + first + k] = labels[attribute][row * width + k] ?? 0;
}

function dot(vectors: Float64Array, offset: number, weights: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < TRIP_SIZE; k++) sum += (vectors[offset + k] ?? 0) * (weights[k] ?? 0);
  return sum;
}

/** tanh(x W): `[176]` times `[176, 128]` to `[128]`. */
function project(x: Float64Array, projection: Float64Array, out: Float64Array): void {
  out.fill(0, 0, CUSTOMER_HISTORY_SIZE);
  for (let row = 0; row < TRIP_SIZE; row++) {
    const value = x[row] ?? 0;
    if (value === 0) continue;
    const at = row * CUSTOMER_HISTORY_SIZE;
    for (let k = 0; k < CUSTOMER_HISTORY_SIZE; k++) {
      out[k] = (out[k] ?? 0) + value * (projection[at + k] ?? 0);
    }
  }
  for (let k = 0; k < CUSTOMER_HISTORY_SIZE; k++) out[k] = Math.tanh(out[k] ?? 0);
}
