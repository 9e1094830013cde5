import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Folders,
  makeWorld,
  writeUpstream,
} from '../../../../tests/tensor-preparation/upstream-fixture.js';
import { type OpenTensors, openTensors } from '../loader/open-tensors.js';
import { buildTensors } from './build-tensors.js';

const settings = { seed: 42, t6: 'prior', t2PositionEncoding: false, longBaskets: 'truncate' } as const;
const world = makeWorld();
let folders: Folders;
let tensors: OpenTensors;

beforeAll(async () => {
  folders = await writeUpstream(world);
  await buildTensors({ ...folders, ...settings });
  tensors = await openTensors(folders.tensors);
});
afterAll(async () => {
  tensors.close();
  await rm(dirname(folders.tensors), { recursive: true });
});

describe('the tensor folder', () => {
  test('holds every basket once, in time order, in the split of its week', () => {
    const { samples } = tensors.tables;
    const { split } = tensors.manifest;
    expect(samples.rows).toBe(world.baskets.length);
    for (const [row, basket] of world.baskets.entries()) {
      expect(samples.basketId(row)).toBe(basket.basketId);
      expect(samples.week(row)).toBe(basket.week);
      expect(Array.from(samples.tokens(row))).toEqual(basket.lines.map(({ product }) => product + 1));
      const part =
        basket.week <= world.weeks - 2 ? 'train' : basket.week === world.weeks - 1 ? 'val' : 'test';
      expect(row >= split.firstRow[part] && row < split.firstRow[part] + split.baskets[part]).toBe(true);
    }
  });
});
