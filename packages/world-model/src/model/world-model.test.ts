import * as tf from '@tensorflow/tfjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startWasmBackend } from '../kernels/index.js';
import { type ModelBlock, parameterList } from './parameter-list.js';
import { sampleBatch, TEST_BATCH, TEST_SIZES } from './sample-batch.js';
import type { WorldModelMode, WorldModelSwitches } from './switches.js';
import { createWorldModel, type WorldModel, type WorldModelOutputs } from './world-model.js';
import { resolveWorldModelConfig, type WorldModelOptions } from './world-model-config.js';
import { type WorldModelArrays, worldModelInputs } from './world-model-inputs.js';

let close = async (): Promise<void> => {};
beforeAll(async () => {
  close = (await startWasmBackend()).close;
});
afterAll(() => close());
let tensorsBefore = 0;
beforeEach(() => {
  tensorsBefore = tf.memory().numTensors;
});
afterEach(() => {
  expect(tf.memory().numTensors, 'no tensor stays').toBe(tensorsBefore);
});

type Batch = WorldModelArrays;

/** All outputs of a model on a batch, by name, as plain numbers. */
type Outputs = Readonly<Record<keyof WorldModelOutputs | 'basketSize', Float32Array>>;

function run(model: WorldModel, batch: Batch): Outputs {
  return tf.tidy(() => {
    const outputs = model.forward(worldModelInputs(batch, model.config));
    const values = (tensor: tf.Tensor) => Float32Array.from(tensor.dataSync());
    return {
      productLogits: values(outputs.productLogits),
      auxiliaryLogits: values(outputs.auxiliaryLogits.missionType),
      basketSize: values(outputs.auxiliaryLogits.basketSize),
      encoderOutput: values(outputs.encoderOutput),
      decoderOutput: values(outputs.decoderOutput),
      productTokens: values(outputs.productTokens),
    };
  });
}

/** Runs a test on a small model, whose weights differ from their initial values everywhere, and frees it. */
function withModel(options: WorldModelOptions, test: (model: WorldModel) => void): void {
  const model = createWorldModel({ ...TEST_SIZES, ...options }, { seed: 7 });
  tf.tidy(() => {
    for (const { variable, name } of model.parameters()) {
      if (name !== 'A_log')
        variable.assign(variable.add(tf.randomNormal(variable.shape, 0, 0.2, 'float32', 5)));
    }
  });
  test(model);
  model.dispose();
}

const batch = sampleBatch(TEST_BATCH, 3);
const { size, positions } = batch;
const classes = TEST_SIZES.classes;

/** Changes elements `[row]` of an array with `width` numbers per row. */
function changedRows(values: Float32Array, width: number, isChanged: (row: number) => boolean): Float32Array {
  return values.map((value, i) => (isChanged(Math.floor(i / width)) ? value * -3 + 1 : value));
}

/** The batch with T2 and T4 changed at some tokens. */
function withChangedItems(isChanged: (token: number) => boolean): Batch {
  return {
    ...batch,
    productEmbeddings: changedRows(batch.productEmbeddings, TEST_SIZES.productWidth, isChanged),
    priceFeatures: changedRows(batch.priceFeatures, TEST_SIZES.priceWidth, isChanged),
  };
}

const isMasked = (token: number) => batch.corruption?.[token] === 1;
const isPadding = (token: number) => batch.attentionMask[token] === 0;

/** Rows of basket 0 in `[B, rows, width]`. */
function firstBasket(values: Float32Array): Float32Array {
  return values.slice(0, values.length / size);
}

function largestChange(a: Float32Array, b: Float32Array): number {
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (b[i] ?? Number.NaN))), 0);
}

