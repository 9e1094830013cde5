import { type JointBaskets, lifts } from './joint-baskets.js';

/** Partners of a product that count as its complements, and the lift they need (spec section 3, layer 3). */
const LINKS_PER_PRODUCT = 10;
const LOWEST_LIFT = 1.5;

/**
 * The strongest copurchase pairs, by place in the list of pairs, ascending: those among the ten of highest lift of at
 * least one of their two products. They are the edges that GraphSAGE aggregates over, learns to predict and is judged
 * by. Ties go to more joint baskets, then to the smaller partner.
 *
 * @param leaveOut 1 for pairs to act as if they had never been bought together, `[N]`
 */
export function strongestLinks(jointBaskets: JointBaskets, leaveOut?: Uint8Array): Uint32Array {
  const { products, first, second, count } = jointBaskets;
  const lift = lifts(jointBaskets);
  const incident = Array.from({ length: products }, (): number[] => []);
  count.forEach((_, pair) => {
    if ((lift[pair] ?? 0) < LOWEST_LIFT || leaveOut?.[pair] === 1) return;
    incident[first[pair] ?? 0]?.push(pair);
    incident[second[pair] ?? 0]?.push(pair);
  });
  const isKept = new Uint8Array(count.length);
  incident.forEach((pairs) => {
    pairs.sort((a, b) => (lift[b] ?? 0) - (lift[a] ?? 0) || (count[b] ?? 0) - (count[a] ?? 0) || a - b);
    for (const pair of pairs.slice(0, LINKS_PER_PRODUCT)) isKept[pair] = 1;
  });
  const links: number[] = [];
  isKept.forEach((kept, pair) => {
    if (kept === 1) links.push(pair);
  });
  return Uint32Array.from(links);
}
