/** Median of ascending numbers `[from, to)`: the middle one, or the mean of the two middle ones (N3). */
export function medianOfSorted(values: Float64Array, from = 0, to = values.length): number {
  const middle = from + ((to - from) >> 1);
  const upper = values[middle] ?? Number.NaN;
  return (to - from) % 2 === 1 ? upper : ((values[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Sorts `[from, to)` in place; almost all ranges here hold one or two numbers. */
export function sortRange(values: Float64Array, from: number, to: number): void {
  if (to - from < 2) return;
  if (to - from > 16) {
    values.subarray(from, to).sort();
    return;
  }
  for (let i = from + 1; i < to; i += 1) {
    const value = values[i] ?? 0;
    let j = i - 1;
    while (j >= from && (values[j] ?? 0) > value) {
      values[j + 1] = values[j] ?? 0;
      j -= 1;
    }
    values[j + 1] = value;
  }
}

/** Sample standard deviation (N5) of `[from, to)`; 0 for a single number. */
export function sampleDeviation(values: Float64Array, from = 0, to = values.length): number {
  const count = to - from;
  if (count < 2) return 0;
  let sum = 0;
  for (let i = from; i < to; i += 1) sum += values[i] ?? 0;
  const mean = sum / count;
  let squares = 0;
  for (let i = from; i < to; i += 1) squares += ((values[i] ?? 0) - mean) ** 2;
  return Math.sqrt(squares / (count - 1));
}
