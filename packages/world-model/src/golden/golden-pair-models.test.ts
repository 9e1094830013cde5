import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { backpropagate, recordTape } from '../gradients/tape.js';
import { focalBinaryLoss } from '../losses/focal-binary-loss.js';
import { nextBasketLoss } from '../losses/next-basket-loss.js';
import { type StoreVisitLossOptions, storeClassWeights, storeVisitLoss } from '../losses/store-visit-loss.js';
import type { Parameter } from '../model/parameters.js';
import { type NextBasketArrays, nextBasketInputs } from '../next-basket/next-basket-inputs.js';
import { createNextBasketModel } from '../next-basket/next-basket-model.js';
import { storeVisitInputs } from '../store-visit/store-visit-inputs.js';
import { createStoreVisitModel } from '../store-visit/store-visit-model.js';
import { devicesUnderTest } from './devices-under-test.js';
import {
  type GoldenCase,
  goldenCase,
  goldenJson,
  hasGoldenCase,
  largestDifference,
  relativeDifference,
} from './golden-case.js';
import { goldenState } from './golden-model.js';
import { GRADIENT, LOSS, onDevice, VALUE } from './testing/on-device.js';

// The next-basket and the store-visit model against the reference, on every device of this machine.

const devices = await devicesUnderTest();

