import * as tf from '@tensorflow/tfjs';

/** Values that an op may pass to its kernel beside tensors. */
export type KernelAttributes = Readonly<Record<string, number | boolean>>;

/** The tensors of a kernel by input name; an optional input (a bias, a mask) is simply absent. */
export type KernelInputs = Readonly<Record<string, tf.Tensor>>;

/**
 * Definition of an op as a tfjs kernel. `compose` computes it from stock tfjs ops, whose forward results are right on
 * every backend; it is what runs wherever nothing faster was registered under the same name. Its gradient must not
 * come from tfjs (several of those are wrong in 4.22), so each op states its own.
 */
export interface NamedKernel {
  readonly name: string;
  readonly compose: (inputs: KernelInputs, attributes: KernelAttributes) => tf.Tensor[];
  readonly gradient?: KernelGradient;
}

/** Reverse-mode rule of a kernel. */
export interface KernelGradient {
  /** Inputs that the rule needs again. */
  readonly inputsToSave?: readonly string[];
  /** For each output, whether the rule needs it again. */
  readonly outputsToSave?: readonly boolean[];
  /**
   * Gradients by input name, given the gradient of the first output (further outputs exist only to be saved) and the
   * saved tensors: inputs in the order of `inputsToSave`, then outputs.
   */
  readonly backward: (
    outputGradient: tf.Tensor,
    saved: readonly tf.Tensor[],
    attributes: KernelAttributes,
  ) => Readonly<Record<string, () => tf.Tensor>>;
}

/** Runs a kernel on the current backend; the first output is the op's value. */
export type KernelRunner = (inputs: KernelInputs, attributes?: KernelAttributes) => tf.Tensor[];

/**
 * Makes a kernel known to tfjs: registers its gradient once and its composition on each backend at first use there,
 * unless that backend has a kernel of the name already.
 */
export function defineKernel(kernel: NamedKernel): KernelRunner {
  const { gradient } = kernel;
  if (gradient !== undefined) registerGradient(kernel.name, gradient);
  compositions.set(kernel.name, kernel.compose);
  return (inputs, attributes = {}) => {
    const backendName = tf.getBackend();
    if (tf.getKernel(kernel.name, backendName) == null) registerComposition(kernel, backendName);
    const outputs: tf.Tensor | tf.Tensor[] = tf
      .engine()
      .runKernel(kernel.name, { ...inputs }, { ...attributes });
    return Array.isArray(outputs) ? outputs : [outputs];
  };
}

const compositions = new Map<string, NamedKernel['compose']>();

/** What a kernel is on a backend that has nothing faster; for a backend whose own kernel takes some inputs only. */
export function compositionOf(kernelName: string): NamedKernel['compose'] {
  const compose = compositions.get(kernelName);
  if (compose === undefined) throw new Error(`no kernel '${kernelName}' was defined`);
  return compose;
}

/** A saved tensor that a gradient rule asked for. */
export function savedTensor(saved: readonly tf.Tensor[], index: number): tf.Tensor {
  const tensor = saved[index];
  if (tensor === undefined) throw new Error(`a gradient rule expected at least ${index + 1} saved tensors`);
  return tensor;
}

/** The op's value out of a kernel's outputs. */
export function firstOutput(outputs: readonly tf.Tensor[]): tf.Tensor {
  return savedTensor(outputs, 0);
}

/** An input that a composition can't do without. */
export function requiredInput(inputs: KernelInputs, name: string): tf.Tensor {
  const tensor = inputs[name];
  if (tensor === undefined) throw new Error(`kernel input '${name}' is missing`);
  return tensor;
}

function registerComposition(kernel: NamedKernel, backendName: string): void {
  tf.registerKernel({
    kernelName: kernel.name,
    backendName,
    kernelFunc: ({ inputs, attrs }) =>
      tf.tidy(() => kernel.compose(tensorsOf(inputs), plainAttributes(attrs))),
  });
}

function registerGradient(kernelName: string, gradient: KernelGradient): void {
  tf.registerGradient({
    kernelName,
    inputsToSave: [...(gradient.inputsToSave ?? [])],
    outputsToSave: [...(gradient.outputsToSave ?? [])],
    gradFunc: (outputGradients, saved, attrs) => {
      const first = Array.isArray(outputGradients) ? outputGradients[0] : outputGradients;
      if (first === undefined) throw new Error(`${kernelName} has no output gradient`);
      return { ...gradient.backward(first, saved, plainAttributes(attrs)) };
    },
  });
}

/** The inputs of a kernel that were passed. */
export function tensorsOf(inputs: object): KernelInputs {
  const tensors: Record<string, tf.Tensor> = {};
  for (const [name, info] of Object.entries(inputs)) {
    if (info instanceof tf.Tensor) tensors[name] = info;
  }
  return tensors;
}

/** The attributes that a kernel may read. */
export function plainAttributes(attrs: object | undefined): KernelAttributes {
  const attributes: Record<string, number | boolean> = {};
  for (const [name, value] of Object.entries(attrs ?? {})) {
    if (typeof value === 'number' || typeof value === 'boolean') attributes[name] = value;
  }
  return attributes;
}

/** The outputs of a gradient kernel, which computes all its gradients at once, by input name. */
export function gradientsByName(
  names: readonly string[],
  outputs: readonly tf.Tensor[],
): Record<string, () => tf.Tensor> {
  return Object.fromEntries(names.map((name, index) => [name, () => savedTensor(outputs, index)]));
}
