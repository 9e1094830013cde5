/** Pairs of products that were bought together at least so often say something (spec section 3, layer 3). */
export const FEWEST_JOINT_BASKETS = 5;

/** How often products were bought, alone and together. Products are places in the list of products. */
export interface JointBaskets {
  /** P. */
  readonly products: number;
  /** T: baskets. */
  readonly baskets: number;
  /** c(p): baskets with the product, `[P]`. */
  readonly perProduct: Uint32Array;
  /** Pairs with enough joint baskets, first < second, ascending by second, then first: `[N]` each. */
  readonly first: Uint32Array;
  readonly second: Uint32Array;
  /** n(a, b), `[N]`. */
  readonly count: Uint32Array;
}

/** Joint baskets over those expected of independent products, `[N]`. */
export function lifts({ baskets, perProduct, first, second, count }: JointBaskets): Float64Array {
  return Float64Array.from(count, (joint, pair) => {
    const expected =
      ((perProduct[first[pair] ?? 0] ?? 0) * (perProduct[second[pair] ?? 0] ?? 0)) / Math.max(1, baskets);
    return expected > 0 ? joint / expected : 0;
  });
}

export interface BasketCounter {
  /** Adds one basket of distinct products: `basket[0]` up to `basket[size]`, in any order. */
  readonly add: (basket: Uint32Array, size: number) => void;
  readonly finish: () => JointBaskets;
}

/**
 * Counts all pairs in one triangle of 4-byte counters: 50 MB for 5,000 products. Pair (a, b), a < b, lies at
 * `b (b - 1) / 2 + a`.
 */
export function createBasketCounter(products: number): BasketCounter {
  const perProduct = new Uint32Array(products);
  const triangle = new Uint32Array((products * (products - 1)) / 2);
  let baskets = 0;

  function add(basket: Uint32Array, size: number): void {
    baskets += 1;
    const sorted = basket.subarray(0, size).sort();
    for (let j = 0; j < size; j += 1) {
      const b = sorted[j] ?? 0;
      perProduct[b] = (perProduct[b] ?? 0) + 1;
      const row = (b * (b - 1)) / 2;
      for (let i = 0; i < j; i += 1) {
        const at = row + (sorted[i] ?? 0);
        triangle[at] = (triangle[at] ?? 0) + 1;
      }
    }
  }

  function finish(): JointBaskets {
    let pairs = 0;
    for (const count of triangle) if (count >= FEWEST_JOINT_BASKETS) pairs += 1;
    const first = new Uint32Array(pairs);
    const second = new Uint32Array(pairs);
    const count = new Uint32Array(pairs);
    let pair = 0;
    for (let b = 1, at = 0; b < products; b += 1) {
      for (let a = 0; a < b; a += 1, at += 1) {
        const joint = triangle[at] ?? 0;
        if (joint < FEWEST_JOINT_BASKETS) continue;
        first[pair] = a;
        second[pair] = b;
        count[pair] = joint;
        pair += 1;
      }
    }
    return { products, baskets, perProduct, first, second, count };
  }

  return { add, finish };
}
