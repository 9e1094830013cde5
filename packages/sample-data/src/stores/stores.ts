import { keyedStream } from '@retail-sim/random';
import { spread } from '../catalogue/catalogue.js';
import { cumulative } from '../distributions.js';

/** Formats of LGSR with their shares of the stores, size, and effect on the length of a basket (sd of its logarithm). */
export const STORE_FORMATS = [
  { code: 'LS', stores: 330, size: 1, basketShift: 0.06 },
  { code: 'MS', stores: 236, size: 0.56, basketShift: -0.14 },
  { code: 'SS', stores: 167, size: 0.32, basketShift: -0.3 },
  { code: 'XLS', stores: 28, size: 1.4, basketShift: 0.06 },
] as const;

export const STORE_REGIONS = [
  'E01',
  'E02',
  'E03',
  'N01',
  'N02',
  'N03',
  'S01',
  'S02',
  'S03',
  'W01',
  'W02',
  'W03',
] as const;

/** The stores; every array has one entry a store. */
export interface Stores {
  readonly count: number;
  readonly codes: readonly string[];
  /** Position in {@link STORE_FORMATS} and {@link STORE_REGIONS}. */
  readonly formatOf: Uint16Array;
  readonly regionOf: Uint8Array;
  /** Running sums of the attraction, for draws. */
  readonly attraction: Float64Array;
}

/** Spread of the size of stores within a format (sd of the logarithm). */
const SIZE_SPREAD = 0.45;

export function buildStores(seed: number, count: number): Stores {
  const formatOf = spread(
    count,
    STORE_FORMATS.map(({ stores }) => stores),
  );
  const sizes = Float64Array.from(formatOf, (format, store) => {
    const random = keyedStream(seed, 'store', store);
    return (STORE_FORMATS[format]?.size ?? 1) * Math.exp(SIZE_SPREAD * random.normal());
  });
  return {
    count,
    codes: Array.from({ length: count }, (_, store) => `STORE${String(store + 1).padStart(5, '0')}`),
    formatOf,
    regionOf: Uint8Array.from(formatOf, (_, store) =>
      keyedStream(seed, 'region', store).below(STORE_REGIONS.length),
    ),
    attraction: cumulative(sizes),
  };
}
