import * as tf from '@tensorflow/tfjs';

// Reverse-mode differentiation over the tape of tfjs 4.22. The engine's own walk keeps every saved tensor and every
// gradient until its end, and a second walk inside a gradient function clears the first one's tape (spec section 5,
// 8.3). This walk frees each as soon as its last reader is done, and can be nested.

/** One op that the engine recorded, with what its gradient rule needs. */
type TapeNode = ReturnType<typeof tf.engine>['state']['activeTape'][number];

/** The ops of a computation in the order in which they ran. */
export type Tape = readonly TapeNode[];

export interface Recording<T> {
  readonly value: T;
  /** Owns the saved tensors: pass it to `backpropagate` or `disposeTape`, once. */
  readonly tape: Tape;
}

/** Runs `f` and records its ops on a tape of its own, whatever is being recorded around it. */
export function recordTape<T extends tf.TensorContainer>(f: () => T): Recording<T> {
  const { state } = tf.engine();
  const { activeTape, gradientDepth, kernelDepth } = state;
  const tape: TapeNode[] = [];
  state.activeTape = tape;
  state.gradientDepth = 1;
  state.kernelDepth = 0;
  try {
    return { value: tf.tidy(f), tape };
  } catch (error) {
    disposeTape(tape);
    throw error;
  } finally {
    state.activeTape = activeTape;
    state.gradientDepth = gradientDepth;
    state.kernelDepth = kernelDepth;
  }
}

/** Frees what a tape saved, when no gradients are wanted after all. */
export function disposeTape(tape: Tape): void {
  for (const node of tape) disposeSaved(node);
}

/**
 * Gradients of `sum(output * outputGradient)` with respect to `inputs`, each in the shape of its input; zeros where the
 * output doesn't depend on it. Empties the tape. `outputGradient` stays the caller's.
 */
export function backpropagate(
  tape: Tape,
  output: tf.Tensor,
  outputGradient: tf.Tensor,
  inputs: readonly tf.Tensor[],
): tf.Tensor[] {
  const wanted = new Set(inputs.map(({ id }) => id));
  const differentiable = dependentTensors(tape, wanted);
  /** By tensor; all owned by this walk. */
  const gradients = new Map<number, tf.Tensor>([[output.id, outputGradient.clone()]]);
  try {
    for (const node of tape.toReversed()) {
      const outputGradients = node.outputs.map(({ id }) => gradients.get(id));
      const targets = Object.entries(node.inputs).filter(([, { id }]) => differentiable.has(id));
      if (targets.length > 0 && outputGradients.some((gradient) => gradient !== undefined)) {
        for (const [id, gradient] of inputGradients(node, outputGradients, targets)) {
          addInto(gradients, id, gradient);
        }
      }
      disposeSaved(node);
      for (const { id } of node.outputs) {
        if (wanted.has(id)) continue;
        gradients.get(id)?.dispose();
        gradients.delete(id);
      }
    }
    return inputs.map((input) => gradients.get(input.id) ?? tf.zeros(input.shape));
  } catch (error) {
    disposeTape(tape);
    tf.dispose([...gradients.values()]);
    throw error;
  }
}

/** Ids of all tensors that depend on the wanted ones, these included. */
function dependentTensors(tape: Tape, wanted: ReadonlySet<number>): ReadonlySet<number> {
  const dependent = new Set(wanted);
  for (const { inputs, outputs } of tape) {
    if (Object.values(inputs).some(({ id }) => dependent.has(id))) {
      for (const { id } of outputs) dependent.add(id);
    }
  }
  return dependent;
}

/** Pairs of input id and gradient; each gradient is a tensor of its own. */
function inputGradients(
  node: TapeNode,
  outputGradients: readonly (tf.Tensor | undefined)[],
  targets: readonly (readonly [string, tf.Tensor])[],
): [number, tf.Tensor][] {
  const { gradient: rule, kernelName, outputs } = node;
  if (rule === undefined) throw new Error(`${kernelName} has no gradient`);
  const results = tf.tidy(() => {
    const upstream = outputGradients.map((gradient, i) => gradient ?? tf.zeros(outputs[i]?.shape ?? []));
    const rules = rule(upstream);
    const taken = new Set<tf.Tensor>(upstream);
    return targets.map(([name]) => {
      const result = rules[name]?.();
      if (result === undefined) throw new Error(`${kernelName} has no gradient for its input ${name}`);
      // A rule may hand its upstream gradient on, or one tensor to two inputs.
      const own = taken.has(result) ? result.clone() : result;
      taken.add(own);
      return own;
    });
  });
  return targets.map(([, { id }], i) => [id, results[i] ?? tf.scalar(Number.NaN)]);
}

function addInto(gradients: Map<number, tf.Tensor>, id: number, gradient: tf.Tensor): void {
  const earlier = gradients.get(id);
  gradients.set(id, earlier === undefined ? gradient : addOwned(earlier, gradient));
}

/** The sum of two tensors, which are freed. */
export function addOwned(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const sum = tf.add(a, b);
  tf.dispose([a, b]);
  return sum;
}

function disposeSaved({ saved }: TapeNode): void {
  for (const tensor of saved ?? []) if (!tensor.isDisposed) tensor.dispose();
}
