// The price function of the project: four prices to 64 numbers (spec section 4, 3.4). Layer 2 is its batch use, tensor
// T4 its use per basket item, so that training and serving never see two encodings.
//
// Symbols of the spec:
//   p  actual price         b  base price          c  category average     q  prior price
//   a  ln(p + eps)          B  ln(b + eps)         r  p / (c + eps)         v  clip((p - q) / (q + eps), -1, 1)

/** Length of one encoded price: Fourier 24, log 16, relative 16, velocity 8. */
export const PRICE_ENCODING_SIZE = 64;

/** The four blocks, `[first, end)`. */
export const PRICE_ENCODING_BLOCKS = {
  fourier: [0, 24],
  log: [24, 40],
  relative: [40, 56],
  velocity: [56, 64],
} as const;

/** Frequencies of the price harmonics, in cycles per currency unit. */
export const PRICE_HARMONICS = [1 / 7, 1 / 14, 1 / 30, 1 / 90, 1 / 2, 1 / 3, 1 / 4, 1 / 5] as const;

/** Keeps logarithms and quotients finite at a price of zero. */
const EPSILON = 1e-6;
/** The first four harmonics also enter as sin*cos and sin^2. */
const PRODUCT_HARMONICS = 4;
/** A price is high above 1.3 times its category average, low below 0.7 times. */
const HIGH_RATIO = 1.3;
const LOW_RATIO = 0.7;
/** A price moved when it changed by more than 5 %. */
const MOVED = 0.05;

/** `corrected` mode only: prices below one penny count as one penny, and no output leaves [-10, 10]. */
export const LOWEST_PRICE = 0.01;
export const LARGEST_OUTPUT = 10;

/** The four scalars that an encoded price is a function of, in currency units per item. */
export interface PriceScalars {
  /** p: price of (product, store, week). */
  readonly actual: number;
  /** b: base (shelf) price of the same key. */
  readonly base: number;
  /** c: mean price of the sub-commodity over earlier weeks; p where there is none. */
  readonly category: number;
  /** q: latest earlier price of (product, store), else region, else chain; p where there is none. */
  readonly prior: number;
}

/**
 * `corrected` floors p, b, c and q at {@link LOWEST_PRICE} and clips each output to [-10, 10]; `reference` does neither
 * (parity tests).
 */
export type PriceEncodingMode = 'corrected' | 'reference';

/** Where an encoded price is written: 64 consecutive numbers of `out` from `offset`. */
export interface PriceEncodingTarget {
  readonly out: Float32Array | Float64Array;
  readonly offset: number;
}

/**
 * Encodes one price into `target`, `[64]`, and returns how many of its values were clipped. Computes in double
 * precision. Throws a `RangeError` when a scalar is not a finite number of at least 0: a missing price is the caller's
 * decision, never a silent NaN.
 */
export function encodePriceInto(
  target: PriceEncodingTarget,
  actual: number,
  base: number,
  category: number,
  prior: number,
  mode: PriceEncodingMode = 'corrected',
): number {
  if (!(isPrice(actual) && isPrice(base) && isPrice(category) && isPrice(prior))) {
    throw new RangeError(
      `a price must be a finite number of at least 0, got p=${actual} b=${base} c=${category} q=${prior}`,
    );
  }
  const { out, offset } = target;
  const lowest = mode === 'corrected' ? LOWEST_PRICE : 0;
  const p = Math.max(actual, lowest);
  const b = Math.max(base, lowest);
  const c = Math.max(category, lowest);
  const q = Math.max(prior, lowest);

  // 0-15: harmonics of the price; 16-23: their products.
  for (let j = 0; j < PRICE_HARMONICS.length; j++) {
    const angle = 2 * Math.PI * (PRICE_HARMONICS[j] ?? 0) * p;
    const sine = Math.sin(angle);
    const cosine = Math.cos(angle);
    out[offset + 2 * j] = sine;
    out[offset + 2 * j + 1] = cosine;
    if (j < PRODUCT_HARMONICS) {
      out[offset + 16 + 2 * j] = sine * cosine;
      out[offset + 17 + 2 * j] = sine * sine;
    }
  }

  // 24-31: logarithms; 32-39: padding.
  const a = Math.log(p + EPSILON);
  const B = Math.log(b + EPSILON);
  out[offset + 24] = a;
  out[offset + 25] = B;
  out[offset + 26] = B - a;
  out[offset + 27] = a * a;
  out[offset + 28] = Math.exp(-a);
  out[offset + 29] = Math.tanh(a);
  out[offset + 30] = a * B;
  out[offset + 31] = Math.abs(B - a);
  out.fill(0, offset + 32, offset + 40);

  // 40-55: relative to the category.
  const r = p / (c + EPSILON);
  const r2 = r * r;
  const r3 = r2 * r;
  out[offset + 40] = r;
  out[offset + 41] = Math.log(r + EPSILON);
  out[offset + 42] = r2;
  out[offset + 43] = r > HIGH_RATIO ? 1 : 0;
  out[offset + 44] = r < LOW_RATIO ? 1 : 0;
  out[offset + 45] = r >= LOW_RATIO && r <= HIGH_RATIO ? 1 : 0;
  out[offset + 46] = Math.sin(Math.PI * Math.min(r, 2));
  out[offset + 47] = Math.cos(Math.PI * Math.min(r, 2));
  out[offset + 48] = r;
  out[offset + 49] = -r2;
  out[offset + 50] = r3;
  out[offset + 51] = -r;
  out[offset + 52] = r2;
  out[offset + 53] = -r3;
  out[offset + 54] = r;
  out[offset + 55] = -r2;

  // 56-63: against the prior price.
  const v = Math.min(1, Math.max(-1, (p - q) / (q + EPSILON)));
  out[offset + 56] = v;
  out[offset + 57] = Math.abs(v);
  out[offset + 58] = v * v;
  out[offset + 59] = v > MOVED ? 1 : 0;
  out[offset + 60] = v < -MOVED ? 1 : 0;
  out[offset + 61] = v >= -MOVED && v <= MOVED ? 1 : 0;
  out[offset + 62] = Math.sin(Math.PI * v);
  out[offset + 63] = Math.cos(Math.PI * v);

  return mode === 'corrected' ? clip(out, offset) : 0;
}

/** One price as a new vector, `[64]` float64; see {@link encodePriceInto}. */
export function encodePrice(price: PriceScalars, mode: PriceEncodingMode = 'corrected'): Float64Array {
  const out = new Float64Array(PRICE_ENCODING_SIZE);
  encodePriceInto({ out, offset: 0 }, price.actual, price.base, price.category, price.prior, mode);
  return out;
}

function isPrice(value: number): boolean {
  return value >= 0 && Number.isFinite(value);
}

function clip(out: Float32Array | Float64Array, offset: number): number {
  let clipped = 0;
  // Only the log and relative blocks (24-55) can leave the range.
  const end = offset + PRICE_ENCODING_BLOCKS.relative[1];
  for (let i = offset + PRICE_ENCODING_BLOCKS.log[0]; i < end; i++) {
    const value = out[i] ?? 0;
    if (value > LARGEST_OUTPUT || value < -LARGEST_OUTPUT) {
      out[i] = value > 0 ? LARGEST_OUTPUT : -LARGEST_OUTPUT;
      clipped++;
    }
  }
  return clipped;
}
