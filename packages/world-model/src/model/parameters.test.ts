import * as tf from '@tensorflow/tfjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { wasmSession } from '../golden/wasm-session.js';
import { batch, run, withModel } from './model-under-test.js';
import { type ModelBlock, parameterList } from './parameter-list.js';
import { TEST_SIZES } from './sample-batch.js';
import type { WorldModelMode, WorldModelSwitches } from './switches.js';
import { createWorldModel } from './world-model.js';
import { resolveWorldModelConfig, type WorldModelOptions } from './world-model-config.js';

const wasm = wasmSession();
beforeAll(wasm.open);
afterAll(wasm.close);
beforeEach(wasm.mark);
afterEach(() => {
  expect(wasm.strayTensors(), 'no tensor stays').toBe(0);
});

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
