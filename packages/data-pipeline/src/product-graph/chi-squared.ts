/**
 * Pearson's chi-squared of the 2x2 table of two products over the baskets, 1 degree of freedom, without continuity
 * correction. 0 where a margin is empty.
 */
export function chiSquared(joint: number, withA: number, withB: number, baskets: number): number {
  const margins = withA * withB * (baskets - withA) * (baskets - withB);
  if (margins === 0) return 0;
  const determinant = joint * baskets - withA * withB;
  return (baskets * determinant * determinant) / margins;
}

/** P(X >= chi2) of a chi-squared variable with 1 degree of freedom: erfc(sqrt(chi2 / 2)). */
export function chiSquaredPValue(chi2: number): number {
  return erfc(Math.sqrt(chi2 / 2));
}

const SQRT_PI = Math.sqrt(Math.PI);

/**
 * Complementary error function for x >= 0: the power series of erf below 2, Lentz's continued fraction above (Numerical
 * Recipes, 3rd edition, §6.2). Relative error below 1e-12 down to 1e-300.
 */
export function erfc(x: number): number {
  if (x < 2) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n += 1) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
      if (n > 200) break;
    }
    return 1 - (2 / SQRT_PI) * sum;
  }
  // erfc(x) = exp(-x²) / (x √π) · 1 / (1 + 1/(2x²) / (1 + 2/(2x²) / (1 + ...)))
  let fraction = 0;
  for (let n = 200; n >= 1; n -= 1) fraction = n / 2 / (x + fraction);
  return Math.exp(-x * x) / (SQRT_PI * (x + fraction));
}
