/** Share of (link, non-link) pairs in which the link scores higher, ties counting half: mid-ranks. */
export function areaUnderCurve(positive: ArrayLike<number>, negative: ArrayLike<number>): number {
  const scores = [
    ...Array.from(positive, (score) => ({ score, isLink: true })),
    ...Array.from(negative, (score) => ({ score, isLink: false })),
  ].sort((a, b) => a.score - b.score);
  let rankSum = 0;
  for (let start = 0; start < scores.length; ) {
    let end = start;
    let links = 0;
    while (end < scores.length && scores[end]?.score === scores[start]?.score) {
      if (scores[end]?.isLink) links += 1;
      end += 1;
    }
    rankSum += (links * (start + 1 + end)) / 2;
    start = end;
  }
  const smallest = (positive.length * (positive.length + 1)) / 2;
  return (rankSum - smallest) / (positive.length * negative.length);
}

/** Whether fewer than ten of the others score above a link, ties counting half. */
export function isHitAt10(link: number, others: readonly number[]): boolean {
  let above = 0;
  for (const other of others) above += other > link ? 1 : other === link ? 0.5 : 0;
  return above < 10;
}
