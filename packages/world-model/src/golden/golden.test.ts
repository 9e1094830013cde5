import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { backpropagate, recordTape } from '../gradients/tape.js';
import { adamWStep, clippingFactor, selectiveScan } from '../kernels/index.js';
import { lossWeights } from '../losses/loss-weights.js';
import { type WorldModelLossOptions, worldModelLoss } from '../losses/world-model-loss.js';
import { decoderLayer } from '../model/decoder-layer.js';
import { NO_DROPOUT } from '../model/dropout-sites.js';
import { mambaBlock } from '../model/mamba-block.js';
import type { WorldModelMode, WorldModelSwitches } from '../model/switches.js';
import { createWorldModel, type WorldModel } from '../model/world-model.js';
import { type WorldModelInputs, worldModelInputs } from '../model/world-model-inputs.js';
import { devicesUnderTest } from './devices-under-test.js';
import {
  type GoldenCase,
  goldenCase,
  hasGoldenCase,
  largestDifference,
  relativeDifference,
} from './golden-case.js';
import { goldenBatch, goldenOptions, goldenState } from './golden-model.js';
import { GRADIENT, LOSS, onDevice, VALUE } from './testing/on-device.js';

// Values and gradients of the reference, on every device of this machine (fixtures/README.md).

const LAYER_VALUE = 2e-5;

const devices = await devicesUnderTest();

