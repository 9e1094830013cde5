/** Stage 1 (spec section 2 §1): what a user can set. Prices in GBP per unit, window in weeks. */
export interface PriceParameters {
  /** Weeks of the base price, the current one included. */
  readonly rollingWindow: number;
  /** A discount deeper than this is a promotion. */
  readonly discountThreshold: number;
  /** Deeper discounts are clipped. */
  readonly maxDiscountDepth: number;
  readonly minPrice: number;
  readonly maxPrice: number;
}

export const PRICE_DEFAULTS: PriceParameters = {
  rollingWindow: 4,
  discountThreshold: 0.05,
  maxDiscountDepth: 0.7,
  minPrice: 0.01,
  maxPrice: 100,
};

/** What stage 1 needs to know beside the lines of a product. */
export interface PriceContext {
  readonly parameters: PriceParameters;
  /** The reference, defect by defect, instead of the corrected rules. */
  readonly compat: boolean;
  /** Last week_idx that medians and other fitted statistics may read. */
  readonly fitThroughWeek: number;
  /** First week_idx with data. */
  readonly firstWeek: number;
  /** Region code of each store, -1 where it has none. */
  readonly regionOfStore: Int32Array;
  /** YYYYWW of each week_idx. */
  readonly weekOfIndex: Int32Array;
}
