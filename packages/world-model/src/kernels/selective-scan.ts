import * as tf from '@tensorflow/tfjs';
import { defineKernel, firstOutput, gradientsByName, requiredInput, savedTensor } from './named-kernel.js';
import { axisLength, expectShape } from './shapes.js';

// Symbols (spec section 5, 2.4 and 11; Gu and Dao 2023, "Mamba", algorithm 2):
//   B batch, L steps, E channels, N states per channel
//   x   input of the scan          [B, L, E]      dt  step size, > 0    [B, L, E]
//   A   = -exp(aLog), decay rates  [E, N]         b   input matrix      [B, L, N]
//   c   output matrix              [B, L, N]      d   skip weight       [E]
//   h   state                      [B, E, N]      y   output            [B, L, E]

export interface SelectiveScanInputs {
  readonly x: tf.Tensor;
  readonly dt: tf.Tensor;
  readonly aLog: tf.Tensor;
  readonly b: tf.Tensor;
  readonly c: tf.Tensor;
  readonly d: tf.Tensor;
}

/**
 * `h_t = exp(dt_t A) h_{t-1} + dt_t x_t b_t`, `y_t = h_t . c_t + d x_t`, h before the first step 0 -> y `[B, L, E]`.
 * No state is kept for the gradient: it is recomputed (spec section 5, 11.3).
 */
export function selectiveScan({ x, dt, aLog, b, c, d }: SelectiveScanInputs): tf.Tensor {
  expectShape('selectiveScan', 'x', x, ['any', 'any', 'any']);
  const [batch, length, channels] = [axisLength(x, 0), axisLength(x, 1), axisLength(x, 2)];
  expectShape('selectiveScan', 'dt', dt, x.shape);
  expectShape('selectiveScan', 'aLog', aLog, [channels, 'any']);
  expectShape('selectiveScan', 'b', b, [batch, length, axisLength(aLog, 1)]);
  expectShape('selectiveScan', 'c', c, b.shape);
  expectShape('selectiveScan', 'd', d, [channels]);
  return firstOutput(runSelectiveScan({ x, dt, aLog, b, c, d }));
}

const runSelectiveScan = defineKernel({
  name: 'SelectiveScan',
  compose: (inputs) => {
    const steps = scanSteps(inputs);
    const outputs: tf.Tensor[] = [];
    let state = initialState(inputs);
    for (const step of steps) {
      const next = tf.tidy(() => nextState(step, state));
      state.dispose();
      state = next;
      outputs.push(tf.tidy(() => state.mul(step.c.expandDims(1)).sum(-1))); // [B, E]
    }
    const scanned = tf.stack(outputs, 1); // [B, L, E]
    return [scanned.add(requiredInput(inputs, 'x').mul(requiredInput(inputs, 'd')))];
  },
  gradient: {
    inputsToSave: ['x', 'dt', 'aLog', 'b', 'c', 'd'],
    backward: (dy, saved) => {
      const inputs = Object.fromEntries(INPUT_NAMES.map((name, index) => [name, savedTensor(saved, index)]));
      return gradientsByName(INPUT_NAMES, runSelectiveScanGradient({ dy, ...inputs }));
    },
  },
});

const INPUT_NAMES = ['x', 'dt', 'aLog', 'b', 'c', 'd'] as const;

const runSelectiveScanGradient = defineKernel({
  name: 'SelectiveScanGradient',
  compose: (inputs) => {
    const dy = requiredInput(inputs, 'dy');
    const x = requiredInput(inputs, 'x');
    const steps = scanSteps(inputs);
    const outputGradients = tf.unstack(dy, 1); // L x [B, E]
    const chunkLength = Math.ceil(Math.sqrt(steps.length));
    const chunkStates = statesAtChunkStarts(inputs, steps, chunkLength);

    const gradients: StepGradient[] = [];
    let adjoint = initialState(inputs); // of h, [B, E, N]
    let gradientA: tf.Tensor = tf.zerosLike(requiredInput(inputs, 'aLog'));
    for (const [chunk, chunkState] of [...chunkStates.entries()].reverse()) {
      const chunkSteps = steps.slice(chunk * chunkLength, (chunk + 1) * chunkLength);
      const states = replayStates(chunkState, chunkSteps);
      for (const [offset, step] of [...chunkSteps.entries()].reverse()) {
        const outputGradient = savedTensor(outputGradients, chunk * chunkLength + offset);
        const back = stepBackward(
          step,
          outputGradient,
          savedTensor(states, offset),
          savedTensor(states, offset + 1),
          adjoint,
        );
        tf.dispose([adjoint, savedTensor(states, offset + 1)]);
        adjoint = back.adjoint;
        const sum = gradientA.add(back.gradientA);
        tf.dispose([gradientA, back.gradientA]);
        gradientA = sum;
        gradients.unshift(back.gradient);
      }
      chunkState.dispose();
    }
    const decay = savedTensor(
      steps.map(({ decayRate }) => decayRate),
      0,
    );
    return [
      tf
        .stack(
          gradients.map(({ x: g }) => g),
          1,
        )
        .add(dy.mul(requiredInput(inputs, 'd'))), // [B, L, E]
      tf.stack(
        gradients.map(({ dt: g }) => g),
        1,
      ), // [B, L, E]
      gradientA.mul(decay), // dA/daLog = A
      tf.stack(
        gradients.map(({ b: g }) => g),
        1,
      ), // [B, L, N]
      tf.stack(
        gradients.map(({ c: g }) => g),
        1,
      ), // [B, L, N]
      dy.mul(x).sum([0, 1]), // [E]
    ];
  },
});