describe.each(devices)('golden vectors on $title', ({ candidate }) => {
  onDevice(candidate);

  it.each(casesOf(['scan_tiny', 'scan_extreme', 'scan_full']))('$name: selective scan', async ({ name }) => {
    const golden = goldenCase(name);
    const inputNames = ['x', 'dt', 'A_log', 'B', 'C', 'D'];
    await compareLayer(golden, inputNames, ([x, dt, aLog, b, c, d]) =>
      selectiveScan(defined({ x, dt, aLog, b, c, d })),
    );
  });

  it.each(casesOf(['mamba_block_tiny', 'mamba_block_full']))('$name: Mamba block', async ({ name }) => {
    const golden = goldenCase(name);
    const parameters = golden.names('weight');
    await compareLayer(golden, ['x', ...parameters], (tensors) => {
      const [x] = tensors;
      return mambaBlock(required(x), byName(['x', ...parameters], tensors));
    });
  });

  it.each(casesOf(['decoder_layer_tiny_causal', 'decoder_layer_tiny_bidirectional', 'decoder_layer_full']))(
    '$name: decoder layer',
    async ({ name }) => {
      const golden = goldenCase(name);
      const parameters = golden.names('weight');
      const bidirectional = name.endsWith('bidirectional');
      const valid = (mask: string) => tf.tensor(golden.floats(mask), [...golden.tensor(mask).shape]);
      await compareLayer(golden, ['x', 'enc', ...parameters], (tensors) => {
        const [x, encoded] = tensors;
        return decoderLayer(required(x), required(encoded), byName(['x', 'enc', ...parameters], tensors), {
          heads: golden.size('decoder_num_heads'),
          causal: !bidirectional,
          sites: NO_DROPOUT,
          encodedValid: valid('enc_valid'),
          ...(bidirectional ? { selfValid: valid('self_valid') } : {}),
        });
      });
    },
  );

  it('world_model_tiny: outputs, losses, all gradients and one step of the optimiser', async () => {
    const golden = goldenCase('world_model_tiny');
    const model = modelOf(golden, 'reference');
    await compareOutputs(golden, model);

    const weights = lossWeights('main', 'reference');
    const expected = lossScalars(golden, 'loss_main');
    const { gradients, terms, total } = await lossAndInputGradients(golden, model, { weights });
    compareLosses(expected, { ...terms, total });
    await compareGradients(golden, gradients);

    const norm = Math.hypot(...(await norms(model, gradients)).values());
    expect(norm / z.number().parse(golden.scalars.grad_global_norm)).toBeCloseTo(1, 5);
    await compareUpdate(golden, model, gradients, norm);
    tf.dispose([...gradients.values()]);
    model.dispose();
  });

  it.each(['loss_warmup', 'loss_main_contrastive_aligned'])('world_model_tiny: %s', async (scalars) => {
    const golden = goldenCase('world_model_tiny');
    const weights = lossWeights(scalars === 'loss_warmup' ? 'warm-up' : 'main', 'reference');
    const model = modelOf(golden, 'reference');
    const aligned = scalars === 'loss_main_contrastive_aligned';
    const { terms, total, gradients } = await lossAndInputGradients(golden, model, { weights }, aligned);
    compareLosses(lossScalars(golden, scalars), { ...terms, total });
    tf.dispose([...gradients.values()]);
    model.dispose();
  });

  it('world_model_tiny_corrected: outputs, losses and all gradients', async () => {
    const golden = goldenCase('world_model_tiny_corrected');
    const switches = { repeatHead: false };
    const model = modelOf(golden, 'corrected', switches);
    const unmasked = modelOf(golden, 'corrected', { ...switches, classMask: false });
    await compareOutputs(golden, unmasked);

    // The case weighs the size term as the reference does, and leaves the contrastive loss out.
    const weights = { ...lossWeights('main', 'reference'), contrastive: 0 };
    const { terms, total, gradients } = await lossAndInputGradients(golden, model, { weights });
    const scalars = z.record(z.string(), z.number().or(z.string())).parse(golden.scalars);
    compareLosses(
      new Map([
        ['focal', Number(scalars.focal_real_products_only)],
        ['basketSize', Number(scalars.basket_size)],
        ['priceSensitivity', Number(scalars.price_sensitivity)],
        ['missionType', Number(scalars.mission_type)],
        ['missionFocus', Number(scalars.mission_focus)],
        ['total', Number(scalars.total_without_contrastive)],
      ]),
      { ...terms, total },
    );
    await compareGradients(golden, gradients);
    const all = await lossAndInputGradients(golden, unmasked, { weights });
    compareLosses(new Map([['focal', Number(scalars.focal_all_classes)]]), all.terms);
    tf.dispose([...gradients.values(), ...all.gradients.values()]);
    model.dispose();
    unmasked.dispose();
  });

  it.each(casesOf(['world_model_full']))(
    '$name: outputs, losses and norms of all gradients',
    async ({ name }) => {
      const golden = goldenCase(name);
      const model = modelOf(golden, 'reference');
      expect(model.parameterCount().total).toBe(golden.parameterCount);
      await compareOutputs(golden, model);
      const weights = lossWeights('main', 'reference');
      const { terms, total, gradients } = await lossAndInputGradients(golden, model, { weights });
      compareLosses(lossScalars(golden, 'loss_main'), { ...terms, total });
      await compareGradients(golden, gradients);
      for (const [parameter, norm] of await norms(model, gradients)) {
        const expected = golden.gradientNorms[parameter];
        if (expected !== undefined) expect(Math.abs(norm / expected - 1), parameter).toBeLessThan(GRADIENT);
      }
      tf.dispose([...gradients.values()]);
      model.dispose();
    },
  );
});

function casesOf(names: readonly string[]): { name: string }[] {
  const [found, missing] = [names.filter(hasGoldenCase), names.filter((name) => !hasGoldenCase(name))];
  for (const name of missing) process.stderr.write(`skipped ${name}: it lies in ../shared/golden/model\n`);
  return found.map((name) => ({ name }));
}

/** An input of a case; scans at full size state their steps before softplus. */
function inputOf(golden: GoldenCase, name: string): tf.Tensor {
  if (name === 'dt' && !golden.names('input').includes('dt')) {
    const steps = golden.floats('dt_raw').map((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))));
    return tf.tensor(steps, [...golden.tensor('dt_raw').shape]);
  }
  return tf.tensor(golden.floats(name), [...golden.tensor(name).shape]);
}

