// One case of the benchmark, as a process of its own: takes training steps of the full model on one device and prints
// what a step took, as JSON. The first step is not counted: it compiles, allocates, and makes the moments.
import { parseArgs } from 'node:util';
import {
  type AdamWSlot,
  adamWStep,
  clippingFactor,
  createWorldModel,
  DEVICE_CHOICES,
  type DeviceChoice,
  globalNorm,
  lossAndGradients,
  lossWeights,
  resolveDevice,
  worldModelInputs,
} from '@retail-sim/world-model';
import * as tf from '@tensorflow/tfjs';
import { syntheticBatch } from './synthetic-batch.js';

const { values } = parseArgs({
  options: {
    device: { type: 'string', default: 'wasm' },
    threads: { type: 'string', default: '1' },
    batch: { type: 'string', default: '8' },
    history: { type: 'string', default: '0' },
    steps: { type: 'string', default: '3' },
    recompute: { type: 'boolean', default: false },
  },
});

/** Bytes of all tensors at their highest: weights, moments, gradients and what layers keep; shared data counts once. */
let peakTensorBytes = 0;
const engine = tf.engine();
const bytesOf = new Map<object, number>();
let tensorBytes = 0;
const { trackTensor, removeDataId } = engine;
engine.trackTensor = (tensor, backend) => {
  if (!bytesOf.has(tensor.dataId)) {
    bytesOf.set(tensor.dataId, tensor.size * 4);
    tensorBytes += tensor.size * 4;
    peakTensorBytes = Math.max(peakTensorBytes, tensorBytes);
  }
  trackTensor.call(engine, tensor, backend);
};
engine.removeDataId = (dataId, backend) => {
  tensorBytes -= bytesOf.get(dataId) ?? 0;
  bytesOf.delete(dataId);
  removeDataId.call(engine, dataId, backend);
};

const choice = DEVICE_CHOICES.find((name): name is DeviceChoice => name === values.device);
if (choice === undefined) throw new Error(`no device '${values.device}'`);
const history = Number(values.history);
const device = await resolveDevice(choice, { threads: Number(values.threads) });
// Without history the encoder reads the basket, as in the reference: the same number of tokens.
const model = createWorldModel(
  { preset: 'full', switches: history === 0 ? { encoderSource: 'basket' } : {} },
  { seed: 1 },
);
const batch = syntheticBatch({ size: Number(values.batch), positions: 50, history });
const zeros = (shape: number[]) => tf.tidy(() => tf.variable(tf.zeros(shape), false));
const slots: AdamWSlot[] = model.parameters().map(({ variable }) => ({
  parameter: variable,
  firstMoment: zeros(variable.shape),
  secondMoment: zeros(variable.shape),
  weightDecay: 0.01,
}));

async function step(number: number): Promise<number> {
  const inputs = worldModelInputs(batch, model.config);
  const { losses, gradients } = await lossAndGradients(model, inputs, batch, {
    weights: lossWeights('main', 'corrected'),
    training: true,
    dropoutKey: number,
    recompute: values.recompute,
  });
  const ordered = [...gradients.values()];
  adamWStep(slots, ordered, {
    learningRate: 1e-4,
    step: number,
    gradientScale: clippingFactor(await globalNorm(ordered), 1),
  });
  tf.dispose([inputs, ordered]);
  return losses.total;
}

const steps = Number(values.steps);
await step(1);
const startCpu = process.cpuUsage();
const start = performance.now();
let loss = Number.NaN;
for (let number = 2; number <= steps + 1; number++) loss = await step(number);
// A GPU is done when a value that depends on all of its work has been read.
await slots.at(-1)?.parameter.data();
const wall = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(startCpu);
process.stdout.write(
  JSON.stringify({
    description: device.description,
    cpuSeconds: (user + system) / 1e6 / steps,
    wallSeconds: wall / steps,
    peakMegabytes: (process.resourceUsage().maxRSS * 1024) / 1e6,
    peakTensorMegabytes: peakTensorBytes / 1e6,
    loss,
    tensors: tf.memory().numTensors,
  }),
);
await device.close();
