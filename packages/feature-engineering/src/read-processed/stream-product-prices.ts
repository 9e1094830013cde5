import { readTable, type Upstream } from '@retail-sim/artifacts';
import { pricesDerived } from '@retail-sim/data-pipeline/schemas';
import { InputError } from '@retail-sim/errors';

/** The prices of one product, ascending by (store, week). Views that hold until the next product. */
export interface ProductPrices {
  readonly productId: string;
  readonly cells: number;
  /** Place of the store in `stores`. */
  readonly store: Uint32Array;
  /** Fiscal week, YYYYWW. */
  readonly week: Int32Array;
  readonly weekIdx: Int16Array;
  readonly actual: Float64Array;
  readonly base: Float64Array;
  readonly discount: Float64Array;
  readonly promo: Uint8Array;
  /** 1 where somebody paid the price; 0 where the pipeline filled it in. */
  readonly observed: Uint8Array;
}

/**
 * Store ids in the order of first appearance. Grows while the prices go by: a code is never changed.
 */
export type StoreCodes = string[];

/** Prices of one product after the other, in file order; memory holds one product. */
export async function* streamProductPrices(
  pipeline: Upstream,
  stores: StoreCodes = [],
): AsyncGenerator<ProductPrices> {
  const path = pipeline.path(pricesDerived);
  const buffer = new PriceBuffer();
  const storeCodes = new Map(stores.map((id, code) => [id, code]));
  const seen = new Set<string>();
  let current: string | undefined;
  let line = 0;
  for await (const { rows, columns } of readTable(path, pricesDerived, {
    columns: [
      'product_id',
      'store_id',
      'week',
      'week_idx',
      'actual_price',
      'base_price',
      'discount_depth',
      'promo_flag',
      'imputation_method',
    ],
  })) {
    const { codes: productCodes, values: productIds } = columns.product_id;
    const storeOf = columns.store_id.values.map((id) => {
      const known = storeCodes.get(id);
      if (known !== undefined) return known;
      storeCodes.set(id, stores.length);
      return stores.push(id) - 1;
    });
    const observed = columns.imputation_method.values.indexOf('observed');
    for (let from = 0; from < rows; ) {
      const code = productCodes[from] ?? 0;
      let to = from + 1;
      while (to < rows && productCodes[to] === code) to++;
      const id = productIds[code] ?? '';
      if (id !== current) {
        if (current !== undefined) yield buffer.take(current);
        if (seen.has(id)) throw notSorted(path, line + from + 1);
        seen.add(id);
        current = id;
      }
      const at = buffer.extend(to - from);
      for (let row = from; row < to; row++) {
        buffer.store[at + row - from] = storeOf[columns.store_id.codes[row] ?? 0] ?? 0;
        buffer.observed[at + row - from] = columns.imputation_method.codes[row] === observed ? 1 : 0;
      }
      buffer.week.set(columns.week.subarray(from, to), at);
      buffer.weekIdx.set(columns.week_idx.subarray(from, to), at);
      buffer.actual.set(columns.actual_price.subarray(from, to), at);
      buffer.base.set(columns.base_price.subarray(from, to), at);
      buffer.discount.set(columns.discount_depth.subarray(from, to), at);
      buffer.promo.set(columns.promo_flag.subarray(from, to), at);
      from = to;
    }
    line += rows;
  }
  if (current !== undefined) yield buffer.take(current);
}

function notSorted(path: string, line: number): InputError {
  return new InputError({
    what: 'is not sorted by product',
    where: { file: path, line, column: 'product_id' },
    remedy: 'run retail-data-pipeline again',
  });
}

const FIRST_CAPACITY = 4096;

/** Grows to the cells of the largest product and is used again for the next. */
class PriceBuffer {
  private cells = 0;
  store = new Uint32Array(FIRST_CAPACITY);
  week = new Int32Array(FIRST_CAPACITY);
  weekIdx = new Int16Array(FIRST_CAPACITY);
  actual = new Float64Array(FIRST_CAPACITY);
  base = new Float64Array(FIRST_CAPACITY);
  discount = new Float64Array(FIRST_CAPACITY);
  promo = new Uint8Array(FIRST_CAPACITY);
  observed = new Uint8Array(FIRST_CAPACITY);

  /** Makes room for `more` cells and returns the place of the first. */
  extend(more: number): number {
    const at = this.cells;
    this.cells += more;
    if (this.cells > this.store.length) this.grow(2 ** Math.ceil(Math.log2(this.cells)));
    return at;
  }

  take(productId: string): ProductPrices {
    const { cells } = this;
    this.cells = 0;
    return {
      productId,
      cells,
      store: this.store.subarray(0, cells),
      week: this.week.subarray(0, cells),
      weekIdx: this.weekIdx.subarray(0, cells),
      actual: this.actual.subarray(0, cells),
      base: this.base.subarray(0, cells),
      discount: this.discount.subarray(0, cells),
      promo: this.promo.subarray(0, cells),
      observed: this.observed.subarray(0, cells),
    };
  }

  private grow(capacity: number): void {
    const { store, week, weekIdx, actual, base, discount, promo, observed } = this;
    this.store = new Uint32Array(capacity);
    this.week = new Int32Array(capacity);
    this.weekIdx = new Int16Array(capacity);
    this.actual = new Float64Array(capacity);
    this.base = new Float64Array(capacity);
    this.discount = new Float64Array(capacity);
    this.promo = new Uint8Array(capacity);
    this.observed = new Uint8Array(capacity);
    this.store.set(store);
    this.week.set(week);
    this.weekIdx.set(weekIdx);
    this.actual.set(actual);
    this.base.set(base);
    this.discount.set(discount);
    this.promo.set(promo);
    this.observed.set(observed);
  }
}
