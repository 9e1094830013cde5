/**
 * Wiring of the masked world model where the reference implementation and the corrected one differ (spec section 5,
 * 0.3). `reference` and `corrected` are bundles of them; each can be set alone, and all are written to checkpoints.
 *
 * Switches of the data (`t6`, `padTo`) belong to tensor preparation, the schedule to training; the price head is fitted
 * as a second stage.
 */
export interface WorldModelSwitches {
  /** `none`: T2 and T4 are read as they come. `learned`: MASK and EOS rows are the model's own, their price is zero. */
  readonly inputCorruption: 'none' | 'learned';
  /** What the encoder reads after the context: earlier baskets, the basket itself, or nothing. */
  readonly encoderSource: 'history' | 'basket' | 'context-only';
  /** Self-attention of the decoder: `causal` without a padding mask, or over all valid positions. */
  readonly decoderAttention: 'causal' | 'bidirectional';
  /** Whether classes that are no product (PAD, MASK, EOS, unused ids) get the logit -1e9. */
  readonly classMask: boolean;
  /** Rows, pairs and negatives of the contrastive loss (spec section 5, 5.2). */
  readonly contrastive: 'reference' | 'corrected';
  /** What the corrected contrastive loss compares: product tokens before any context, or the encoder's output. */
  readonly contrastiveSource: 'token' | 'encoder';
  /** Start of the step-size bias: 0, or the inverse softplus of log-uniform steps (spec section 5, 2.9). */
  readonly mambaInit: 'zero' | 'log-uniform';
  /** Which parameters decay: all, or matrices only (spec section 5, 7.2). */
  readonly decayGroups: 'all' | 'matrices';
  /** Adds what the customer bought before to the product logits (spec section 5, 6.3). */
  readonly repeatHead: boolean;
  /** Lets the repeat head weigh the customer's earlier baskets by how much they resemble this one; off in both bundles. */
  readonly similarBaskets: boolean;
  /** `none` makes the model of a basket invariant to the order of its items. */
  readonly positionEncoding: 'sinusoidal' | 'none';
  /** Layer normalisation between decoder and heads; not in the reference, so off by default in both bundles. */
  readonly finalNorm: boolean;
}

export type WorldModelMode = 'corrected' | 'reference';

export const SWITCH_BUNDLES: Readonly<Record<WorldModelMode, WorldModelSwitches>> = {
  corrected: {
    inputCorruption: 'learned',
    encoderSource: 'history',
    decoderAttention: 'bidirectional',
    classMask: true,
    contrastive: 'corrected',
    contrastiveSource: 'token',
    mambaInit: 'log-uniform',
    decayGroups: 'matrices',
    repeatHead: true,
    similarBaskets: false,
    positionEncoding: 'sinusoidal',
    finalNorm: false,
  },
  reference: {
    inputCorruption: 'none',
    encoderSource: 'basket',
    decoderAttention: 'causal',
    classMask: false,
    contrastive: 'reference',
    contrastiveSource: 'encoder',
    mambaInit: 'zero',
    decayGroups: 'all',
    repeatHead: false,
    similarBaskets: false,
    positionEncoding: 'sinusoidal',
    finalNorm: false,
  },
};
