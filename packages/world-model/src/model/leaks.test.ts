import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { wasmSession } from '../golden/wasm-session.js';
import {
  type Batch,
  batch,
  changedRows,
  firstBasket,
  largestChange,
  run,
  withModel,
} from './model-under-test.js';
import { sampleBatch, TEST_BATCH, TEST_SIZES } from './sample-batch.js';
import type { WorldModelMode } from './switches.js';

// What the model may know: nothing of a hidden item, nothing of padding, the history of its own customer.

const wasm = wasmSession();
beforeAll(wasm.open);
afterAll(wasm.close);
beforeEach(wasm.mark);
afterEach(() => {
  expect(wasm.strayTensors(), 'no tensor stays').toBe(0);
});

const { positions } = batch;
const classes = TEST_SIZES.classes;

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
