import * as tf from '@tensorflow/tfjs';
import { backpropagate, recordTape } from './tape.js';

/** What a layer reads, by names of its own. */
export interface LayerReads<Input extends string, Constant extends string> {
  /** Differentiated tensors. */
  readonly inputs: Readonly<Record<Input, tf.Tensor>>;
  /** Masks and the like. */
  readonly constants?: Readonly<Record<Constant, tf.Tensor>>;
  /** Variables that the layer looks up itself. */
  readonly parameters: readonly tf.Tensor[];
}

/** A pure function of the tensors that it reads by name, and of its parameters. */
export type Layer<Name extends string> = (read: (name: Name) => tf.Tensor) => tf.Tensor;

/** The layer's output, everything that its gradient needs kept. */
export function plain<Input extends string, Constant extends string>(
  layer: Layer<Input | Constant>,
  { inputs, constants }: LayerReads<Input, Constant>,
): tf.Tensor {
  return layer(
    readerOf([...Object.entries<tf.Tensor>(inputs), ...Object.entries<tf.Tensor>(constants ?? {})]),
  );
}

/**
 * The layer's output, of which only what it reads is kept: the gradient runs the layer again (gradient checkpointing,
 * spec section 5, 8.3). The layer must draw the same dropout masks again, and read no tensor that isn't named here.
 */
export function recomputed<Input extends string, Constant extends string>(
  layer: Layer<Input | Constant>,
  { inputs, constants, parameters }: LayerReads<Input, Constant>,
): tf.Tensor {
  const differentiated = Object.entries<tf.Tensor>(inputs);
  const reads = [...differentiated, ...Object.entries<tf.Tensor>(constants ?? {})];
  const names = reads.map(([name]) => name);
  const tensors = reads.map(([, tensor]) => tensor);
  const readSaved = (saved: readonly tf.Tensor[]) =>
    readerOf(saved.map((tensor, i): [string, tf.Tensor] => [names[i] ?? '', tensor]));
  const run = tf.customGrad((...args) => {
    const save = args.at(-1);
    if (typeof save !== 'function') throw new Error('tf.customGrad passes a function to save tensors last');
    save(tensors);
    return {
      value: layer(readSaved(tensors)),
      gradFunc: (outputGradient, saved) => {
        const { value, tape } = recordTape(() => layer(readSaved(saved)));
        const wanted = [...saved.slice(0, differentiated.length), ...parameters];
        const gradients = backpropagate(tape, value, outputGradient, wanted);
        value.dispose();
        return gradients;
      },
    };
  });
  return run(...differentiated.map(([, tensor]) => tensor), ...parameters);
}

function readerOf(tensors: readonly (readonly [string, tf.Tensor])[]): (name: string) => tf.Tensor {
  const byName = new Map(tensors);
  return (name) => {
    const tensor = byName.get(name);
    if (tensor === undefined) throw new Error(`the layer reads '${name}', which it wasn't given`);
    return tensor;
  };
}
