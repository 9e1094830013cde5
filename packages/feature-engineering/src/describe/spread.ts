/** Smallest, mean and largest of some numbers; 0 without any. */
export interface Spread {
  readonly lowest: number;
  readonly mean: number;
  readonly highest: number;
}

export function spread() {
  let count = 0;
  let sum = 0;
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  return {
    add(value: number): void {
      count++;
      sum += value;
      lowest = Math.min(lowest, value);
      highest = Math.max(highest, value);
    },
    of: (): Spread =>
      count === 0 ? { lowest: 0, mean: 0, highest: 0 } : { lowest, mean: sum / count, highest },
  };
}

export const spreadText = ({ lowest, mean, highest }: Spread): string =>
  `${lowest.toFixed(3)} to ${highest.toFixed(3)}, mean ${mean.toFixed(3)}`;

/** Length of a vector of `length` numbers from `offset`. */
export function normOf(values: Float32Array, offset: number, length: number): number {
  let squares = 0;
  for (let k = 0; k < length; k++) squares += (values[offset + k] ?? 0) ** 2;
  return Math.sqrt(squares);
}
