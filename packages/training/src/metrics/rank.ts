/**
 * Rank of `target` among `scores` [V]: 1 + the number of strictly greater scores + half of its ties, so that a
 * model which gives every class the same score gets the rank of chance (spec 5, 9.1). Classes whose score is
 * -Infinity do not compete.
 */
export function rankOf(
  scores: ArrayLike<number>,
  target: number,
  offset = 0,
  classes = scores.length,
): number {
  const own = scores[offset + target] ?? Number.NEGATIVE_INFINITY;
  if (Number.isNaN(own)) return classes;
  let greater = 0;
  let ties = 0;
  for (let index = offset; index < offset + classes; index++) {
    const score = scores[index] ?? Number.NEGATIVE_INFINITY;
    if (score > own) greater++;
    else if (score === own) ties++;
  }
  return 1 + greater + Math.max(0, ties - 1) / 2;
}
