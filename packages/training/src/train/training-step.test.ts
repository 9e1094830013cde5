import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Batch, buildTensors, openLoader, openTensors } from '@retail-sim/tensor-preparation';
import { createWorldModel, type Device, lossWeights, resolveDevice } from '@retail-sim/world-model';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type Folders,
  makeWorld,
  writeUpstream,
} from '../../../../tests/tensor-preparation/upstream-fixture.js';
import { modelConfig } from './open-run.js';
import { createOptimizer } from './optimizer.js';
import { batchContents } from './step-groups.js';
import { completeSettings } from './training-options.js';
import { trainingStep } from './training-step.js';

const settings = completeSettings({ preset: 'tiny', seed: 3, batchSize: 32 });
let folders: Folders;
let device: Device;

beforeAll(async () => {
  folders = await writeUpstream(makeWorld({ baskets: 200 }));
  await buildTensors({
    ...folders,
    seed: 42,
    t6: 'prior',
    t2PositionEncoding: false,
    longBaskets: 'truncate',
  });
  device = await resolveDevice('wasm');
});
afterAll(async () => {
  await device.close();
  await rm(dirname(folders.tensors), { recursive: true });
});

/** A new model, and batches of `batchSize` baskets from the start of the training split. */
async function start(batchSize: number, count: number) {
  using tensors = await openTensors(folders.tensors);
  const model = createWorldModel(modelConfig(settings, tensors), { seed: settings.seed });
  const optimizer = createOptimizer(model.parameters(), { weightDecay: 0.01, repeatHeadRate: 1 });
  await using loader = await openLoader({
    ...batchContents(folders.tensors, { ...settings, batchSize }, model.config),
    split: 'train',
    shuffle: false,
    prefetch: 0,
    bucketEdges: [50],
  });
  const batches: Batch[] = [];
  for await (const batch of loader.batches(0)) {
    if (batches.length < count) batches.push(batch);
  }
  const dispose = () => {
    optimizer.dispose();
    model.dispose();
  };
  return { model, optimizer, batches, dispose };
}

const stepSettings = {
  learningRate: 1e-3,
  // The contrastive term compares the baskets of one batch, so that it alone depends on how they are cut.
  lossWeights: { ...lossWeights('main', 'corrected'), contrastive: 0 },
  maxGradientNorm: 1,
  focalGamma: 2,
  keyOf: () => 1,
  recompute: false,
  // Without dropout, whose masks belong to a batch.
  onlyBlock: 'outputHeads',
} as const;

it('takes 4 x 8 baskets as it takes 1 x 32: loss and gradient are over all targets at once', async () => {
  const whole = await start(32, 1);
  const parts = await start(8, 4);
  const once = await trainingStep(whole.model, whole.optimizer, whole.batches, stepSettings);
  const accumulated = await trainingStep(parts.model, parts.optimizer, parts.batches, stepSettings);
  expect(accumulated.samples).toBe(once.samples);
  expect(accumulated.losses.total).toBeCloseTo(once.losses.total, 5);
  expect(accumulated.losses.focal).toBeCloseTo(once.losses.focal, 5);
  expect(Math.abs(accumulated.gradientNorm / once.gradientNorm - 1)).toBeLessThan(1e-5);
  whole.dispose();
  parts.dispose();
});

it('leaves no tensor behind, and moves only the block that it is told to', async () => {
  const { model, optimizer, batches, dispose } = await start(16, 2);
  const before = model.stateDict();
  await trainingStep(model, optimizer, batches, stepSettings);
  const { numTensors } = tf.memory();
  await trainingStep(model, optimizer, batches, { ...stepSettings, onlyBlock: 'repeatHead' });
  await trainingStep(model, optimizer, batches, stepSettings);
  expect(tf.memory().numTensors).toBe(numTensors);
  for (const [name, { data }] of model.stateDict()) {
    const moved = data.some((value, index) => value !== before.get(name)?.data[index]);
    expect([name, moved]).toEqual([name, /^(output_heads|repeat_head)\./.test(name) && moved]);
  }
  dispose();
});

it('skips a step whose gradient is not finite, and keeps the weights', async () => {
  const { model, optimizer, batches, dispose } = await start(16, 1);
  const [batch] = batches;
  if (batch === undefined) throw new Error('no batch');
  const before = model.stateDict();
  const poisoned = new Map(before);
  const bias = before.get('context_fusion.projection.bias');
  if (bias === undefined) throw new Error('no bias');
  poisoned.set('context_fusion.projection.bias', { ...bias, data: bias.data.map(() => Number.NaN) });
  model.loadStateDict(poisoned);
  const { applied } = await trainingStep(model, optimizer, [batch], stepSettings);
  expect(applied).toBe(false);
  expect(optimizer.steps()).toBe(0);
  for (const [name, { data }] of model.stateDict()) {
    expect([name, data.every((value, index) => Object.is(value, poisoned.get(name)?.data[index]))]).toEqual([
      name,
      true,
    ]);
  }
  dispose();
});
