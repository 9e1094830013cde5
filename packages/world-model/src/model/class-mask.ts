/** Logit of a class that is no product (spec section 5, 2.8 step 6). */
const IMPOSSIBLE_LOGIT = -1e9;

/** Added to logits so that only products compete: 0 for classes 1..P, -1e9 for all others, `[V]`. */
export function impossibleClasses({
  classes,
  products,
}: {
  readonly classes: number;
  readonly products: number;
}): Float32Array {
  return Float32Array.from({ length: classes }, (_, id) =>
    id >= 1 && id <= products ? 0 : IMPOSSIBLE_LOGIT,
  );
}
