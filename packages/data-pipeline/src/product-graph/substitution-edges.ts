import { lift, type PairCounts, pairIndex, samePairIndex } from './count-pairs.js';
import type { ProductCustomers } from './customer-baskets.js';
import type { GraphParameters } from './parameters.js';

export interface SubstitutionEdge {
  /** Product codes, source < target. */
  readonly source: number;
  readonly target: number;
  readonly weight: number;
  /** Global lift. */
  readonly lift: number;
  readonly jaccard: number;
  readonly withinCustomerLift: number | null;
  readonly priceGap: number;
}

/** Decimal prices make gaps that are exactly the threshold; the last bit of a double shall not decide them. */
const GAP_MARGIN = 1e-9;
/** What the reference takes for the lift of a pair that never reached the minimal count (PG-5). */
const REFERENCE_UNKNOWN_LIFT = 0.5;
/** The reference looks at the first products of a sub-commodity only (PG-7). */
const REFERENCE_CATEGORY_LIMIT = 100;

export interface SubstitutionContext {
  readonly parameters: GraphParameters;
  readonly compat: boolean;
  readonly counts: PairCounts;
  /** Price of each product, GBP; NaN for none. */
  readonly price: Float64Array;
  /** Baskets of each known customer. */
  readonly customerBaskets: Uint32Array;
}

/** Spec section 2 §2.5 and PG-5 to PG-9: products of one sub-commodity that customers take one instead of the other. */
export function substitutionEdges(
  category: readonly ProductCustomers[],
  context: SubstitutionContext,
): SubstitutionEdge[] {
  const { compat, parameters } = context;
  const { place } = context.counts.knownPairs;
  const products = compat
    ? category.filter(({ product }) => (place[product] ?? 0) < REFERENCE_CATEGORY_LIMIT)
    : category;
  const edges: SubstitutionEdge[] = [];
  for (let i = 0; i < products.length; i += 1) {
    for (let j = i + 1; j < products.length; j += 1) {
      const [a, b] = [products[i], products[j]];
      if (a === undefined || b === undefined) continue;
      if (Math.min(a.customers.length, b.customers.length) < parameters.minCustomers) continue;
      const edge = substitutionEdge(a, b, context);
      if (edge !== undefined) edges.push(edge);
    }
  }
  return edges;
}

function substitutionEdge(
  a: ProductCustomers,
  b: ProductCustomers,
  context: SubstitutionContext,
): SubstitutionEdge | undefined {
  const { counts, parameters, price, compat } = context;
  const priceGap = gap(price[a.product] ?? Number.NaN, price[b.product] ?? Number.NaN);
  if (!(priceGap <= parameters.priceGapThreshold + (compat ? 0 : GAP_MARGIN))) return undefined;
  const { shared, expected } = overlap(a, b, context.customerBaskets);
  const jaccard = shared / (a.customers.length + b.customers.length - shared);
  if (jaccard < parameters.jaccardThreshold) return undefined;
  const joint = counts.pairs[pairIndex(a.product, b.product)] ?? 0;
  const isUnknown = compat && joint < parameters.minCopurchaseCount;
  const globalLift = isUnknown ? REFERENCE_UNKNOWN_LIFT : lift(counts, a.product, b.product);
  const edge = { source: a.product, target: b.product, lift: globalLift, jaccard, priceGap };
  if (parameters.substitutionMethod === 'design') {
    if (globalLift > parameters.maxLiftForSubstitution) return undefined;
    const weight = jaccard * (1 - Math.min(globalLift, 1));
    // A weight of 0 says nothing and divides by zero further on (PG-8).
    return weight > 0 || compat ? { ...edge, weight, withinCustomerLift: null } : undefined;
  }
  const known = counts.knownPairs.counts[samePairIndex(counts.knownPairs, a.product, b.product)] ?? 0;
  const withinCustomerLift = known / expected;
  const weight = jaccard * (1 - withinCustomerLift);
  if (!(withinCustomerLift < parameters.maxLiftForSubstitution) || !(weight > 0)) return undefined;
  return { ...edge, weight, withinCustomerLift };
}

/** Difference of two prices over their mean; NaN where one is unknown or not above 0. */
function gap(a: number, b: number): number {
  return a > 0 && b > 0 ? Math.abs(a - b) / ((a + b) / 2) : Number.NaN;
}

/**
 * Customers of both products, and the joint baskets to expect if each of them took the two products independently:
 * sum over these customers of a_c b_c / N_c.
 */
function overlap(
  a: ProductCustomers,
  b: ProductCustomers,
  customerBaskets: Uint32Array,
): { shared: number; expected: number } {
  let shared = 0;
  let expected = 0;
  let i = 0;
  let j = 0;
  while (i < a.customers.length && j < b.customers.length) {
    const left = a.customers[i] ?? 0;
    const right = b.customers[j] ?? 0;
    if (left === right) {
      shared += 1;
      expected += ((a.baskets[i] ?? 0) * (b.baskets[j] ?? 0)) / (customerBaskets[left] ?? 1);
    }
    if (left <= right) i += 1;
    if (right <= left) j += 1;
  }
  return { shared, expected };
}
