/** Stage 2 (spec section 2 §2.2): what a user can set. All thresholds are inclusive unless said otherwise. */
export interface GraphParameters {
  readonly liftThreshold: number;
  /** Baskets that must hold both products. */
  readonly minCopurchaseCount: number;
  readonly topKComplements: number;
  /** `within_customer` (default, PG-6), or the four filters of the design on the global lift. */
  readonly substitutionMethod: 'within_customer' | 'design';
  readonly jaccardThreshold: number;
  /** `design`: highest global lift; `within_customer`: the within-customer lift stays below it. */
  readonly maxLiftForSubstitution: number;
  readonly priceGapThreshold: number;
  /** Known customers that each product of a substitution pair needs. */
  readonly minCustomers: number;
  readonly topKSubstitutes: number;
  /** Copurchase pairs at or above this probability of chance are dropped (PG-4). */
  readonly maxPValue: number;
}

export const GRAPH_DEFAULTS: GraphParameters = {
  liftThreshold: 1.5,
  minCopurchaseCount: 50,
  topKComplements: 15,
  substitutionMethod: 'within_customer',
  jaccardThreshold: 0.05,
  maxLiftForSubstitution: 1,
  priceGapThreshold: 0.3,
  minCustomers: 5,
  topKSubstitutes: 10,
  maxPValue: 0.05,
};

/** What the reference's full run uses. */
export const GRAPH_REFERENCE: GraphParameters = {
  ...GRAPH_DEFAULTS,
  minCopurchaseCount: 5,
  topKComplements: 10,
  substitutionMethod: 'design',
  jaccardThreshold: 0.6,
  maxLiftForSubstitution: 1.2,
  topKSubstitutes: Number.POSITIVE_INFINITY,
  maxPValue: Number.POSITIVE_INFINITY,
};
