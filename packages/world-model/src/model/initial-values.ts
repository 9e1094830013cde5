import { keyedStream, type RandomStream } from '@retail-sim/random';

/** How a parameter starts (spec section 5, 2.6 and 2.9). */
export type InitialValues =
  | { readonly kind: 'constant'; readonly value: number }
  /** N(0, deviation). */
  | { readonly kind: 'normal'; readonly deviation: number }
  /** U(-bound, bound). */
  | { readonly kind: 'uniform'; readonly bound: number }
  /** ln(n + 1) along the last axis: the decay rates of state n start at n + 1. */
  | { readonly kind: 'state-decay' }
  /** Inverse softplus of a step that is log-uniform between 0.001 and 0.1. */
  | { readonly kind: 'log-uniform-step' };

export const ZEROS: InitialValues = { kind: 'constant', value: 0 };
export const ONES: InitialValues = { kind: 'constant', value: 1 };
/** Plain linear layers. */
export const LINEAR_NORMAL: InitialValues = { kind: 'normal', deviation: 0.02 };

const SHORTEST_STEP = 0.001;
const LONGEST_STEP = 0.1;

/** Bound of Glorot and Bengio's uniform draw for a matrix [rows, columns]. */
export function xavierUniform(rows: number, columns: number): InitialValues {
  return { kind: 'uniform', bound: Math.sqrt(6 / (rows + columns)) };
}

/** Values of the parameter `name`, `[...shape]` flat: a function of seed and name, whatever else the model holds. */
export function initialValues(
  initial: InitialValues,
  { name, shape, seed }: { readonly name: string; readonly shape: readonly number[]; readonly seed: number },
): Float32Array {
  const length = shape.reduce((product, axis) => product * axis, 1);
  const stream = keyedStream(seed, 'init', name);
  const columns = shape.at(-1) ?? 1;
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = draw(initial, stream, i % columns);
  return values;
}

function draw(initial: InitialValues, stream: RandomStream, column: number): number {
  switch (initial.kind) {
    case 'constant':
      return initial.value;
    case 'normal':
      return stream.normal() * initial.deviation;
    case 'uniform':
      return (2 * stream.uniform() - 1) * initial.bound;
    case 'state-decay':
      return Math.log(column + 1);
    case 'log-uniform-step': {
      const logRange = Math.log(LONGEST_STEP) - Math.log(SHORTEST_STEP);
      const step = Math.exp(Math.log(SHORTEST_STEP) + stream.uniform() * logRange);
      return step + Math.log(-Math.expm1(-step));
    }
  }
}
