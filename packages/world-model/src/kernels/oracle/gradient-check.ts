import { counterUniform, fnv1a32 } from '@retail-sim/random';
import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../shapes.js';

/** A tensor of the float64 side: plain numbers, row-major. */
export interface Float64Tensor {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

export type Float64Inputs = Readonly<Record<string, Float64Tensor>>;

export interface GradientCheck {
  readonly inputs: Float64Inputs;
  /** Names of int32 inputs, which have no gradient. */
  readonly integerInputs?: readonly string[];
  /** Names of float inputs that the op does not differentiate (masks). */
  readonly constantInputs?: readonly string[];
  readonly op: (tensors: Readonly<Record<string, tf.Tensor>>) => tf.Tensor;
  /** The same function in float64; returns the output's values. */
  readonly reference: (inputs: Float64Inputs) => Float64Array;
}

export interface GradientCheckResult {
  /** Largest error of a value, relative to the largest value (at least 1). */
  readonly valueError: number;
  /** By input: largest error of a checked derivative, relative to the largest derivative (at least 1). */
  readonly gradientErrors: Readonly<Record<string, number>>;
}

/** Central differences of a float64 function err by about 1e-10 at this step. */
const DIFFERENCE_STEP = 1e-5;
/** Inputs up to this size are checked element by element, larger ones along random directions. */
const LARGEST_ELEMENTWISE = 160;
const DIRECTIONS = 3;

/** Deterministic values in [-scale + base, scale + base), exact in float32 so that both sides start equal. */
export function sampleTensor(name: string, shape: readonly number[], scale = 1, base = 0): Float64Tensor {
  const seed = fnv1a32(name);
  const values = Float64Array.from({ length: sizeOf(shape) }, (_, i) =>
    Math.fround((2 * counterUniform(seed, i) - 1) * scale + base),
  );
  return { shape, values };
}

/** Compares an op with its float64 reference: all values, and all gradients by central differences of the reference. */
export async function checkGradients(check: GradientCheck): Promise<GradientCheckResult> {
  const expected = check.reference(check.inputs);
  const upstream = sampleTensor('upstream', [expected.length]).values;
  const loss = (inputs: Float64Inputs) => dot(check.reference(inputs), upstream);
  const actual = await runOp(check, upstream);

  const gradientErrors: Record<string, number> = {};
  for (const [name, gradient] of Object.entries(actual.gradients)) {
    const directions = directionsOf(check.inputs, name);
    const pairs = directions.map((direction) => ({
      expected: directionalDerivative(loss, check.inputs, name, direction),
      actual: dot(gradient, direction),
    }));
    const scale = Math.max(1, ...pairs.map((pair) => Math.abs(pair.expected)));
    gradientErrors[name] = Math.max(...pairs.map((pair) => errorOf(pair.actual, pair.expected))) / scale;
  }
  const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  const valueError = expected.reduce(
    (worst, value, i) => Math.max(worst, errorOf(actual.values[i] ?? Number.NaN, value)),
    actual.values.length === expected.length ? 0 : Number.POSITIVE_INFINITY,
  );
  return { valueError: valueError / scale, gradientErrors };
}

interface OpResult {
  readonly values: ArrayLike<number>;
  readonly gradients: Readonly<Record<string, ArrayLike<number>>>;
}

async function runOp(
  { inputs, integerInputs = [], constantInputs = [], op }: GradientCheck,
  upstream: Float64Array,
): Promise<OpResult> {
  const { value, gradients, names } = tf.tidy(() => {
    const fixed: Record<string, tf.Tensor> = {};
    const names: string[] = [];
    for (const [name, { shape, values }] of Object.entries(inputs)) {
      if (integerInputs.includes(name)) fixed[name] = tf.tensor(Int32Array.from(values), [...shape], 'int32');
      else if (constantInputs.includes(name)) fixed[name] = tf.tensor(Float32Array.from(values), [...shape]);
      else names.push(name);
    }
    const variables = names.map((name) => {
      const { shape, values } = inputs[name] ?? { shape: [], values: new Float64Array() };
      return tf.tensor(Float32Array.from(values), [...shape]);
    });
    const output = (tensors: tf.Tensor[]) => {
      const named: Record<string, tf.Tensor> = { ...fixed };
      for (const [i, name] of names.entries()) named[name] = tensors[i] ?? tf.scalar(Number.NaN);
      return op(named);
    };
    const value = output(variables);
    const dy = tf.tensor(Float32Array.from(upstream), value.shape);
    const gradients = tf.grads((...tensors: tf.Tensor[]) => output(tensors))(variables, dy);
    return { value, gradients, names };
  });
  const read: Record<string, ArrayLike<number>> = {};
  for (const [i, name] of names.entries()) read[name] = (await gradients[i]?.data()) ?? [];
  const values = await value.data();
  tf.dispose([value, gradients]);
  return { values, gradients: read };
}

function directionsOf(inputs: Float64Inputs, name: string): Float64Array[] {
  const size = inputs[name]?.values.length ?? 0;
  if (size <= LARGEST_ELEMENTWISE) {
    return Array.from({ length: size }, (_, i) =>
      Float64Array.from({ length: size }, (_unused, j) => (i === j ? 1 : 0)),
    );
  }
  return Array.from({ length: DIRECTIONS }, (_, i) => {
    const { values } = sampleTensor(`direction ${name} ${i}`, [size]);
    const norm = Math.sqrt(dot(values, values));
    return values.map((value) => value / norm);
  });
}

function directionalDerivative(
  loss: (inputs: Float64Inputs) => number,
  inputs: Float64Inputs,
  name: string,
  direction: Float64Array,
): number {
  const at = (step: number): number => {
    const { shape, values } = inputs[name] ?? { shape: [], values: new Float64Array() };
    const moved = values.map((value, i) => value + step * (direction[i] ?? 0));
    return loss({ ...inputs, [name]: { shape, values: moved } });
  };
  return (at(DIFFERENCE_STEP) - at(-DIFFERENCE_STEP)) / (2 * DIFFERENCE_STEP);
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.NaN;
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** NaN counts as infinitely wrong. */
function errorOf(actual: number, expected: number): number {
  const error = Math.abs(actual - expected);
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}
