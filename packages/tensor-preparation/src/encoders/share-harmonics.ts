import type { TensorTarget } from './tensor-target.js';

/** Values that {@link writeShareHarmonics} writes. */
export const SHARE_HARMONICS_SIZE = 8;

/** F8 of spec section 4: sin(k pi v), cos(k pi v) for k = 1..4, interleaved. */
export function writeShareHarmonics({ out, offset }: TensorTarget, share: number): void {
  for (let k = 1; k <= 4; k++) {
    out[offset + 2 * k - 2] = Math.sin(k * Math.PI * share);
    out[offset + 2 * k - 1] = Math.cos(k * Math.PI * share);
  }
}
