/**
 * Agreement of two clusterings of the same things, corrected for chance (Hubert & Arabie 1985): 1 for equal ones, about
 * 0 for unrelated ones. Two clusterings that are both one cluster, or both all singletons, agree: 1.
 */
export function adjustedRandIndex(first: readonly string[], second: readonly string[]): number {
  const pairs = (count: number) => (count * (count - 1)) / 2;
  const joint = new Map<string, number>();
  const rows = new Map<string, number>();
  const columns = new Map<string, number>();
  const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
  first.forEach((label, place) => {
    const other = second[place] ?? '';
    count(joint, `${label}\0${other}`);
    count(rows, label);
    count(columns, other);
  });
  const sum = (map: Map<string, number>) => [...map.values()].reduce((total, n) => total + pairs(n), 0);
  const together = sum(joint);
  const inFirst = sum(rows);
  const inSecond = sum(columns);
  const expected = (inFirst * inSecond) / Math.max(pairs(first.length), 1);
  const largest = (inFirst + inSecond) / 2;
  return largest === expected ? 1 : (together - expected) / (largest - expected);
}
