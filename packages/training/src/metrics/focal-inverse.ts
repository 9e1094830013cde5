/**
 * True class probabilities from the softmax that a focal loss was trained with (spec 5, 6.4):
 * eta_i is proportional to p_i / [(1-p_i)^g - g (1-p_i)^(g-1) p_i ln p_i].
 *
 * @param probabilities model output, [V], sums to 1
 * @param gamma focusing parameter of the loss (Lin et al. 2017)
 */
export function focalInverse(probabilities: ArrayLike<number>, gamma: number): Float64Array {
  const result = new Float64Array(probabilities.length);
  let sum = 0;
  for (let index = 0; index < result.length; index++) {
    const p = probabilities[index] ?? 0;
    if (p <= 0) continue;
    const rest = Math.max(1 - p, 1e-12);
    const value = p / (rest ** gamma - gamma * rest ** (gamma - 1) * p * Math.log(p));
    result[index] = value;
    sum += value;
  }
  for (let index = 0; index < result.length; index++) result[index] = (result[index] ?? 0) / sum;
  return result;
}