describe.each(devices)('golden vectors on $title', ({ candidate }) => {
  onDevice(candidate);

  it.each(['next_basket_tiny', 'next_basket_full'].filter(hasGoldenCase))('%s', async (name) => {
    const golden = goldenCase(name);
    const { size, floats, integers } = golden;
    const model = createNextBasketModel(
      {
        mode: 'reference',
        classes: size('vocab_size'),
        productWidth: size('product_dim'),
        contextWidth: size('context_dim'),
        hiddenWidth: size('hidden_dim'),
        encoderLayers: size('encoder_layers'),
        encoderHeads: size('encoder_heads'),
        encoderFeedForwardWidth: size('encoder_ff_dim'),
        predictorWidth: size('decoder_ff_dim'),
      },
      { seed: 1 },
    );
    const count = model.parameters().reduce((sum, { variable }) => sum + variable.size, 0);
    expect(count).toBe(golden.parameterCount);
    model.loadStateDict(goldenState(golden));
    const batch: NextBasketArrays = {
      size: size('B'),
      positions: size('S'),
      denseContext: contextOf(golden),
      productEmbeddings: floats('input_embeddings'),
      priceFeatures: floats('input_price_features'),
      attentionMask: Uint8Array.from(integers('input_attention_mask')),
    };
    const labels = {
      basketSize: integers('label.basket_size'),
      priceSensitivity: integers('label.price_sensitivity'),
      missionType: integers('label.mission_type'),
      missionFocus: integers('label.mission_focus'),
    };
    const targets = { size: size('B'), targets: sparse(golden), labels };
    const inputs = nextBasketInputs(batch, model.config);
    const differentiated = {
      ...variables(model.parameters()),
      input_embeddings: inputs.productEmbeddings,
      input_price_features: inputs.priceFeatures,
    };
    for (const recompute of [false, true]) {
      const { value, tape } = recordTape(() => {
        const outputs = model.forward(inputs, { recompute });
        return { ...nextBasketLoss(outputs, targets, model.config), outputs };
      });
      const { outputs, terms, total } = value;
      const named = {
        encoded: outputs.encoded,
        'out.product_logits': outputs.productLogits,
        'out.basket_size': outputs.auxiliaryLogits.basketSize,
        'out.mission_type': outputs.auxiliaryLogits.missionType,
        'out.mission_focus': outputs.auxiliaryLogits.missionFocus,
        'out.price_sensitivity': outputs.auxiliaryLogits.priceSensitivity,
      };
      for (const [output, tensor] of Object.entries(named)) {
        expect(largestDifference(await tensor.data(), floats(output)), output).toBeLessThan(VALUE);
      }
      const losses = z.record(z.string(), z.number()).parse(golden.scalars.loss);
      expect(await relativeError(total, losses.total)).toBeLessThan(LOSS);
      expect(await relativeError(terms.product.loss, losses.product)).toBeLessThan(LOSS);
      expect(await relativeError(terms.missionFocus.loss, losses.mission_focus)).toBeLessThan(LOSS);
      await compareGradients(golden, tape, total, differentiated);
      tf.dispose(value);
    }
    tf.dispose(inputs);
    model.dispose();
  });

  it.each(['store_visit_tiny', 'store_visit_full'].filter(hasGoldenCase))('%s', async (name) => {
    const golden = goldenCase(name);
    const { size, floats, integers } = golden;
    const model = createStoreVisitModel(
      {
        stores: size('num_stores'),
        customerWidth: size('customer_dim'),
        temporalWidth: size('temporal_dim'),
        storeWidth: size('store_dim'),
        basketSummaryWidth: size('basket_summary_dim'),
        hiddenWidth: size('hidden_dim'),
        layers: size('num_layers'),
      },
      { seed: 1 },
    );
    expect(model.parameters().reduce((sum, { variable }) => sum + variable.size, 0)).toBe(
      golden.parameterCount,
    );
    model.loadStateDict(goldenState(golden));
    const inputs = storeVisitInputs(
      {
        size: size('B'),
        customer: floats('customer_context'),
        temporal: floats('temporal_context'),
        previousStore: integers('previous_store_idx'),
        basket: {
          positions: size('S'),
          productEmbeddings: floats('previous_basket_embeddings'),
          valid: Uint8Array.from(integers('previous_basket_mask')),
        },
      },
      model.config,
    );
    const { basket: _, ...withoutBasket } = inputs;
    const bare = model.forward(withoutBasket);
    expect(largestDifference(await bare.data(), floats('store_logits_without_basket'))).toBeLessThan(VALUE);

    const classWeights = storeClassWeights(integers('class_counts'));
    expect(largestDifference(classWeights, floats('class_weights'))).toBeLessThan(1e-6);
    const targets = integers('target_store_idx');
    const { value, tape } = recordTape(() => {
      const logits = model.forward(inputs);
      return { logits, total: storeVisitLoss(logits, targets, { classWeights }) };
    });
    expect(largestDifference(await value.logits.data(), floats('store_logits'))).toBeLessThan(VALUE);
    await compareGradients(golden, tape, value.total, {
      ...variables(model.parameters()),
      customer_context: inputs.customer,
      temporal_context: inputs.temporal,
      ...(inputs.basket === undefined ? {} : { previous_basket_embeddings: inputs.basket.productEmbeddings }),
    });
    const variants: Readonly<Record<string, StoreVisitLossOptions>> = {
      ce_weighted_smoothed: { classWeights },
      ce_weighted: { classWeights, labelSmoothing: 0 },
      ce_smoothed: {},
      ce_plain: { labelSmoothing: 0 },
      focal: { kind: 'focal', labelSmoothing: 0 },
      focal_weighted_smoothed: { kind: 'focal', classWeights },
    };
    for (const [variant, options] of Object.entries(variants)) {
      const loss = storeVisitLoss(value.logits, targets, options);
      expect(await relativeError(loss, z.number().parse(golden.scalars[variant])), variant).toBeLessThan(
        LOSS,
      );
      loss.dispose();
    }
    tf.dispose([value, inputs, bare]);
    model.dispose();
  });

  const table = z.array(z.array(z.number()));
  const binary = z
    .object({
      focal_bce: z.array(
        z.object({
          label: z.string(),
          gamma: z.number(),
          alpha: z.number(),
          pos_weight: z.number().nullable(),
          reduction: z.enum(['mean', 'sum', 'none']),
          mask: table.nullable(),
          logits: table,
          targets: table,
          loss: z.union([z.number(), table]),
          grad_logits_of_sum: table,
        }),
      ),
    })
    .parse(goldenJson('losses')).focal_bce;

  it.each(binary)('focal binary loss: $label', async (item) => {
    const logits = tf.tensor(item.logits);
    const targets = tf.tensor(item.targets);
    const mask = item.mask === null ? undefined : tf.tensor(item.mask);
    const { value, tape } = recordTape(() =>
      focalBinaryLoss(logits, targets, {
        gamma: item.gamma,
        positiveWeight: item.alpha * (item.pos_weight ?? 1),
        negativeWeight: 1 - item.alpha,
        reduction: item.reduction,
        ...(mask === undefined ? {} : { mask }),
      }),
    );
    const ones = tf.onesLike(value);
    const [gradient = ones] = backpropagate(tape, value, ones, [logits]);
    expect(relativeDifference(await value.data(), [item.loss].flat(2), 1)).toBeLessThan(LOSS);
    expect(relativeDifference(await gradient.data(), item.grad_logits_of_sum.flat(), 1)).toBeLessThan(2e-6);
    tf.dispose([value, ones, gradient, logits, targets, ...(mask === undefined ? [] : [mask])]);
  });
});

