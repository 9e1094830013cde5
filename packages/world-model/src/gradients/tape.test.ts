import * as tf from '@tensorflow/tfjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { wasmSession } from '../golden/wasm-session.js';
import { layerNorm, linear, silu } from '../kernels/index.js';
import { type Layer, plain, recomputed } from './recompute.js';
import { backpropagate, disposeTape, recordTape } from './tape.js';

const wasm = wasmSession();
beforeAll(wasm.open);
afterAll(wasm.close);
beforeEach(wasm.mark);
afterEach(() => {
  expect(wasm.strayTensors(), 'no tensor stays').toBe(0);
});

/** Gradients of a function's sum, by this walk. */
function gradientsOf(f: (inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): tf.Tensor[] {
  const { value, tape } = recordTape(() => f(inputs));
  const ones = tf.onesLike(value);
  const gradients = backpropagate(tape, value, ones, inputs);
  tf.dispose([value, ones]);
  return gradients;
}

function values(tensor: tf.Tensor | undefined): number[] {
  return [...(tensor?.dataSync() ?? [])];
}

describe('backpropagate', () => {
  it('gives what tfjs gives, for tensors that are used twice, and for several outputs', () => {
    tf.tidy(() => {
      const [a, b] = [
        tf.randomUniform([3, 4], -1, 1, 'float32', 1),
        tf.randomUniform([3, 4], -1, 1, 'float32', 2),
      ];
      const f = (x: tf.Tensor, y: tf.Tensor): tf.Tensor => {
        const [left, right] = tf.split(x.mul(y).add(x), 2, 1);
        return tf
          .concat([left ?? x, (right ?? x).mul(2), x], 1)
          .square()
          .sub(y.sum());
      };
      const actual = gradientsOf(([x, y]) => f(x ?? a, y ?? b), [a, b]);
      const expected = tf.grads((x: tf.Tensor, y: tf.Tensor) => f(x, y))([a, b]);
      for (const i of [0, 1]) {
        for (const [k, value] of values(expected[i]).entries())
          expect(values(actual[i])[k]).toBeCloseTo(value, 5);
      }
    });
  });

  it('is zero where the output does not depend on the input', () => {
    tf.tidy(() => {
      const [a, b] = [tf.ones([2]), tf.ones([3])];
      const [, unused] = gradientsOf(([x]) => (x ?? a).mul(2), [a, b]);
      expect(values(unused)).toEqual([0, 0, 0]);
    });
  });

  it('hands an upstream gradient on without losing it', () => {
    tf.tidy(() => {
      const [a, b] = [tf.tensor([1, 2]), tf.tensor([3, 4])];
      const gradients = gradientsOf(([x, y]) => (x ?? a).add(y ?? b).add(x ?? a), [a, b]);
      expect(gradients.map(values)).toEqual([
        [2, 2],
        [1, 1],
      ]);
    });
  });

  it('leaves no tensor, whether gradients are wanted or not, also when the function or a gradient fails', () => {
    const x = tf.ones([4, 4]);
    const recording = recordTape(() => silu(linear(x, x)));
    disposeTape(recording.tape);
    recording.value.dispose();
    expect(() =>
      recordTape(() => {
        silu(linear(x, x));
        throw new Error('stop');
      }),
    ).toThrow('stop');
    const { value, tape } = recordTape(() => tf.cumprod(x.mul(2)));
    expect(() => backpropagate(tape, value, x, [x])).toThrow('Cumprod has no gradient');
    tf.dispose([value, x]);
  });

  it('keeps less than the walk of tfjs: saved tensors go as soon as they are read', () => {
    const depth = 24;
    const run = (walk: (f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor) => tf.Tensor): number => {
      const x = tf.ones([64, 256]);
      const weight = tf.ones([256, 256]);
      let most = 0;
      const f = (input: tf.Tensor): tf.Tensor => {
        let h = input;
        for (let i = 0; i < depth; i++) h = tf.tidy(() => watched(silu(linear(h, weight))));
        return h.sum();
      };
      /** The identity; notes what is in memory during the backward pass. */
      const watched = (t: tf.Tensor): tf.Tensor =>
        tf.customGrad((input) => {
          if (!(input instanceof tf.Tensor)) throw new Error('unexpected customGrad call');
          return {
            value: input.clone(),
            gradFunc: (gradient) => {
              most = Math.max(most, tf.memory().numTensors);
              return gradient.clone();
            },
          };
        })(t);
      tf.dispose([walk(f, x), x, weight]);
      return most;
    };
    const own = run((f, x) => gradientsOf(([t]) => f(t ?? x), [x])[0] ?? x);
    const stock = run((f, x) => tf.grad(f)(x));
    expect(own).toBeLessThan(0.7 * stock);
  });
});

describe('recomputed', () => {
  it('gives the gradients of the plain layer, of parameters too, inside and outside a tape', () => {
    tf.tidy(() => {
      const weight = tf.variable(tf.randomUniform([6, 6], -1, 1, 'float32', 3));
      const gamma = tf.variable(tf.ones([6]));
      const beta = tf.variable(tf.zeros([6]));
      const x = tf.randomUniform([5, 6], -1, 1, 'float32', 4);
      const layer: Layer<'x'> = (read) => silu(layerNorm(linear(read('x'), weight), gamma, beta));
      const parameters = [weight, gamma, beta];
      const network = (keep: typeof plain) => {
        const once = keep(layer, { inputs: { x }, parameters });
        return keep(layer, { inputs: { x: once }, parameters }).square();
      };
      const kept = gradientsOf(() => network(plain), [x, ...parameters]);
      const again = gradientsOf(() => network(recomputed), [x, ...parameters]);
      expect(again.map(values)).toEqual(kept.map(values));
      expect(values(network(recomputed))).toEqual(values(network(plain)));
      tf.dispose([weight, gamma, beta]);
    });
  });

  it('gives the same a few rows at a time, to rounding', () => {
    tf.tidy(() => {
      const weight = tf.variable(tf.randomUniform([6, 6], -1, 1, 'float32', 3));
      const beta = tf.variable(tf.zeros([6]));
      const [x, shift] = [4, 5].map((seed) => tf.randomUniform([5, 6], -1, 1, 'float32', seed));
      if (x === undefined || shift === undefined) throw new Error('two tensors');
      const layer: Layer<'x' | 'shift'> = (read) => silu(linear(read('x'), weight, beta)).mul(read('shift'));
      const network = (keep: typeof plain, rowsAtATime: number) =>
        keep<'x', 'shift'>(layer, {
          inputs: { x },
          constants: { shift },
          parameters: [weight, beta],
          rowsAtATime,
        }).square();
      const expected = gradientsOf(() => network(plain, 5), [x, weight, beta]).map(values);
      for (const rowsAtATime of [1, 2, 4, 5, 6]) {
        const gradients = gradientsOf(() => network(recomputed, rowsAtATime), [x, weight, beta]);
        for (const [i, gradient] of gradients.entries()) {
          for (const [k, value] of values(gradient).entries())
            expect(value).toBeCloseTo(expected[i]?.[k] ?? Number.NaN, 6);
        }
      }
      tf.dispose([weight, beta]);
    });
  });
});
