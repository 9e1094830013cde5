/** Where an encoder writes: consecutive numbers of `out` from `offset`. Encoders compute in double precision. */
export interface TensorTarget {
  readonly out: Float32Array | Float64Array;
  readonly offset: number;
}

/** `corrected` is what everything is trained on; `reference` exists for parity tests (spec section 4, 0.1). */
export type EncoderMode = 'corrected' | 'reference';

/** A new vector of `size` numbers filled by `encode`, `[size]` float64. */
export function encoded(size: number, encode: (target: TensorTarget) => unknown): Float64Array {
  const out = new Float64Array(size);
  encode({ out, offset: 0 });
  return out;
}