describe('parameters', () => {
  it.each<{ mode: WorldModelMode; switches: Partial<WorldModelSwitches>; total: number }>([
    { mode: 'reference', switches: {}, total: 22_923_678 },
    { mode: 'corrected', switches: { repeatHead: false }, total: 22_924_190 },
    { mode: 'corrected', switches: {}, total: 22_924_194 },
  ])('the full model in $mode mode with $switches has $total', ({ mode, switches, total }) => {
    const config = resolveWorldModelConfig({ preset: 'full', mode, switches });
    const list = parameterList(config).map((spec) => ({
      ...spec,
      size: spec.shape.reduce((a, b) => a * b, 1),
    }));
    const sizeOf = (block: ModelBlock) =>
      list.filter((spec) => spec.block === block).reduce((sum, spec) => sum + spec.size, 0);
    expect(list.reduce((sum, spec) => sum + spec.size, 0)).toBe(total);
    expect(sizeOf('contextFusion')).toBe(206_336);
    expect(sizeOf('productFusion')).toBe(164_352);
    expect(sizeOf('encoder')).toBe(11_304_960);
    expect(sizeOf('decoder')).toBe(8_408_064);
    expect(sizeOf('outputHeads')).toBe(2_839_966);
  });

  it('are counted as they are stored, beside the position table', () => {
    withModel({}, (model) => {
      const stored = [...model.stateDict()].filter(([name]) => name !== 'product_fusion.positional_encoding');
      const { total, blocks } = model.parameterCount();
      expect(stored.reduce((sum, [, { data }]) => sum + data.length, 0)).toBe(total);
      expect(Object.values(blocks).reduce((sum, count) => sum + count, 0)).toBe(total);
      expect(stored.length).toBe(model.stateDict().size - 1);
    });
  });

  it('presets keep their promised sizes', () => {
    const counts = (['small', 'tiny'] as const).map((preset) => {
      const model = createWorldModel({ preset }, { seed: 1 });
      const { total } = model.parameterCount();
      model.dispose();
      return total;
    });
    expect(counts).toEqual([2_519_970, 534_434]);
  });

  it('start from the seed alone, each by its own name', () => {
    const [a, b, other] = [1, 1, 2].map((seed) => {
      const model = createWorldModel({ ...TEST_SIZES, switches: { repeatHead: seed === 1 } }, { seed });
      const state = model.stateDict();
      model.dispose();
      return state;
    });
    expect(a).toEqual(b);
    expect(a?.get('output_heads.product_head.3.weight')).not.toEqual(
      other?.get('output_heads.product_head.3.weight'),
    );
  });

  it('start as the specification says', () => {
    withFresh({ ...TEST_SIZES, modelWidth: 64 }, (state) => {
      const of = (name: string) => state(name);
      expect(of('encoder.layers.0.A_log').slice(0, 4)).toEqual(Float32Array.from([1, 2, 3, 4].map(Math.log)));
      expect(new Set(of('encoder.layers.1.D'))).toEqual(new Set([1]));
      expect(Math.max(...of('encoder.layers.0.conv1d.weight').map(Math.abs))).toBeLessThanOrEqual(0.5);
      const bound = Math.sqrt(6 / (4 * 64));
      const attention = of('decoder.layers.0.self_attn.in_proj_weight').map(Math.abs);
      expect(Math.max(...attention)).toBeLessThanOrEqual(bound);
      expect(Math.max(...attention)).toBeGreaterThan(0.95 * bound);
      // softplus of the step bias lies between 0.001 and 0.1
      const steps = of('encoder.layers.0.dt_proj.bias').map((bias) => Math.log1p(Math.exp(bias)));
      expect(Math.min(...steps)).toBeGreaterThan(0.00099);
      expect(Math.max(...steps)).toBeLessThan(0.101);
      const weights = of('encoder.layers.0.in_proj.weight');
      const deviation = Math.sqrt(weights.reduce((sum, value) => sum + value * value, 0) / weights.length);
      expect(deviation).toBeCloseTo(0.02, 3);
    });
  });

  it('decay as the switch says: matrices and convolutions only, or all', () => {
    const decaying = (options: WorldModelOptions) => {
      const model = createWorldModel({ ...TEST_SIZES, ...options }, { seed: 1 });
      const names = model
        .parameters()
        .filter(({ decay }) => decay)
        .map(({ name }) => name);
      const count = model.parameters().length;
      model.dispose();
      return { names, count };
    };
    const { names } = decaying({});
    expect(names.filter((name) => !/weight$/.test(name))).toEqual([]);
    expect(names).toContain('encoder.layers.0.conv1d.weight');
    for (const name of names) expect(name).not.toMatch(/norm|A_log|D$|embedding|repeat|product_head\.2/);
    const all = decaying({ mode: 'reference' });
    expect(all.names.length).toBe(all.count);
  });
});

