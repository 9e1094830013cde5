import * as tf from '@tensorflow/tfjs';
import { addOwned, backpropagate, recordTape } from './tape.js';

/** What a layer reads, by names of its own. */
export interface LayerReads<Input extends string, Constant extends string> {
  /** Differentiated tensors. */
  readonly inputs: Readonly<Record<Input, tf.Tensor>>;
  /** Masks and the like. */
  readonly constants?: Readonly<Record<Constant, tf.Tensor>>;
  /** Variables that the layer looks up itself. */
  readonly parameters: readonly tf.Tensor[];
  /**
   * Rows of the first axis that the layer may be given for its gradient at a time, where it treats each row by itself
   * and draws nothing at random. Default: all.
   */
  readonly rowsAtATime?: number;
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
  { inputs, constants, parameters, rowsAtATime = Number.POSITIVE_INFINITY }: LayerReads<Input, Constant>,
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
        const gradientsOf = (read: readonly tf.Tensor[], gradient: tf.Tensor): tf.Tensor[] => {
          const { value, tape } = recordTape(() => layer(readSaved(read)));
          const wanted = [...read.slice(0, differentiated.length), ...parameters];
          const gradients = backpropagate(tape, value, gradient, wanted);
          value.dispose();
          return gradients;
        };
        const [rows = 1] = outputGradient.shape;
        if (rows <= rowsAtATime) return gradientsOf(saved, outputGradient);
        return joinGradients(
          rowRanges(rows, rowsAtATime).map(([first, count]) => () => {
            const read = [...saved, outputGradient].map((tensor) => tensor.slice(first, count));
            const gradients = gradientsOf(read.slice(0, -1), read.at(-1) ?? outputGradient);
            tf.dispose(read);
            return gradients;
          }),
          differentiated.length,
        );
      },
    };
  });
  return run(...differentiated.map(([, tensor]) => tensor), ...parameters);
}

/** First row and number of rows of each part. */
function rowRanges(rows: number, rowsAtATime: number): (readonly [first: number, count: number])[] {
  return Array.from({ length: Math.ceil(rows / rowsAtATime) }, (_, part) => {
    const first = part * rowsAtATime;
    return [first, Math.min(rowsAtATime, rows - first)];
  });
}

/** The gradients of a layer's `inputs` inputs one under the other, those of its parameters summed, part by part. */
function joinGradients(parts: readonly (() => tf.Tensor[])[], inputs: number): tf.Tensor[] {
  const ofInputs: tf.Tensor[][] = Array.from({ length: inputs }, () => []);
  let sums: tf.Tensor[] = [];
  for (const part of parts) {
    const gradients = part();
    for (const [i, rows] of ofInputs.entries()) rows.push(...gradients.slice(i, i + 1));
    sums = gradients.slice(inputs).map((gradient, i) => {
      const sum = sums[i];
      return sum === undefined ? gradient : addOwned(sum, gradient);
    });
  }
  const joined = ofInputs.map((rows) => tf.concat(rows, 0));
  tf.dispose(ofInputs);
  return [...joined, ...sums];
}

function readerOf(tensors: readonly (readonly [string, tf.Tensor])[]): (name: string) => tf.Tensor {
  const byName = new Map(tensors);
  return (name) => {
    const tensor = byName.get(name);
    if (tensor === undefined) throw new Error(`the layer reads '${name}', which it wasn't given`);
    return tensor;
  };
}
