import { InputError } from '@retail-sim/errors';
import * as tf from '@tensorflow/tfjs';
import { impossibleClasses } from './class-mask.js';
import type { ForwardOptions } from './forward-options.js';
import { forwardPass, type Network, type Tables, type WorldModelOutputs } from './forward-pass.js';
import { type ModelBlock, POSITION_TABLE, parameterList } from './parameter-list.js';
import {
  assignParameters,
  checkStateTensor,
  createParameters,
  type Parameter,
  parameterValues,
  weightsOf,
} from './parameters.js';
import { positionalEncoding } from './positional-encoding.js';
import type { StateDict } from './state-dict.js';
import {
  resolveWorldModelConfig,
  type WorldModelConfig,
  type WorldModelOptions,
} from './world-model-config.js';
import type { WorldModelInputs } from './world-model-inputs.js';

/** The masked world model (spec section 5, part 2) as a library: `forward-pass.ts` is what it computes. */
export interface WorldModel {
  readonly config: WorldModelConfig;
  /** The caller disposes of the outputs. */
  readonly forward: (inputs: WorldModelInputs, options?: ForwardOptions) => WorldModelOutputs;
  /** Trainable parameters in the order of the state dict. */
  readonly parameters: () => readonly Parameter<ModelBlock>[];
  /** Trainable elements, in all and by block. */
  readonly parameterCount: () => ParameterCount;
  /** Copies of all parameters and of the stored position table. */
  readonly stateDict: () => StateDict;
  /**
   * Replaces all values, or none if anything doesn't fit. Weights of the reference load in either mode: parameters that
   * it lacks keep their initial values.
   */
  readonly loadStateDict: (state: StateDict) => void;
  /** Frees all variables. */
  readonly dispose: () => void;
}

export interface ParameterCount {
  readonly total: number;
  readonly blocks: Readonly<Record<ModelBlock, number>>;
}

export interface CreateWorldModelOptions {
  /** Seed of the initial values. */
  readonly seed: number;
  /** First values of the model's own MASK and EOS rows, `[256]` each; small random numbers otherwise. */
  readonly specialEmbeddings?: { readonly mask: Float32Array; readonly eos: Float32Array };
}

/** Added in corrected mode: a state dict may lack them, or hold them in vain. */
const ADDED_PARAMETERS: ReadonlySet<string> = new Set([
  'mask_embedding',
  'eos_embedding',
  'repeat_head.weight',
  'repeat_head.bias',
  'repeat_head.similarity.weight',
  'repeat_head.similarity.scale',
  'repeat_head.similarity.popularity',
]);

/** The masked world model on the current tfjs backend. */
export function createWorldModel(options: WorldModelOptions, create: CreateWorldModelOptions): WorldModel {
  const config = resolveWorldModelConfig(options);
  const parameters = createParameters(parameterList(config), create.seed, specialRows(config, create));
  const tables = createTables(config);
  const network: Network = { config, parameters, weights: weightsOf(parameters), tables };
  return {
    config,
    forward: (inputs, forwardOptions = {}) => forwardPass(network, inputs, forwardOptions),
    parameters: () => parameters,
    parameterCount: () => countParameters(parameters),
    stateDict: () => {
      const positions = {
        shape: tables.positions.shape,
        data: Float32Array.from(tables.positions.dataSync()),
      };
      return new Map([...parameterValues(parameters), [POSITION_TABLE, positions]]);
    },
    loadStateDict: (state) => {
      const positions = state.get(POSITION_TABLE);
      if (positions !== undefined) checkStateTensor(POSITION_TABLE, positions, tables.positions.shape);
      assignParameters(parameters, state, {
        optional: ADDED_PARAMETERS,
        foreign: new Set([...ADDED_PARAMETERS, POSITION_TABLE]),
      });
      if (positions !== undefined) {
        tf.tidy(() => tables.positions.assign(tf.tensor(positions.data, tables.positions.shape)));
      }
    },
    dispose: () => {
      tf.dispose(parameters.map(({ variable }) => variable));
      tf.dispose([
        tables.positions,
        tables.ages,
        ...(tables.classMask === undefined ? [] : [tables.classMask]),
      ]);
    },
  };
}

function createTables({
  maxBasketLength,
  maxHistoryAge,
  modelWidth,
  classes,
  products,
  switches,
}: WorldModelConfig): Tables {
  const table = (values: Float32Array, shape: number[]) =>
    tf.tidy(() => tf.variable(tf.tensor(values, shape), false));
  const encoding = (rows: number) => table(positionalEncoding(rows, modelWidth), [rows, modelWidth]);
  return {
    positions: encoding(maxBasketLength),
    ages: encoding(maxHistoryAge + 1),
    classMask: switches.classMask ? table(impossibleClasses({ classes, products }), [classes]) : undefined,
  };
}

function specialRows(
  { productWidth }: WorldModelConfig,
  { specialEmbeddings }: CreateWorldModelOptions,
): Readonly<Record<string, Float32Array>> {
  if (specialEmbeddings === undefined) return {};
  const { mask, eos } = specialEmbeddings;
  if (mask.length !== productWidth || eos.length !== productWidth) {
    throw new InputError({
      what: `special embeddings have ${mask.length} and ${eos.length} values, expected ${productWidth} each`,
      remedy: 'pass the MASK and EOS rows of the product table',
    });
  }
  return { mask_embedding: mask, eos_embedding: eos };
}

function countParameters(parameters: readonly Parameter<ModelBlock>[]): ParameterCount {
  const blocks: Record<ModelBlock, number> = {
    contextFusion: 0,
    productFusion: 0,
    encoder: 0,
    decoder: 0,
    outputHeads: 0,
    specialEmbeddings: 0,
    repeatHead: 0,
  };
  for (const { block, variable } of parameters) blocks[block] += variable.size;
  return { total: Object.values(blocks).reduce((sum, count) => sum + count, 0), blocks };
}