/** The four parts of the context side by side, `[B, 400]`. */
function contextOf(golden: GoldenCase): Float32Array {
  const parts = ['customer_context', 'temporal_context', 'store_context', 'trip_context'].map(golden.tensor);
  const rows = Array.from({ length: golden.size('B') }, (_, row) =>
    parts.flatMap(({ values, shape: [, width = 0] }) => [...values.slice(row * width, (row + 1) * width)]),
  );
  return Float32Array.from(rows.flat());
}

/** The multi-hot targets of a case as lists of products. */
function sparse(golden: GoldenCase): { offsets: Int32Array; productIds: Int32Array } {
  const { values, shape } = golden.tensor('targets');
  const [size = 0, classes = 0] = shape;
  const rows = Array.from({ length: size }, (_, row) =>
    Array.from({ length: classes }, (_id, id) => id).filter((id) => values[row * classes + id] === 1),
  );
  const offsets = new Int32Array(size + 1);
  for (const [row, ids] of rows.entries()) offsets[row + 1] = (offsets[row] ?? 0) + ids.length;
  return { offsets, productIds: Int32Array.from(rows.flat()) };
}

function variables(parameters: readonly Parameter[]): Record<string, tf.Tensor> {
  return Object.fromEntries(parameters.map(({ name, variable }) => [name, variable]));
}

async function relativeError(actual: tf.Tensor, expected: number | undefined): Promise<number> {
  const [value = Number.NaN] = await actual.data();
  return Math.abs(value - (expected ?? Number.NaN)) / Math.max(1, Math.abs(expected ?? Number.NaN));
}

/** Whole gradients where they are stored, norms where only these are; a context's parts are not differentiated apart. */
async function compareGradients(
  golden: GoldenCase,
  tape: Parameters<typeof backpropagate>[0],
  total: tf.Tensor,
  tensors: Readonly<Record<string, tf.Tensor>>,
): Promise<void> {
  const one = tf.scalar(1);
  const gradients = backpropagate(tape, total, one, Object.values(tensors));
  const stored = golden.names('grad');
  let compared = 0;
  for (const [i, name] of Object.keys(tensors).entries()) {
    const values = Float32Array.from((await gradients[i]?.data()) ?? []);
    if (stored.includes(`grad.${name}`)) {
      expect(relativeDifference(values, golden.floats(`grad.${name}`)), name).toBeLessThan(GRADIENT);
      compared++;
    }
    const norm = golden.gradientNorms[name];
    if (norm !== undefined) {
      const actual = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
      expect(Math.abs(actual - norm) / Math.max(norm, 1e-6), name).toBeLessThan(GRADIENT);
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(10);
  tf.dispose([one, gradients]);
}
