import { type InitialValues, ONES, ZEROS } from './initial-values.js';

/** What a trainable parameter is, before it has a value. */
export interface ParameterEntry {
  /** Name in the state dict, e.g. `encoder.layers.0.in_proj.weight`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: InitialValues;
  /** Whether weight decay applies. */
  readonly decay: boolean;
}

/** A parameter and the part of the model that it belongs to. */
export interface ParameterSpec<Block extends string = string> extends ParameterEntry {
  readonly block: Block;
}

export function prefixed(prefix: string, entries: readonly ParameterEntry[]): ParameterEntry[] {
  return entries.map((entry) => ({ ...entry, name: prefix + entry.name }));
}

/** `weight` [outputs, inputs] and `bias` [outputs]. */
export function linearLayer(
  name: string,
  [inputs, outputs]: readonly [number, number],
  weight: InitialValues,
  bias: InitialValues = ZEROS,
): ParameterEntry[] {
  return [matrix(`${name}.weight`, [outputs, inputs], weight), vector(`${name}.bias`, outputs, bias)];
}

/** Scale 1 and shift 0. */
export function norm(name: string, width: number): ParameterEntry[] {
  return [vector(`${name}.weight`, width, ONES), vector(`${name}.bias`, width, ZEROS)];
}

export function matrix(
  name: string,
  shape: readonly [number, number],
  initial: InitialValues,
): ParameterEntry {
  return { name, shape, initial, decay: true };
}

export function vector(name: string, length: number, initial: InitialValues): ParameterEntry {
  return { name, shape: [length], initial, decay: false };
}
