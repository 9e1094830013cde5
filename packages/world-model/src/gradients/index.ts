export { type Differentiated, differentiate, type NamedVariable } from './differentiate.js';
export { type Layer, type LayerReads, plain, recomputed } from './recompute.js';
export { backpropagate, disposeTape, type Recording, recordTape, type Tape } from './tape.js';
