import { keyedStream } from '@retail-sim/random';

/** Resamples behind an interval (spec 5, 9.2). */
export const BOOTSTRAP_RESAMPLES = 1000;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Percentile interval (95 %) of a mean, resampling whole clusters (customers): their rows are not independent,
 * so resampling rows would give intervals that are too narrow (Cameron, Gelbach and Miller 2008).
 *
 * @param values one value a row, [n]
 * @param clusters cluster of each row, [n], any integers
 * @param seed keys the resampling: the same rows always give the same interval
 */
export function bootstrapInterval(
  values: ArrayLike<number>,
  clusters: ArrayLike<number>,
  seed: number,
  resamples = BOOTSTRAP_RESAMPLES,
): Interval {
  const { sums, counts } = clusterSums(values, clusters);
  const size = sums.length;
  if (size === 0) return { low: Number.NaN, high: Number.NaN };
  const random = keyedStream(seed, 'bootstrap');
  const means = new Float64Array(resamples);
  for (let resample = 0; resample < resamples; resample++) {
    let sum = 0;
    let count = 0;
    for (let draw = 0; draw < size; draw++) {
      const cluster = random.below(size);
      sum += sums[cluster] ?? 0;
      count += counts[cluster] ?? 0;
    }
    means[resample] = sum / count;
  }
  means.sort();
  return { low: percentile(means, 0.025), high: percentile(means, 0.975) };
}

function clusterSums(
  values: ArrayLike<number>,
  clusters: ArrayLike<number>,
): { sums: Float64Array; counts: Float64Array } {
  const positions = new Map<number, number>();
  const sums: number[] = [];
  const counts: number[] = [];
  for (let row = 0; row < values.length; row++) {
    const cluster = clusters[row] ?? 0;
    let position = positions.get(cluster);
    if (position === undefined) {
      position = sums.length;
      positions.set(cluster, position);
      sums.push(0);
      counts.push(0);
    }
    sums[position] = (sums[position] ?? 0) + (values[row] ?? 0);
    counts[position] = (counts[position] ?? 0) + 1;
  }
  return { sums: Float64Array.from(sums), counts: Float64Array.from(counts) };
}

/** Linear interpolation between order statistics. */
function percentile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(sorted.length - 1, below + 1)] ?? low;
  return low + (high - low) * (position - below);
}
