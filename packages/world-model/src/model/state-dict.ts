/** A tensor as plain data, row-major. */
export interface StateTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Parameters and stored tables by name, in the order of the model; names are those of spec section 5, 2.6. */
export type StateDict = ReadonlyMap<string, StateTensor>;
