import { fnv1a32 } from './fnv1a.js';
import { mersenneTwister } from './mersenne-twister.js';

/**
 * `length` standard normals that belong to one entity: Mersenne Twister seeded with `fnv1a32(name) mod 2^31`
 * (spec section 3 A.6 with `name = "{seed}:{namespace}:{id}"`; section 4, 3.7 with `name = id`). Shape `[length]`.
 */
export function namedNormals(name: string, length: number): Float64Array {
  const { normal } = mersenneTwister(fnv1a32(name) % 2 ** 31);
  return Float64Array.from({ length }, () => normal());
}
