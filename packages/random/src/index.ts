export { counterTensor, counterUniform, mix32 } from './counter.js';
export { fnv1a32 } from './fnv1a.js';
export { keyedStream, type RandomStream, shuffledOrder } from './keyed-stream.js';
export { type MersenneTwister, mersenneTwister } from './mersenne-twister.js';
export { namedNormals } from './named-normals.js';
