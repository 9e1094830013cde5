import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { counterTensor, counterUniform } from './counter.js';
import { fnv1a32 } from './fnv1a.js';
import { keyedStream, shuffledOrder } from './keyed-stream.js';
import { mersenneTwister } from './mersenne-twister.js';
import { namedNormals } from './named-normals.js';

const goldenSchema = z.object({
  fnv1a32: z.record(z.string(), z.number()),
  u_first8: z.record(z.string(), z.array(z.number())),
  gen: z.array(
    z.object({
      seed: z.string(),
      shape: z.array(z.number()),
      scale: z.number(),
      base: z.union([z.number(), z.string()]),
      values: z.array(z.number()),
    }),
  ),
});

const golden = goldenSchema.parse(
  JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/counter-generator.json'), 'utf8')),
);

test('FNV-1a gives the published hashes', () => {
  for (const [text, hash] of Object.entries(golden.fnv1a32)) expect(fnv1a32(text)).toBe(hash);
});

test('the counter generator gives the golden uniforms and tensors', () => {
  for (const [name, uniforms] of Object.entries(golden.u_first8)) {
    expect(uniforms.map((_, index) => counterUniform(fnv1a32(name), index))).toEqual(uniforms);
  }
  for (const { seed, scale, base, values } of golden.gen) {
    if (typeof base !== 'number') continue;
    expect(Array.from(counterTensor(seed, values.length, scale, base))).toEqual(values);
  }
});

test('the Mersenne Twister gives the outputs, doubles, normals and permutation of the specification', () => {
  const outputs = mersenneTwister(42);
  expect([outputs.uint32(), outputs.uint32(), outputs.uint32(), outputs.uint32()]).toEqual([
    1608637542, 3421126067, 4083286876, 787846414,
  ]);
  const doubles = mersenneTwister(42);
  expect([doubles.uniform(), doubles.uniform()]).toEqual([0.3745401188473625, 0.9507143064099162]);
  const normals = mersenneTwister(42);
  const drawn = Float64Array.from({ length: 643 }, () => normals.normal());
  expect(Array.from(drawn.slice(0, 4))).toEqual([
    0.4967141530112327, -0.13826430117118466, 0.6476885381006925, 1.5230298564080254,
  ]);
  expect(drawn[640]).toBeCloseTo(-0.335784699, 8);
  expect(Array.from(mersenneTwister(42).permutation(12))).toEqual([10, 9, 0, 8, 5, 2, 1, 11, 4, 7, 3, 6]);
});

test('normals named after an entity are those of the specification', () => {
  expect(namedNormals('42:sku:PRD0900121', 2)[0]).toBeCloseTo(1.4908047095267982, 14);
  expect(namedNormals('42:store:STORE00002', 1)[0]).toBeCloseTo(0.04288195236814615, 14);
  expect(namedNormals('42:format:LS', 1)[0]).toBeCloseTo(-0.39283928614569774, 14);
});

test('equal keys give equal streams and different keys different ones', () => {
  const draw = (...keys: [string, ...(number | string)[]]) => {
    const stream = keyedStream(42, ...keys);
    return Array.from({ length: 8 }, stream.uint32);
  };
  expect(draw('shuffle', 1)).toEqual(draw('shuffle', 1));
  expect(draw('shuffle', 1)).not.toEqual(draw('shuffle', 2));
  expect(draw('shuffle', 12)).not.toEqual(draw('shuffle', 1, 2));
});

test('a keyed stream is uniform and normal to three standard errors', () => {
  const stream = keyedStream(7, 'moments');
  const count = 100_000;
  let sum = 0;
  let sumOfNormals = 0;
  let sumOfSquares = 0;
  for (let i = 0; i < count; i++) {
    sum += stream.uniform();
    const z = stream.normal();
    sumOfNormals += z;
    sumOfSquares += z * z;
  }
  expect(Math.abs(sum / count - 0.5)).toBeLessThan(3 * Math.sqrt(1 / 12 / count));
  expect(Math.abs(sumOfNormals / count)).toBeLessThan(3 / Math.sqrt(count));
  expect(Math.abs(sumOfSquares / count - 1)).toBeLessThan(3 * Math.sqrt(2 / count));
});

test('a shuffled order holds every index once and depends on the stream alone', () => {
  const order = shuffledOrder(keyedStream(42, 'shuffle', 3), 1000);
  expect(Array.from(order).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 1000 }, (_, index) => index),
  );
  expect(shuffledOrder(keyedStream(42, 'shuffle', 3), 1000)).toEqual(order);
});
