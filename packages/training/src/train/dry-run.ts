import { formatBytes, formatDuration, formatNumber, formatTable } from '@retail-sim/cli';
import { openLoader, openTensors } from '@retail-sim/tensor-preparation';
import {
  createWorldModel,
  type ModelBlock,
  resolveDevice,
  type WorldModelConfig,
} from '@retail-sim/world-model';
import { modelConfig, type OpenRunOptions } from './open-run.js';
import { batchContents, peakBytes } from './step-groups.js';
import { completeSettings, type TrainingSettings } from './training-options.js';
import { validate } from './validate.js';

export interface DryRun {
  readonly settings: TrainingSettings;
  readonly device: string;
  readonly parameters: number;
  readonly blocks: Readonly<Record<ModelBlock, number>>;
  readonly trainBaskets: number;
  readonly valBaskets: number;
  readonly stepsPerEpoch: number;
  readonly steps: number;
  /** Weights, gradients and moments; what a step keeps for its longest micro-batch. */
  readonly memory: { readonly parameters: number; readonly activations: number };
  /** A real batch of validation went through the model. */
  readonly checked: { readonly baskets: number; readonly seconds: number; readonly peakBytes: number };
}

/**
 * Says what a run would take, and tries the data and the device on one batch.
 *
 * @throws InputError as the run itself would
 */
export async function dryRun(options: OpenRunOptions): Promise<DryRun> {
  using tensors = await openTensors(options.tensors);
  const settings = completeSettings(options.given);
  const config = modelConfig(settings, tensors);
  const contents = batchContents(options.tensors, settings, config);
  const open = (split: 'train' | 'val', limit: number | null) =>
    openLoader({
      ...contents,
      split,
      shuffle: split === 'train',
      prefetch: 0,
      repeats: true,
      similarBaskets: true,
      maskProbability: settings.maskProb,
      ...(limit === null ? {} : { limit }),
    });
  await using train = await open('train', settings.limitTrain);
  await using val = await open('val', settings.limitVal);
  const device = await resolveDevice(options.device, { threads: options.threads });
  const model = createWorldModel(config, { seed: settings.seed });
  const { total, blocks } = model.parameterCount();
  const started = performance.now();
  const [first] = await firstOf(val.batches(0));
  const { baskets } = await validate(model, listed(first === undefined ? [] : [first]), {
    focalGamma: settings.focalGamma,
    maskToken: tensors.manifest.vocab.mask,
  });
  const seconds = (performance.now() - started) / 1000;
  model.dispose();
  await device.close();
  const stepsPerEpoch = Math.ceil(train.batchesPerEpoch / settings.gradAccum);
  return {
    settings,
    device: `${device.name}: ${device.description}`,
    parameters: total,
    blocks,
    trainBaskets: train.samples,
    valBaskets: val.samples,
    stepsPerEpoch,
    steps: Math.min(stepsPerEpoch * settings.epochs, options.maxSteps ?? Number.POSITIVE_INFINITY),
    memory: {
      parameters: 4 * PARAMETER_COPIES * total,
      activations: activationBytes(config, settings, options.gradientCheckpointing),
    },
    checked: { baskets, seconds, peakBytes: peakBytes() },
  };
}

/** Weights, gradients, two moments. */
const PARAMETER_COPIES = 4;

/** Hidden items of the longest basket at the usual rate. */
const MASKED_SHARE = 0.15;

/**
 * Bytes that the backward pass of the longest micro-batch needs. Counted are the numbers that each layer keeps a token
 * (spec section 5, 11.4); with recomputation one layer's, and the inputs of all.
 */
export function activationBytes(
  config: WorldModelConfig,
  { batchSize, history }: Pick<TrainingSettings, 'batchSize' | 'history'>,
  recompute: boolean,
): number {
  const { modelWidth: d, expansion, stateSize, feedForwardWidth, decoderHeads, maxBasketLength } = config;
  const encoderTokens = 1 + history;
  const decoderTokens = 1 + maxBasketLength;
  // in_proj 2E, convolution, SiLU, step size before and after softplus, scan, gate; B and C; sum and norm.
  const mamba = encoderTokens * (8 * expansion * d + 2 * stateSize + 3 * d);
  const attention = (keys: number) => decoderTokens * (5 * d + decoderHeads * keys) + 2 * keys * d;
  const decoder =
    attention(decoderTokens) + attention(encoderTokens) + decoderTokens * (3 * feedForwardWidth + 4 * d);
  const layers = recompute
    ? config.encoderLayers * encoderTokens * d +
      config.decoderLayers * decoderTokens * d +
      Math.max(mamba, decoder)
    : config.encoderLayers * mamba + config.decoderLayers * decoder;
  const masked = Math.max(1, Math.floor(MASKED_SHARE * maxBasketLength));
  // Logits, their softmax and gradient.
  const heads = masked * (3 * config.classes + 4 * d);
  return 4 * batchSize * (layers + heads);
}

export function dryRunText(plan: DryRun): string {
  const { settings, memory, checked } = plan;
  const rows = Object.entries(plan.blocks).map(([block, count]) => [
    block,
    formatNumber(count),
    `${formatNumber((100 * count) / plan.parameters, 1)} %`,
  ]);
  return [
    `Preset ${settings.preset} on ${plan.device}`,
    formatTable(
      [{ title: 'block' }, { title: 'parameters', align: 'right' }, { title: 'share', align: 'right' }],
      [...rows, ['all', formatNumber(plan.parameters), '100.0 %']],
    ),
    `Data: ${formatNumber(plan.trainBaskets)} training and ${formatNumber(plan.valBaskets)} validation baskets`,
    `Steps: ${formatNumber(plan.stepsPerEpoch)} an epoch of ${settings.gradAccum} x ${settings.batchSize} baskets, ${formatNumber(plan.steps)} in all`,
    `Memory, estimated: ${formatBytes(memory.parameters)} for weights, gradients and moments, ${formatBytes(memory.activations)} for the longest micro-batch`,
    `Checked: ${checked.baskets} validation baskets went through the model in ${formatDuration(checked.seconds)}, ${formatBytes(checked.peakBytes)} at most`,
    '',
  ].join('\n');
}

async function firstOf<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  for await (const item of items) return [item];
  return [];
}

async function* listed<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
