import { InputError } from '@retail-sim/errors';
import {
  type AdamWSlot,
  adamWStep,
  type Parameter,
  type StateDict,
  type StateTensor,
} from '@retail-sim/world-model';
import * as tf from '@tensorflow/tfjs';

export interface OptimizerOptions {
  readonly weightDecay: number;
  /** Factor on the learning rate of the repeat head. */
  readonly repeatHeadRate: number;
}

export interface OptimizerStep {
  readonly learningRate: number;
  /** Factor on every gradient: what clips them to a global norm. */
  readonly gradientScale: number;
}

/** AdamW over all parameters of a model (spec section 5, 7.2), with the rate of the repeat head apart. */
export interface Optimizer {
  /** One step of the parameters that have a gradient. `gradients` are by parameter name, and stay the caller's. */
  readonly step: (gradients: ReadonlyMap<string, tf.Tensor>, step: OptimizerStep) => void;
  /** Steps so far; Adam's bias correction counts from here. */
  readonly steps: () => number;
  /** Moments as plain data: `NAME.first_moment`, `NAME.second_moment`. */
  readonly stateDict: () => StateDict;
  readonly loadStateDict: (state: StateDict, steps: number) => void;
  readonly dispose: () => void;
}

const MOMENTS = { firstMoment: 'first_moment', secondMoment: 'second_moment' } as const;

interface Slot extends AdamWSlot {
  readonly name: string;
  readonly rate: number;
}

export function createOptimizer(parameters: readonly Parameter[], options: OptimizerOptions): Optimizer {
  let taken = 0;
  const slots = parameters.map(
    ({ name, block, decay, variable, shape }): Slot => ({
      name,
      parameter: variable,
      firstMoment: zeros(shape),
      secondMoment: zeros(shape),
      weightDecay: decay ? options.weightDecay : 0,
      rate: block === 'repeatHead' ? options.repeatHeadRate : 1,
    }),
  );
  const groups = [...new Set(slots.map(({ rate }) => rate))].map((rate) => ({
    rate,
    slots: slots.filter((slot) => slot.rate === rate),
  }));
  return {
    step: (gradients, { learningRate, gradientScale }) => {
      taken++;
      for (const group of groups) {
        const moved = group.slots.filter(({ name }) => gradients.has(name));
        const own = moved.map(({ name }) => gradientOf(gradients, name));
        adamWStep(moved, own, { learningRate: learningRate * group.rate, gradientScale, step: taken });
      }
    },
    steps: () => taken,
    stateDict: () =>
      new Map(
        slots.flatMap((slot) =>
          momentNames.map((moment): [string, StateTensor] => [
            momentName(slot, moment),
            { shape: slot[moment].shape, data: Float32Array.from(slot[moment].dataSync()) },
          ]),
        ),
      ),
    loadStateDict: (state, steps) => {
      const values = slots.flatMap((slot) =>
        momentNames.map((moment) => ({
          variable: slot[moment],
          value: storedMoment(state, momentName(slot, moment), slot[moment].shape),
        })),
      );
      for (const { variable, value } of values) {
        tf.tidy(() => variable.assign(tf.tensor(value.data, [...value.shape])));
      }
      taken = steps;
    },
    dispose: () => tf.dispose(slots.flatMap(({ firstMoment, secondMoment }) => [firstMoment, secondMoment])),
  };
}

const momentNames = Object.keys(MOMENTS) as (keyof typeof MOMENTS)[];

const momentName = ({ name }: Slot, moment: keyof typeof MOMENTS): string => `${name}.${MOMENTS[moment]}`;

const zeros = (shape: readonly number[]): tf.Variable =>
  tf.tidy(() => tf.variable(tf.zeros([...shape]), false));

function gradientOf(gradients: ReadonlyMap<string, tf.Tensor>, name: string): tf.Tensor {
  const gradient = gradients.get(name);
  if (gradient === undefined) throw new Error(`there is no gradient for ${name}`);
  return gradient;
}

function storedMoment(state: StateDict, name: string, shape: readonly number[]): StateTensor {
  const stored = state.get(name);
  if (stored === undefined || stored.shape.join() !== shape.join()) {
    throw new InputError({
      what: `the optimizer's state has ${stored === undefined ? 'no' : `[${stored.shape}] for`} ${name}, expected [${shape}]`,
      remedy: 'the checkpoint is of another model; take its weights alone with --resume-weights-only',
    });
  }
  return stored;
}