function withFresh(options: WorldModelOptions, test: (state: (name: string) => Float32Array) => void): void {
  const model = createWorldModel(options, { seed: 1 });
  const state = model.stateDict();
  model.dispose();
  test((name) => state.get(name)?.data ?? new Float32Array());
}

describe('state dict', () => {
  it('round-trips', () => {
    withModel({}, (source) => {
      withModel({}, (target) => {
        tf.tidy(() => {
          for (const { variable } of target.parameters()) variable.assign(variable.mul(2));
        });
        target.loadStateDict(source.stateDict());
        expect(run(target, batch)).toEqual(run(source, batch));
      });
    });
  });

  it('loads weights of the reference into either mode, and the other way round', () => {
    withModel({ mode: 'reference' }, (reference) => {
      withModel({}, (corrected) => {
        corrected.loadStateDict(reference.stateDict());
        reference.loadStateDict(corrected.stateDict());
      });
    });
  });

  it('refuses what does not fit, and then changes nothing', () => {
    withModel({}, (model) => {
      const state = model.stateDict();
      const wrong = [
        {
          name: 'encoder.layers.0.D',
          change: new Map([...state].filter(([name]) => name !== 'encoder.layers.0.D')),
        },
        {
          name: 'decoder.layers.9.x',
          change: new Map([
            ...state,
            ['decoder.layers.9.x', { shape: [1], data: new Float32Array(1) }] as const,
          ]),
        },
        {
          name: 'output_heads.product_head.3.bias',
          change: new Map([
            ...state,
            ['output_heads.product_head.3.bias', { shape: [2], data: new Float32Array(2) }] as const,
          ]),
        },
      ];
      for (const { name, change } of wrong) {
        const scaled = new Map(
          [...change].map(([key, { shape, data }]) => [key, { shape, data: data.map((x) => 2 * x) }]),
        );
        expect(() => model.loadStateDict(scaled)).toThrow(`'${name}'`);
      }
      expect(model.stateDict()).toEqual(state);
    });
  });
});

describe('what a masked product can leak', () => {
  it('corrected: its own T2 and T4 change no output at all', () => {
    withModel({}, (model) => {
      expect(run(model, withChangedItems(isMasked))).toEqual(run(model, batch));
    });
  });

  it('reference: its own T2 and T4 change its logits, the leak that the corrected mode closes', () => {
    withModel({ mode: 'reference' }, (model) => {
      const before = run(model, batch).productLogits;
      const after = run(model, withChangedItems(isMasked)).productLogits;
      expect(largestChange(before, after)).toBeGreaterThan(0.1);
    });
  });

  it.each<WorldModelMode>(['corrected', 'reference'])('%s: padding changes no logit', (mode) => {
    withModel({ mode }, (model) => {
      const [before, after] = [run(model, batch), run(model, withChangedItems(isPadding))];
      expect(after.productLogits).toEqual(before.productLogits);
      expect(after.basketSize).toEqual(before.basketSize);
    });
  });

  it('more padding changes nothing', () => {
    withModel({}, (model) => {
      const longer = { ...sampleBatch(TEST_BATCH, 3), ...padded(batch, positions + 3) };
      expect(largestChange(run(model, longer).productLogits, run(model, batch).productLogits)).toBeLessThan(
        1e-5,
      );
    });
  });

  it('content and length of padded history change nothing', () => {
    withModel({}, (model) => {
      const { history } = batch;
      if (history === undefined) throw new Error('the sample has no history');
      const tokens = changedRows(
        history.tokens,
        history.tokens.length / history.valid.length,
        (row) => history.valid[row] === 0,
      );
      const changed = run(model, { ...batch, history: { ...history, tokens } });
      expect(changed.productLogits).toEqual(run(model, batch).productLogits);
    });
  });

  it('a sample alone gives what it gives in a batch', () => {
    withModel({}, (model) => {
      const alone = sampleBatch(TEST_BATCH, 3);
      const { repeats: _, ...plain } = alone;
      const whole = run(model, plain);
      const single = run(model, firstOf(plain));
      expect(largestChange(firstBasket(whole.productLogits), single.productLogits)).toBeLessThan(1e-5);
      expect(largestChange(firstBasket(whole.basketSize), single.basketSize)).toBeLessThan(1e-5);
    });
  });
});

