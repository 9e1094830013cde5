import type * as tf from '@tensorflow/tfjs';
import type { StateDict } from './state-dict.js';
import {
  resolveWorldModelConfig,
  type WorldModelConfig,
  type WorldModelOptions,
} from './world-model-config.js';
import type { WorldModelInputs } from './world-model-inputs.js';

/** What the masked world model computes. */
export interface WorldModelOutputs {
  /** `[B, M, V]`; without masked positions `[B, S + 1, V]`. */
  readonly productLogits: tf.Tensor;
  readonly auxiliaryLogits: AuxiliaryLogits;
  /** `[B, 1 + H, d]`: the context, then the encoder's source. */
  readonly encoderOutput: tf.Tensor;
  /** `[B, S + 1, d]`: the context, then the basket. */
  readonly decoderOutput: tf.Tensor;
  /** `[B, S, d]`: projected product tokens, before position encoding and encoder. */
  readonly productTokens: tf.Tensor;
}

/** Logits of the basket as a whole; class 0 is unknown. */
export interface AuxiliaryLogits {
  /** `[B, 4]`. */
  readonly basketSize: tf.Tensor;
  /** `[B, 4]`. */
  readonly priceSensitivity: tf.Tensor;
  /** `[B, 5]`. */
  readonly missionType: tf.Tensor;
  /** `[B, 6]`. */
  readonly missionFocus: tf.Tensor;
}

/** Parts of the model whose parameters are counted apart. */
export type ModelBlock =
  | 'contextFusion'
  | 'productFusion'
  | 'encoder'
  | 'decoder'
  | 'outputHeads'
  | 'specialEmbeddings'
  | 'repeatHead';

/** A trainable parameter. The variable changes when it is trained; name and shape never do. */
export interface Parameter {
  /** Name in the state dict, e.g. `encoder.layers.0.in_proj.weight`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly block: ModelBlock;
  /** Whether weight decay applies. */
  readonly decay: boolean;
  readonly variable: tf.Variable;
}

export interface ForwardOptions {
  /** Applies dropout; needs a `dropoutKey`. Default false. */
  readonly training?: boolean;
  /** Unsigned 32-bit key of this step's dropout masks; equal keys draw equal masks. */
  readonly dropoutKey?: number;
  /** Keep only the inputs of encoder and decoder layers, and compute the rest again for gradients. Default false. */
  readonly recompute?: boolean;
}

export interface WorldModel {
  readonly config: WorldModelConfig;
  readonly forward: (inputs: WorldModelInputs, options?: ForwardOptions) => WorldModelOutputs;
  /** Trainable parameters in the order of the state dict. */
  readonly parameters: () => readonly Parameter[];
  /** Trainable elements, in all and by block. */
  readonly parameterCount: () => ParameterCount;
  /** Copies of all parameters and of the stored position table. */
  readonly stateDict: () => StateDict;
  /** Replaces all values. Refuses a missing or unknown name and a wrong shape, and then changes nothing. */
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

/** The masked world model on the current tfjs backend (spec section 5, part 2). */
export function createWorldModel(options: WorldModelOptions, _create: CreateWorldModelOptions): WorldModel {
  const config = resolveWorldModelConfig(options);
  throw new Error(`world model of ${config.classes} classes: not built yet`);
}
