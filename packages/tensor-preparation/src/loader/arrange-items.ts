import { keyedStream } from '@retail-sim/random';

/**
 * The order in which the model sees the items of a basket, as places 0..items-1: a permutation keyed by (seed, epoch,
 * basket), cut to `limit` items. On disk items ascend by token, so their position would tell the hidden neighbour's code
 * range (D-29); and cutting an ordered list would always drop the same codes.
 */
export function arrangeItems(
  items: number,
  limit: number,
  { seed, epoch, basketRow }: { readonly seed: number; readonly epoch: number; readonly basketRow: number },
): Uint16Array {
  const places = new Uint16Array(items);
  for (let i = 0; i < items; i++) places[i] = i;
  const { below } = keyedStream(seed, 'item-order', epoch, basketRow);
  for (let i = items - 1; i > 0; i--) {
    const j = below(i + 1);
    const kept = places[i] ?? 0;
    places[i] = places[j] ?? 0;
    places[j] = kept;
  }
  return items > limit ? places.subarray(0, limit) : places;
}
