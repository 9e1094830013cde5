import { mersenneTwister } from '@retail-sim/random';

/** Normals are made in blocks of this size, the first half from cosines and the second from sines. */
const BLOCK = 16;

/** One stream of standard normals as the reference's tensor library draws them, float32 (section 3, A.5). */
export function tensorLibraryNormals(seed: number): (length: number) => Float32Array {
  const { uint32 } = mersenneTwister(seed);
  return (length) => {
    const values = Float32Array.from({ length }, () => (uint32() & 0xffffff) * 2 ** -24);
    for (let from = 0; from < length; from += BLOCK) {
      for (let at = from; at < from + BLOCK / 2; at += 1) {
        const radius = Math.sqrt(-2 * Math.log(1 - (values[at] ?? 0)));
        const angle = 2 * Math.PI * (values[at + BLOCK / 2] ?? 0);
        values[at] = radius * Math.cos(angle);
        values[at + BLOCK / 2] = radius * Math.sin(angle);
      }
    }
    return values;
  };
}
