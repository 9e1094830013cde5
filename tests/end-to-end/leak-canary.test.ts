// A canary for leaks (spec section 4, 12.2, invariant 34): from what the model knows before a trip, a linear probe must
// not be able to tell how large the basket will be; from the trip itself (`--t6 observed`) it must be. The second half
// shows that the canary sings.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLoader } from '@retail-sim/tensor-preparation';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { run, SMALL } from '../prepared-run/commands.js';

const prepared = inject('preparedRun');
const DENSE = 400;
const CLASSES = 3;
const RIDGE = 1e-3;

interface Baskets {
  /** Dense context of each basket, `[n, 401]` with a constant last. */
  readonly rows: readonly Float64Array[];
  readonly basketIds: readonly number[];
  /** 1 S, 2 M, 3 L; 0 where the tensors do not tell. */
  readonly sizes: readonly number[];
}

async function readBaskets(folder: string, split: 'train' | 'val' | 'test'): Promise<Baskets> {
  const rows: Float64Array[] = [];
  const basketIds: number[] = [];
  const sizes: number[] = [];
  await using loader = await openLoader({ folder, split, batchSize: 64, seed: 1, shuffle: false });
  for await (const batch of loader.batches(0)) {
    for (let basket = 0; basket < batch.size; basket++) {
      const dense = batch.denseContext.subarray(basket * DENSE, (basket + 1) * DENSE);
      rows.push(Float64Array.from([...dense, 1]));
      basketIds.push(batch.keys.basketId[basket] ?? 0);
      sizes.push(batch.labels.basketSize[basket] ?? 0);
    }
  }
  return { rows, basketIds, sizes };
}

/** Solves `(X'X + ridge I) W = X'Y` for one-hot Y by elimination; returns W, `[401][3]`. */
function fitProbe(rows: readonly Float64Array[], sizes: readonly number[]): readonly Float64Array[] {
  const width = DENSE + 1;
  const system = Array.from({ length: width }, (_, i) => {
    const line = new Float64Array(width + CLASSES);
    line[i] = RIDGE * rows.length;
    return line;
  });
  for (const [place, row] of rows.entries()) {
    for (const [i, line] of system.entries()) {
      const value = row[i] ?? 0;
      if (value === 0) continue;
      for (let j = 0; j < width; j++) line[j] = (line[j] ?? 0) + value * (row[j] ?? 0);
      const target = width + (sizes[place] ?? 0) - 1;
      line[target] = (line[target] ?? 0) + value;
    }
  }
  for (const [i, pivot] of system.entries()) {
    const scale = 1 / (pivot[i] ?? 1);
    for (let j = i; j < pivot.length; j++) pivot[j] = (pivot[j] ?? 0) * scale;
    for (const [k, line] of system.entries()) {
      const factor = line[i] ?? 0;
      if (k === i || factor === 0) continue;
      for (let j = i; j < line.length; j++) line[j] = (line[j] ?? 0) - factor * (pivot[j] ?? 0);
    }
  }
  return system.map((line) => line.slice(width));
}

function accuracy(
  weights: readonly Float64Array[],
  rows: readonly Float64Array[],
  sizes: readonly number[],
): number {
  const right = rows.filter((row, place) => {
    const scores = new Float64Array(CLASSES);
    for (const [i, line] of weights.entries()) {
      for (let c = 0; c < CLASSES; c++) scores[c] = (scores[c] ?? 0) + (row[i] ?? 0) * (line[c] ?? 0);
    }
    return scores.indexOf(Math.max(...scores)) + 1 === sizes[place];
  });
  return right.length / rows.length;
}

/** Fits on train, judges on validation and test; sizes come from the tensors that have labels. */
async function probeAccuracy(folder: string, sizeOf: ReadonlyMap<number, number>): Promise<number> {
  const known = (baskets: Baskets) => {
    const places = baskets.basketIds.flatMap((id, place) => (sizeOf.has(id) ? [place] : []));
    return {
      rows: places.flatMap((place) => baskets.rows[place] ?? []),
      sizes: places.map((place) => sizeOf.get(baskets.basketIds[place] ?? 0) ?? 0),
    };
  };
  const train = known(await readBaskets(folder, 'train'));
  const later = [known(await readBaskets(folder, 'val')), known(await readBaskets(folder, 'test'))];
  return accuracy(
    fitProbe(train.rows, train.sizes),
    later.flatMap(({ rows }) => rows),
    later.flatMap(({ sizes }) => sizes),
  );
}

describe('the leak canary', () => {
  const sizeOf = new Map<number, number>();
  let observed = '';
  beforeAll(async () => {
    for (const split of ['train', 'val', 'test'] as const) {
      const { basketIds, sizes } = await readBaskets(join(prepared, 'data', 'tensors'), split);
      for (const [place, id] of basketIds.entries()) {
        const size = sizes[place] ?? 0;
        if (size > 0) sizeOf.set(id, size);
      }
    }
    observed = mkdtempSync(join(tmpdir(), 'retail-sim-canary-'));
    const { status, stderr } = run(
      'retail-build-tensors',
      ['--quiet', '--t6', 'observed', '--tensors', join(observed, 'tensors'), '--config', SMALL],
      { cwd: prepared },
    );
    if (status !== 0) throw new Error(stderr);
  });
  afterAll(() => rmSync(observed, { recursive: true, force: true }));

  it('with the expectation before the trip, a linear probe does not tell the size of the basket', async () => {
    expect(await probeAccuracy(join(prepared, 'data', 'tensors'), sizeOf)).toBeLessThan(0.75);
  });

  it('with the trip itself it does, so the probe can find a leak', async () => {
    expect(await probeAccuracy(join(observed, 'tensors'), sizeOf)).toBeGreaterThan(0.97);
  });
});
