export { ELEMENT_BITS, type ElementType, toFloat32 } from './element-types.js';
export type { SafetensorsHeader, TensorEntry } from './header.js';
export { openSafetensors, type SafetensorsFile } from './read-safetensors.js';
export { readStateDict, writeStateDict } from './state-dict.js';
export { type TensorToWrite, writeSafetensors } from './write-safetensors.js';
