/** Bins of the values of both sides for {@link jensenShannonDistance}: equal shares of the pooled values. */
const MOST_BINS = 50;

/**
 * 1 minus the largest gap between two empirical distribution functions (Kolmogorov 1933, Smirnov 1948): 1 where the
 * samples are distributed alike, 0 where they do not overlap. Ties are stepped over together, so that counts and
 * hours can be compared too. O(n log n).
 *
 * @param left values, [n], any order
 * @param right values, [m], any order
 * @returns NaN where a sample is empty
 */
export function ksComplement(left: Float64Array, right: Float64Array): number {
  if (left.length === 0 || right.length === 0) return Number.NaN;
  const a = left.toSorted();
  const b = right.toSorted();
  let i = 0;
  let j = 0;
  let gap = 0;
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i] ?? 0, b[j] ?? 0);
    while (i < a.length && a[i] === value) i++;
    while (j < b.length && b[j] === value) j++;
    gap = Math.max(gap, Math.abs(i / a.length - j / b.length));
  }
  return 1 - gap;
}

/**
 * Jensen-Shannon distance (base 2: the root of the divergence; Endres and Schindelin 2003) of two samples in bins:
 * 0 where all bins are filled alike, 1 where no bin is shared. Bins end at quantiles of the pooled values; a value
 * that fills a bin of its own stays alone.
 *
 * @param left values, [n], any order
 * @param right values, [m], any order
 * @returns NaN where a sample is empty
 */
export function jensenShannonDistance(left: Float64Array, right: Float64Array): number {
  if (left.length === 0 || right.length === 0) return Number.NaN;
  const ends = binEnds(left, right);
  const p = binShares(left, ends);
  const q = binShares(right, ends);
  let divergence = 0;
  for (let bin = 0; bin < ends.length; bin++) {
    const a = p[bin] ?? 0;
    const b = q[bin] ?? 0;
    const middle = (a + b) / 2;
    if (a > 0) divergence += 0.5 * a * Math.log2(a / middle);
    if (b > 0) divergence += 0.5 * b * Math.log2(b / middle);
  }
  return Math.sqrt(Math.max(0, divergence));
}

/** Upper ends of the bins, ascending and distinct, [bins]; each side weighs half, whatever its size. */
function binEnds(left: Float64Array, right: Float64Array): Float64Array {
  const a = left.toSorted();
  const b = right.toSorted();
  const ends = new Set<number>();
  let filled = 0;
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const value = Math.min(a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY);
    while (i < a.length && a[i] === value) i++;
    while (j < b.length && b[j] === value) j++;
    const share = (i / a.length + j / b.length) / 2;
    if (share - filled >= 1 / MOST_BINS || (i === a.length && j === b.length)) {
      ends.add(value);
      filled = share;
    }
  }
  return Float64Array.from(ends);
}

function binShares(values: Float64Array, ends: Float64Array): Float64Array {
  const shares = new Float64Array(ends.length);
  for (const value of values) {
    let low = 0;
    let high = ends.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value <= (ends[middle] ?? 0)) high = middle;
      else low = middle + 1;
    }
    shares[low] = (shares[low] ?? 0) + 1 / values.length;
  }
  return shares;
}