describe('history', () => {
  it('reaches the logits: editing, reordering and leaving it out change them', () => {
    withModel({}, (model) => {
      const { history } = batch;
      if (history === undefined) throw new Error('the sample has no history');
      const before = run(model, batch).productLogits;
      const width = history.tokens.length / history.valid.length;
      const edited = changedRows(history.tokens, width, (row) => row === 0);
      const swapped = Float32Array.from([
        ...history.tokens.slice(width, 2 * width),
        ...history.tokens.slice(0, width),
        ...history.tokens.slice(2 * width),
      ]);
      for (const tokens of [edited, swapped]) {
        const after = run(model, { ...batch, history: { ...history, tokens } }).productLogits;
        expect(largestChange(firstBasket(before), firstBasket(after))).toBeGreaterThan(1e-4);
        const others = TEST_BATCH.maskedLength * classes;
        expect(after.slice(others), 'other baskets').toEqual(before.slice(others));
      }
      const { history: _, ...anonymous } = batch;
      const after = run(model, anonymous).productLogits;
      expect(after.every(Number.isFinite)).toBe(true);
      expect(largestChange(before, after)).toBeGreaterThan(1e-4);
    });
  });

  it('an age beyond the table counts as the oldest', () => {
    withModel({}, (model) => {
      const { history } = batch;
      if (history === undefined) throw new Error('the sample has no history');
      const aged = (weeks: number) => ({
        ...batch,
        history: { ...history, age: history.age.map(() => weeks) },
      });
      expect(run(model, aged(500))).toEqual(run(model, aged(model.config.maxHistoryAge)));
    });
  });
});

describe('heads', () => {
  it('classes that are no product never win', () => {
    withModel({}, (model) => {
      const { productLogits } = run(model, batch);
      for (let row = 0; row < productLogits.length; row += classes) {
        for (const id of [0, 51, 52]) expect(productLogits[row + id]).toBeLessThan(-1e8);
        expect(Math.max(...productLogits.slice(row + 1, row + 51))).toBeLessThan(100);
      }
    });
  });

  it('the repeat head adds w . f + b at the products bought before, and nothing elsewhere', () => {
    withModel({}, (model) => {
      const { repeats } = batch;
      if (repeats === undefined) throw new Error('the sample has no repeats');
      const { repeats: _, ...plain } = batch;
      const [with_, without] = [run(model, batch).productLogits, run(model, plain).productLogits];
      const state = model.stateDict();
      const w = state.get('repeat_head.weight')?.data ?? new Float32Array();
      const b = state.get('repeat_head.bias')?.data[0] ?? 0;
      const expected = without.slice();
      for (let basket = 0; basket < size; basket++) {
        for (let c = repeats.offsets[basket] ?? 0; c < (repeats.offsets[basket + 1] ?? 0); c++) {
          const added = w.reduce((sum, weight, k) => sum + weight * (repeats.features[3 * c + k] ?? 0), b);
          for (let m = 0; m < batch.maskedLength; m++) {
            const cell = (basket * batch.maskedLength + m) * classes + (repeats.productIds[c] ?? 0);
            expected[cell] = (expected[cell] ?? 0) + added;
          }
        }
      }
      expect(largestChange(with_, expected)).toBeLessThan(1e-5);
    });
  });

  it('without position encoding, permuting the items permutes the outputs', () => {
    withModel({ switches: { positionEncoding: 'none' } }, (model) => {
      const plain = sampleBatch({ ...TEST_BATCH, size: 1, full: true }, 9);
      const items = positions - 1;
      const order = Array.from({ length: positions }, (_, i) => (i < items ? (i + 3) % items : i));
      const permuted = { ...plain, ...permutedItems(plain, order) };
      const width = model.config.modelWidth;
      const [before, after] = [run(model, plain).decoderOutput, run(model, permuted).decoderOutput];
      for (const [to, from] of order.entries()) {
        const row = (values: Float32Array, position: number) =>
          values.slice((1 + position) * width, (2 + position) * width);
        expect(largestChange(row(after, to), row(before, from))).toBeLessThan(1e-5);
      }
      expect(largestChange(after.slice(0, width), before.slice(0, width))).toBeLessThan(1e-5);
    });
  });

  it('a final norm, when asked for, stands between decoder and heads', () => {
    withModel({ switches: { finalNorm: true } }, (model) => {
      expect(model.parameters().map(({ name }) => name)).toContain('final_norm.weight');
      expect(run(model, batch).productLogits.every(Number.isFinite)).toBe(true);
    });
  });
});

