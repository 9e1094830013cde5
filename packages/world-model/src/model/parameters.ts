import { InputError } from '@retail-sim/errors';
import * as tf from '@tensorflow/tfjs';
import { initialValues } from './initial-values.js';
import type { ParameterSpec } from './parameter-spec.js';
import type { StateDict, StateTensor } from './state-dict.js';
import type { Weights } from './weights.js';

/** A trainable parameter. The variable changes when it is trained; name and shape never do. */
export interface Parameter<Block extends string = string> {
  /** Name in the state dict, e.g. `encoder.layers.0.in_proj.weight`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Part of the model that it belongs to. */
  readonly block: Block;
  /** Whether weight decay applies. */
  readonly decay: boolean;
  readonly variable: tf.Variable;
}

/** Variables with their initial values; `given` values take the place of drawn ones. */
export function createParameters<Block extends string>(
  specs: readonly ParameterSpec<Block>[],
  seed: number,
  given: Readonly<Record<string, Float32Array>> = {},
): Parameter<Block>[] {
  return specs.map(({ name, shape, block, decay, initial }) => {
    const values = given[name] ?? initialValues(initial, { name, shape, seed });
    return { name, shape, block, decay, variable: tf.tidy(() => tf.variable(tf.tensor(values, [...shape]))) };
  });
}

/** Looks parameters up by name. */
export function weightsOf(parameters: readonly Parameter[]): Weights {
  const byName = new Map(parameters.map(({ name, variable }) => [name, variable]));
  return (name) => {
    const variable = byName.get(name);
    if (variable === undefined) throw new Error(`the model has no parameter '${name}'`);
    return variable;
  };
}

/** The variables of the parameters whose names begin with `prefix`. */
export function variablesOf(parameters: readonly Parameter[], prefix: string): tf.Variable[] {
  return parameters.filter(({ name }) => name.startsWith(prefix)).map(({ variable }) => variable);
}

/** Copies of all values, in the order of the parameters. */
export function parameterValues(parameters: readonly Parameter[]): Map<string, StateTensor> {
  return new Map(
    parameters.map(({ name, shape, variable }) => [
      name,
      { shape, data: Float32Array.from(variable.dataSync()) },
    ]),
  );
}

/**
 * Replaces all values by those of a state dict, or none: everything is checked first. Names in `optional` keep the value
 * they have when the state doesn't hold them; names in `foreign` may stand in the state without being a parameter.
 */
export function assignParameters(
  parameters: readonly Parameter[],
  state: StateDict,
  { optional, foreign }: { readonly optional: ReadonlySet<string>; readonly foreign: ReadonlySet<string> },
): void {
  const known = new Set(parameters.map(({ name }) => name));
  for (const name of state.keys()) {
    if (!known.has(name) && !foreign.has(name)) throw stateError(`'${name}' is no parameter of this model`);
  }
  for (const { name, shape } of parameters) {
    const found = state.get(name);
    if (found === undefined) {
      if (optional.has(name)) continue;
      throw stateError(`'${name}' is missing`);
    }
    checkStateTensor(name, found, shape);
  }
  for (const { name, shape, variable } of parameters) {
    const found = state.get(name);
    if (found !== undefined) tf.tidy(() => variable.assign(tf.tensor(found.data, [...shape])));
  }
}

/** Refuses a tensor of another shape. */
export function checkStateTensor(
  name: string,
  { shape, data }: StateTensor,
  expected: readonly number[],
): void {
  const size = expected.reduce((product, axis) => product * axis, 1);
  if (shape.join() !== expected.join() || data.length !== size) {
    throw stateError(
      `'${name}' has shape [${shape.join(', ')}] and ${data.length} values, expected [${expected.join(', ')}]`,
    );
  }
}

function stateError(what: string): InputError {
  return new InputError({
    what: `state dict: ${what}`,
    remedy: 'load the weights into a model of the configuration that they were saved with',
  });
}