/** Output of a layer and gradients of `sum(y * gy)`. */
async function compareLayer(
  golden: GoldenCase,
  inputNames: readonly string[],
  layer: (inputs: readonly tf.Tensor[]) => tf.Tensor,
): Promise<void> {
  const inputs = inputNames.map((name) => inputOf(golden, name));
  const upstream = tf.tensor(golden.floats('gy'), [...golden.tensor('gy').shape]);
  const { value, tape } = recordTape(() => layer(inputs));
  const gradients = backpropagate(tape, value, upstream, inputs);
  expect(relativeDifference(await value.data(), golden.floats('y'), 1)).toBeLessThan(LAYER_VALUE);
  await compareGradients(golden, new Map(inputNames.map((name, i) => [name, required(gradients[i])])));
  tf.dispose([value, upstream, inputs, gradients]);
}

function modelOf(
  golden: GoldenCase,
  mode: WorldModelMode,
  switches: Partial<WorldModelSwitches> = {},
): WorldModel {
  const model = createWorldModel({ ...goldenOptions(golden), mode, switches }, { seed: 1 });
  model.loadStateDict(goldenState(golden));
  return model;
}

async function compareOutputs(golden: GoldenCase, model: WorldModel): Promise<void> {
  const inputs = worldModelInputs(goldenBatch(golden), model.config);
  const outputs = model.forward(inputs);
  const { maskedPositions: _, ...everywhere } = inputs;
  const everyPlace = model.forward(everywhere);
  const named: Readonly<Record<string, tf.Tensor>> = {
    masked_logits: outputs.productLogits,
    logits_all_positions: everyPlace.productLogits,
    encoder_output: outputs.encoderOutput,
    decoder_output: outputs.decoderOutput,
    'aux.basket_size': outputs.auxiliaryLogits.basketSize,
    'aux.price_sensitivity': outputs.auxiliaryLogits.priceSensitivity,
    'aux.mission_type': outputs.auxiliaryLogits.missionType,
    'aux.mission_focus': outputs.auxiliaryLogits.missionFocus,
  };
  const stored = golden.names('output').filter((name) => name in named);
  expect(stored.length).toBeGreaterThanOrEqual(6);
  for (const name of stored) {
    const { shape, values } = golden.tensor(name);
    expect(required(named[name]).shape, name).toEqual(shape);
    expect(largestDifference(await required(named[name]).data(), values), name).toBeLessThan(VALUE);
  }
  tf.dispose([inputs, outputs, everyPlace]);
}

interface Differentiated {
  readonly total: number;
  readonly terms: Readonly<Record<string, number>>;
  /** Of parameters by name, and of inputs. */
  readonly gradients: ReadonlyMap<string, tf.Tensor>;
}

/** The differentiated inputs of a batch by their names in the case. */
function inputTensors(inputs: WorldModelInputs): Readonly<Record<string, tf.Tensor>> {
  return {
    dense_context: inputs.denseContext,
    product_embeddings: inputs.productEmbeddings,
    price_features: inputs.priceFeatures,
    ...(inputs.history === undefined ? {} : { history_tokens: inputs.history.tokens }),
  };
}

/** With `aligned`, the contrastive loss reads the encoder's rows in their own places. */
async function lossAndInputGradients(
  golden: GoldenCase,
  model: WorldModel,
  options: WorldModelLossOptions,
  aligned = false,
): Promise<Differentiated> {
  const batch = goldenBatch(golden);
  const inputs = worldModelInputs(batch, model.config);
  const parameters = model.parameters();
  const names = [...parameters.map(({ name }) => name), ...Object.keys(inputTensors(inputs))];
  const tensors = [...parameters.map(({ variable }) => variable), ...Object.values(inputTensors(inputs))];
  const { value, tape } = recordTape(() => {
    const outputs = model.forward(inputs);
    const [size = 0, rows = 0, width = 0] = outputs.encoderOutput.shape;
    const encoderOutput = aligned
      ? outputs.encoderOutput.slice([0, 1, 0], [size, rows - 1, width])
      : outputs.encoderOutput;
    return worldModelLoss({ ...outputs, encoderOutput }, batch, model.config, options);
  });
  const one = tf.scalar(1);
  const gradients = backpropagate(tape, value.total, one, tensors);
  const terms: Record<string, number> = {};
  for (const [name, term] of Object.entries(value.terms))
    terms[name] = (await term.loss.data())[0] ?? Number.NaN;
  const total = (await value.total.data())[0] ?? Number.NaN;
  tf.dispose([one, inputs, value]);
  return { total, terms, gradients: new Map(names.map((name, i) => [name, required(gradients[i])])) };
}