interface ScanStep {
  readonly x: tf.Tensor; // [B, E]
  readonly dt: tf.Tensor; // [B, E]
  readonly b: tf.Tensor; // [B, N]
  readonly c: tf.Tensor; // [B, N]
  readonly decayRate: tf.Tensor; // A, [E, N]
}

interface StepGradient {
  readonly x: tf.Tensor;
  readonly dt: tf.Tensor;
  readonly b: tf.Tensor;
  readonly c: tf.Tensor;
}

function scanSteps(inputs: Readonly<Record<string, tf.Tensor>>): ScanStep[] {
  const decayRate = requiredInput(inputs, 'aLog').exp().neg();
  const dt = tf.unstack(requiredInput(inputs, 'dt'), 1);
  const b = tf.unstack(requiredInput(inputs, 'b'), 1);
  const c = tf.unstack(requiredInput(inputs, 'c'), 1);
  return tf.unstack(requiredInput(inputs, 'x'), 1).map((x, t) => ({
    x,
    dt: savedTensor(dt, t),
    b: savedTensor(b, t),
    c: savedTensor(c, t),
    decayRate,
  }));
}

function initialState(inputs: Readonly<Record<string, tf.Tensor>>): tf.Tensor {
  const [channels, states] = requiredInput(inputs, 'aLog').shape;
  return tf.zeros([axisLength(requiredInput(inputs, 'x'), 0), channels ?? 0, states ?? 0]);
}

/** exp(dt A), [B, E, N]; the exponent is never positive. */
function stepDecay(step: ScanStep): tf.Tensor {
  return step.dt.expandDims(-1).mul(step.decayRate).exp();
}

function nextState(step: ScanStep, state: tf.Tensor): tf.Tensor {
  const drive = step.dt.mul(step.x).expandDims(-1).mul(step.b.expandDims(1)); // [B, E, N]
  return stepDecay(step).mul(state).add(drive);
}

/** The state before the first step of every chunk: ceil(L / C) x [B, E, N]. */
function statesAtChunkStarts(
  inputs: Readonly<Record<string, tf.Tensor>>,
  steps: readonly ScanStep[],
  chunkLength: number,
): tf.Tensor[] {
  const starts: tf.Tensor[] = [];
  let state = initialState(inputs);
  for (const [t, step] of steps.entries()) {
    if (t % chunkLength === 0) starts.push(state.clone());
    const next = tf.tidy(() => nextState(step, state));
    state.dispose();
    state = next;
  }
  state.dispose();
  return starts;
}

/** All states of a chunk, the one before its first step included: (C + 1) x [B, E, N]. */
function replayStates(start: tf.Tensor, steps: readonly ScanStep[]): tf.Tensor[] {
  const states = [start];
  for (const step of steps) {
    const previous = savedTensor(states, states.length - 1);
    states.push(tf.tidy(() => nextState(step, previous)));
  }
  return states;
}

interface StepBackward {
  readonly gradient: StepGradient;
  readonly gradientA: tf.Tensor; // [E, N]
  readonly adjoint: tf.Tensor; // of the previous state, [B, E, N]
}

/** One step of the table in spec section 5, 11.3. */
function stepBackward(
  step: ScanStep,
  outputGradient: tf.Tensor,
  previousState: tf.Tensor,
  state: tf.Tensor,
  laterAdjoint: tf.Tensor,
): StepBackward {
  const parts = tf.tidy(() => {
    const stateGradient = laterAdjoint.add(outputGradient.expandDims(-1).mul(step.c.expandDims(1))); // G [B, E, N]
    const c = state.mul(outputGradient.expandDims(-1)).sum(1); // [B, N]
    const throughB = stateGradient.mul(step.b.expandDims(1)).sum(-1); // G b, [B, E]
    const adjoint = stateGradient.mul(stepDecay(step)); // [B, E, N]
    const q = adjoint.mul(previousState); // [B, E, N]
    const dt = q.mul(step.decayRate).sum(-1).add(throughB.mul(step.x)); // [B, E]
    const b = stateGradient.mul(step.dt.mul(step.x).expandDims(-1)).sum(1); // [B, N]
    const gradientA = q.mul(step.dt.expandDims(-1)).sum(0); // [E, N]
    return { x: throughB.mul(step.dt), dt, b, c, gradientA, adjoint };
  });
  const { gradientA, adjoint, x, dt, b, c } = parts;
  return { gradient: { x, dt, b, c }, gradientA, adjoint };
}