describe('dropout', () => {
  it('depends on its key alone, and is off outside training', () => {
    withModel({}, (model) => {
      const inputs = worldModelInputs(batch, model.config);
      const logits = (options: Parameters<WorldModel['forward']>[1]) =>
        tf.tidy(() => model.forward(inputs, options).productLogits.dataSync());
      expect(logits({ training: true, dropoutKey: 5 })).toEqual(logits({ training: true, dropoutKey: 5 }));
      expect(logits({ training: true, dropoutKey: 5 })).not.toEqual(
        logits({ training: true, dropoutKey: 6 }),
      );
      expect(logits({ dropoutKey: 5 })).toEqual(logits({}));
      expect(() => logits({ training: true })).toThrow('no dropoutKey');
      tf.dispose(inputs);
    });
  });
});

/** The first basket alone. */
function firstOf(whole: Batch): Batch {
  const part = <T extends { slice(from: number, to: number): T; length: number }>(values: T): T =>
    values.slice(0, values.length / whole.size);
  return {
    ...whole,
    size: 1,
    denseContext: part(whole.denseContext),
    productEmbeddings: part(whole.productEmbeddings),
    priceFeatures: part(whole.priceFeatures),
    attentionMask: part(whole.attentionMask),
    maskedPositions: part(whole.maskedPositions),
    ...(whole.corruption === undefined ? {} : { corruption: part(whole.corruption) }),
    ...(whole.history === undefined
      ? {}
      : {
          history: {
            length: whole.history.length,
            tokens: part(whole.history.tokens),
            valid: part(whole.history.valid),
            age: part(whole.history.age),
          },
        }),
  };
}

/** The arrays of a batch over positions, padded to more of them. */
function padded(whole: Batch, longer: number): Partial<Batch> {
  const widen = <T extends Float32Array | Uint8Array>(
    values: T,
    make: (length: number) => T,
    width: number,
  ): T => {
    const wide = make(whole.size * longer * width);
    for (let basket = 0; basket < whole.size; basket++) {
      const row = values.subarray(basket * whole.positions * width, (basket + 1) * whole.positions * width);
      wide.set(row, basket * longer * width);
    }
    return wide;
  };
  const floats = (length: number) => new Float32Array(length);
  const bytes = (length: number) => new Uint8Array(length);
  return {
    positions: longer,
    productEmbeddings: widen(whole.productEmbeddings, floats, TEST_SIZES.productWidth),
    priceFeatures: widen(whole.priceFeatures, floats, TEST_SIZES.priceWidth),
    attentionMask: widen(whole.attentionMask, bytes, 1),
    ...(whole.corruption === undefined ? {} : { corruption: widen(whole.corruption, bytes, 1) }),
  };
}

/** Items of a single basket in another order: place i takes item `order[i]`. */
function permutedItems(whole: Batch, order: readonly number[]): Partial<Batch> {
  const rows = (values: Float32Array, width: number) =>
    Float32Array.from(order.flatMap((from) => [...values.slice(from * width, (from + 1) * width)]));
  return {
    productEmbeddings: rows(whole.productEmbeddings, TEST_SIZES.productWidth),
    priceFeatures: rows(whole.priceFeatures, TEST_SIZES.priceWidth),
    corruption: Uint8Array.from(order, (from) => whole.corruption?.[from] ?? 0),
  };
}
