import { keyedStream } from '@retail-sim/random';

/** Resamples behind an interval (spec 5, 9.2). */
export const BOOTSTRAP_RESAMPLES = 1000;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Rows grouped by the cluster that they belong to. */
export interface Clusters {
  /** Cluster of each row, from 0, [n]. */
  readonly ofRow: Uint32Array;
  /** Rows in each cluster, [clusters]. */
  readonly sizes: Float64Array;
}

/** @param ids cluster of each row, [n], any integers */
export function clustersOf(ids: ArrayLike<number>): Clusters {
  const positions = new Map<number, number>();
  const sizes: number[] = [];
  const ofRow = Uint32Array.from({ length: ids.length }, (_, row) => {
    const id = ids[row] ?? 0;
    const position = positions.get(id) ?? positions.size;
    positions.set(id, position);
    sizes[position] = (sizes[position] ?? 0) + 1;
    return position;
  });
  return { ofRow, sizes: Float64Array.from(sizes) };
}

/**
 * Percentile intervals (95 %) of means, resampling whole clusters (customers): their rows are not independent, so
 * resampling rows would give intervals that are too narrow (Cameron, Gelbach and Miller 2008). All columns see the
 * same resamples.
 *
 * @param columns for each mean one value a row, [n]
 * @param seed keys the resampling: the same rows always give the same interval
 */
export function bootstrapIntervals(
  columns: readonly ArrayLike<number>[],
  clusters: Clusters,
  seed: number,
  resamples = BOOTSTRAP_RESAMPLES,
): readonly Interval[] {
  const size = clusters.sizes.length;
  if (size === 0) return columns.map(() => ({ low: Number.NaN, high: Number.NaN }));
  const random = keyedStream(seed, 'bootstrap');
  const sums = columns.map((values) => clusterSums(values, clusters));
  const means = columns.map(() => new Float64Array(resamples));
  const times = new Uint32Array(size);
  for (let resample = 0; resample < resamples; resample++) {
    times.fill(0);
    for (let draw = 0; draw < size; draw++) {
      const cluster = random.below(size);
      times[cluster] = (times[cluster] ?? 0) + 1;
    }
    const count = weightedSum(clusters.sizes, times);
    for (const [index, values] of sums.entries()) {
      const column = means[index];
      if (column !== undefined) column[resample] = weightedSum(values, times) / count;
    }
  }
  return means.map((column) => {
    column.sort();
    return { low: percentile(column, 0.025), high: percentile(column, 0.975) };
  });
}

/** Interval of one mean; see {@link bootstrapIntervals}. */
export function bootstrapInterval(
  values: ArrayLike<number>,
  clusterIds: ArrayLike<number>,
  seed: number,
  resamples = BOOTSTRAP_RESAMPLES,
): Interval {
  const [interval] = bootstrapIntervals([values], clustersOf(clusterIds), seed, resamples);
  return interval ?? { low: Number.NaN, high: Number.NaN };
}

function clusterSums(values: ArrayLike<number>, { ofRow, sizes }: Clusters): Float64Array {
  const sums = new Float64Array(sizes.length);
  for (const [row, cluster] of ofRow.entries()) sums[cluster] = (sums[cluster] ?? 0) + (values[row] ?? 0);
  return sums;
}

function weightedSum(values: Float64Array, weights: Uint32Array): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += (values[index] ?? 0) * (weights[index] ?? 0);
  return sum;
}

/** Linear interpolation between order statistics. */
function percentile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(sorted.length - 1, below + 1)] ?? low;
  return low + (high - low) * (position - below);
}
