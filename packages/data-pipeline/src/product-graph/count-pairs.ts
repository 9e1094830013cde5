/** The reference cuts baskets to this many products; here only with `--compat reference`, in code order (PG-1). */
const REFERENCE_BASKET_LIMIT = 50;

/**
 * Counts of baskets, products and pairs, in one triangle of 4-byte counters: 50 MB for 5,000 products. Pair (a, b),
 * a < b, lies at `b (b - 1) / 2 + a`.
 */
export interface PairCounts {
  readonly products: number;
  /** T: baskets. */
  baskets: number;
  /** c(p): baskets with the product, `[products]`. */
  readonly perProduct: Uint32Array;
  /** n(a, b), `[products (products - 1) / 2]`. */
  readonly pairs: Uint32Array;
  /** The same, for baskets of known customers and products of one sub-commodity only. */
  readonly knownPairs: SameCategoryPairs;
}

export function pairIndex(a: number, b: number): number {
  return a < b ? (b * (b - 1)) / 2 + a : (a * (a - 1)) / 2 + b;
}

/** Pairs within a sub-commodity, numbered without gaps: few of all pairs, so they have counters of their own. */
export interface SameCategoryPairs {
  /** Sub-commodity of each product, -1 for none. */
  readonly category: Int32Array;
  /** Place of the product in its sub-commodity. */
  readonly place: Int32Array;
  /** First counter of each sub-commodity. */
  readonly offset: Int32Array;
  readonly counts: Uint32Array;
}

/** Place of a pair of one sub-commodity in `counts`. */
export function samePairIndex({ category, place, offset }: SameCategoryPairs, a: number, b: number): number {
  return (offset[category[a] ?? 0] ?? 0) + pairIndex(place[a] ?? 0, place[b] ?? 0);
}

export function createPairCounts(category: Int32Array): PairCounts {
  const products = category.length;
  const size = new Map<number, number>();
  const place = new Int32Array(products);
  category.forEach((code, product) => {
    if (code < 0) return;
    const before = size.get(code) ?? 0;
    place[product] = before;
    size.set(code, before + 1);
  });
  const offset = new Int32Array(Math.max(0, ...size.keys()) + 1);
  let total = 0;
  for (const code of [...size.keys()].sort((a, b) => a - b)) {
    const members = size.get(code) ?? 0;
    offset[code] = total;
    total += (members * (members - 1)) / 2;
  }
  return {
    products,
    baskets: 0,
    perProduct: new Uint32Array(products),
    pairs: new Uint32Array((products * (products - 1)) / 2),
    knownPairs: { category, place, offset, counts: new Uint32Array(total) },
  };
}

/** Adds one basket of distinct products, ascending. */
export function addBasket(
  counts: PairCounts,
  basket: Uint32Array,
  from: number,
  to: number,
  isKnownCustomer: boolean,
  compat: boolean,
): void {
  const { perProduct, pairs, knownPairs } = counts;
  const { category } = knownPairs;
  counts.baskets += 1;
  for (let i = from; i < to; i += 1) perProduct[basket[i] ?? 0] = (perProduct[basket[i] ?? 0] ?? 0) + 1;
  const end = compat ? Math.min(to, from + REFERENCE_BASKET_LIMIT) : to;
  for (let j = from + 1; j < end; j += 1) {
    const b = basket[j] ?? 0;
    const row = (b * (b - 1)) / 2;
    for (let i = from; i < j; i += 1) {
      const a = basket[i] ?? 0;
      pairs[row + a] = (pairs[row + a] ?? 0) + 1;
      if (isKnownCustomer && category[a] === category[b] && (category[a] ?? -1) >= 0) {
        const at = samePairIndex(knownPairs, a, b);
        knownPairs.counts[at] = (knownPairs.counts[at] ?? 0) + 1;
      }
    }
  }
}

/** Joint baskets over those expected of independent products. */
export function lift(counts: PairCounts, a: number, b: number): number {
  const joint = counts.pairs[pairIndex(a, b)] ?? 0;
  const { baskets, perProduct } = counts;
  return joint / baskets / (((perProduct[a] ?? 0) / baskets) * ((perProduct[b] ?? 0) / baskets));
}
