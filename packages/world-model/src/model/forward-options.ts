export interface ForwardOptions {
  /** Applies dropout; needs a `dropoutKey`. Default false. */
  readonly training?: boolean;
  /** Unsigned 32-bit key of this step's dropout masks; equal keys draw equal masks. */
  readonly dropoutKey?: number;
  /** Keep only the inputs of encoder and decoder layers, and compute the rest again for gradients. Default false. */
  readonly recompute?: boolean;
}
