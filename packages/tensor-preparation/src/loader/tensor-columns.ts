// How the loader sees a column of the tensor folder: a function of the row, whether the column lies in memory or is read
// from disk page by page. Views are valid until the next call on the same column.

/** One number per row. */
export type NumberColumn = (row: number) => number;

/** A vector of fixed size per row. */
export type VectorColumn = (row: number) => Float32Array;

/** Any number of whole numbers per row. */
export type ListColumn = (row: number) => Uint16Array | Uint32Array;

/** Columns of the sample tables, addressed by `basket_row` over all splits. */
export interface Samples {
  readonly rows: number;
  readonly basketId: NumberColumn;
  readonly customerRow: NumberColumn;
  readonly stateRow: NumberColumn;
  readonly timelinePosition: NumberColumn;
  readonly storeRow: NumberColumn;
  readonly week: NumberColumn;
  readonly date: NumberColumn;
  readonly hour: NumberColumn;
  readonly recencyDays: NumberColumn;
  readonly labelType: NumberColumn;
  readonly labelFocus: NumberColumn;
  readonly labelSensitivity: NumberColumn;
  readonly labelSize: NumberColumn;
  readonly flags: NumberColumn;
  readonly tokens: ListColumn;
  readonly priceRows: ListColumn;
}

export interface CustomerStates {
  readonly trips: NumberColumn;
  readonly history: VectorColumn;
  readonly loyalty: NumberColumn;
  readonly switching: NumberColumn;
  readonly regions: NumberColumn;
  readonly primaryStoreRow: NumberColumn;
  /** `[15]`. */
  readonly missionPrior: VectorColumn;
}

export interface Prices {
  readonly rows: number;
  readonly productRow: NumberColumn;
  readonly storeRow: NumberColumn;
  readonly week: NumberColumn;
  readonly actual: NumberColumn;
  readonly base: NumberColumn;
  readonly categoryAverage: NumberColumn;
  readonly prior: NumberColumn;
}

export interface Products {
  /** `[size, 256]`, row = token: embeddings, MASK, EOS; zeros on PAD and unused tokens. */
  readonly embeddings: Float32Array;
  /** `[size]`: median price in the fit window, 0 where there is none. */
  readonly typicalPrice: Float32Array;
  /** `[size]`: place of PROD_CODE_10 in the categories. */
  readonly category: Uint16Array;
}

export interface Stores {
  /** `[stores + 1, 96]`. */
  readonly t5: Float32Array;
  /** `[stores + 1, 16]`. */
  readonly primaryStore: Float32Array;
}

/** Everything that a batch is gathered from. */
export interface TensorTables {
  readonly vocabulary: {
    readonly products: number;
    readonly mask: number;
    readonly eos: number;
    readonly size: number;
  };
  readonly maxSequenceLength: number;
  readonly t6: 'prior' | 'observed' | 'none';
  readonly positionEncoding: boolean;
  /** `[15]`: class shares of the train split. */
  readonly trainShares: Float64Array;
  readonly samples: Samples;
  readonly states: CustomerStates;
  readonly prices: Prices;
  readonly products: Products;
  readonly stores: Stores;
  /** Segment places from 1, 0 unknown, by customer row. */
  readonly firstSegment: Uint8Array;
  readonly secondSegment: Uint8Array;
  /** Baskets of a customer row, oldest first. */
  readonly timeline: ListColumn;
  /** Fiscal week (YYYYWW) of a calendar week. */
  readonly shopWeek: (week: number) => number;
  /** Mean price of a category before a week; 0 where there is none. */
  readonly categoryAverage: (category: number, week: number) => number;
}
