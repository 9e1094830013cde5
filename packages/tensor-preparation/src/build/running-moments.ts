/** Mean and standard deviation of each of `size` numbers over many vectors. */
export interface RunningMoments {
  add(values: ArrayLike<number>): void;
  result(): { mean: number[]; std: number[] };
}

/** Population moments by Welford's update, which loses no digits over millions of vectors. */
export function runningMoments(size: number): RunningMoments {
  const mean = new Float64Array(size);
  const squares = new Float64Array(size);
  let count = 0;
  return {
    add(values) {
      count++;
      for (let i = 0; i < size; i++) {
        const value = values[i] ?? 0;
        const before = value - (mean[i] ?? 0);
        const now = (mean[i] ?? 0) + before / count;
        mean[i] = now;
        squares[i] = (squares[i] ?? 0) + before * (value - now);
      }
    },
    result: () => ({
      mean: Array.from(mean),
      std: Array.from(squares, (sum) => (count === 0 ? 0 : Math.sqrt(sum / count))),
    }),
  };
}