function lossScalars(golden: GoldenCase, name: string): ReadonlyMap<string, number> {
  const scalars = z.record(z.string(), z.number()).parse(golden.scalars[name]);
  return new Map(
    Object.entries(scalars).map(([term, value]) => [
      term.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}

/** A term that was not computed counts as 0. */
function compareLosses(
  expected: ReadonlyMap<string, number>,
  actual: Readonly<Record<string, number>>,
): void {
  for (const [name, value] of expected) {
    expect(Math.abs((actual[name] ?? 0) - value), name).toBeLessThanOrEqual(
      LOSS * Math.max(1, Math.abs(value)),
    );
  }
}

async function compareGradients(
  golden: GoldenCase,
  gradients: ReadonlyMap<string, tf.Tensor>,
): Promise<void> {
  const stored = golden.names('grad');
  expect(stored.length).toBeGreaterThan(0);
  for (const name of stored) {
    const gradient = required(gradients.get(name.replace(/^grad\./, '')));
    expect(relativeDifference(await gradient.data(), golden.floats(name)), name).toBeLessThan(GRADIENT);
  }
}

/** L2 norm of each parameter's gradient. */
async function norms(
  model: WorldModel,
  gradients: ReadonlyMap<string, tf.Tensor>,
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const { name } of model.parameters()) {
    const values = Float32Array.from(await required(gradients.get(name)).data());
    found.set(name, Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)));
  }
  return found;
}

async function compareUpdate(
  golden: GoldenCase,
  model: WorldModel,
  gradients: ReadonlyMap<string, tf.Tensor>,
  norm: number,
): Promise<void> {
  const step = z
    .object({ lr: z.number(), weight_decay: z.number(), max_grad_norm: z.number() })
    .parse(golden.scalars.adamw_step);
  const parameters = model.parameters();
  const zeros = (shape: readonly number[]) => tf.tidy(() => tf.variable(tf.zeros([...shape])));
  const slots = parameters.map(({ variable, shape }) => ({
    parameter: variable,
    firstMoment: zeros(shape),
    secondMoment: zeros(shape),
    weightDecay: step.weight_decay,
  }));
  adamWStep(
    slots,
    parameters.map(({ name }) => required(gradients.get(name))),
    { learningRate: step.lr, step: 1, gradientScale: clippingFactor(norm, step.max_grad_norm) },
  );
  for (const { name, variable } of parameters) {
    const gradient = golden.floats(`grad.${name}`);
    // The step follows the sign of the gradient, and where it is zero, as for the bias of keys, the sign of an error.
    const decided = (values: ArrayLike<number>) =>
      Array.from(values).filter((_, i) => Math.abs(gradient[i] ?? 0) > 1e-6);
    const updated = golden.floats(`updated.${name}`);
    expect(largestDifference(decided(await variable.data()), decided(updated)), name).toBeLessThan(2e-5);
  }
  tf.dispose(slots.flatMap(({ firstMoment, secondMoment }) => [firstMoment, secondMoment]));
}

function byName(names: readonly string[], tensors: readonly tf.Tensor[]): (name: string) => tf.Tensor {
  return (name) => required(tensors[names.indexOf(name)]);
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a tensor of the case is missing');
  return value;
}

function defined<Name extends string>(
  tensors: Readonly<Record<Name, tf.Tensor | undefined>>,
): Record<Name, tf.Tensor>;
function defined(tensors: Readonly<Record<string, tf.Tensor | undefined>>): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, required(tensor)]));
}
