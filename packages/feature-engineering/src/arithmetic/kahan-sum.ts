/**
 * Compensated sum (Kahan), as the reference's group means use it: equal prices of two products stay equal whatever
 * the number of cells behind them, so that ties are ties (spec section 2, N12).
 */
export function kahanSum(values: ArrayLike<number>): number {
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < values.length; i++) {
    const next = (values[i] ?? 0) - lost;
    const total = sum + next;
    lost = total - sum - next;
    sum = total;
  }
  return sum;
}

/** Mean of at least one value. */
export function mean(values: ArrayLike<number>): number {
  return kahanSum(values) / values.length;
}

/** Sample standard deviation (n - 1); undefined below two values. */
export function sampleStd(values: ArrayLike<number>): number | undefined {
  if (values.length < 2) return undefined;
  const center = mean(values);
  const squares = Float64Array.from({ length: values.length }, (_, i) => ((values[i] ?? 0) - center) ** 2);
  return Math.sqrt(kahanSum(squares) / (values.length - 1));
}
