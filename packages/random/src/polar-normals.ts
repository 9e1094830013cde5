/**
 * Standard normal numbers by the polar method (Marsaglia and Bray 1964), two at a time: one is kept for the next call.
 *
 * @param uniform uniform doubles in [0, 1)
 * @param first which of the two comes first: generators that must equal a published one differ in it
 */
export function polarNormals(uniform: () => number, first: 'x' | 'y'): () => number {
  let kept: number | undefined;
  return () => {
    if (kept !== undefined) {
      const value = kept;
      kept = undefined;
      return value;
    }
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const square = x * x + y * y;
      if (square > 0 && square < 1) {
        const factor = Math.sqrt((-2 * Math.log(square)) / square);
        kept = factor * (first === 'x' ? y : x);
        return factor * (first === 'x' ? x : y);
      }
    }
  };
}
