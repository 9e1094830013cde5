import { expect, test } from 'vitest';
import { identityVector, labelVector, storeVector, UNKNOWN_LABEL } from './store-blocks.js';

test('the streams are those of the specification', () => {
  const [first = 0, second = 0] = labelVector(42, 'format', 'LS');
  expect(first).toBeCloseTo(-0.03928392861457, 12);
  expect(second).toBeCloseTo(-0.14361178949931025, 12);
  const identity = identityVector(42, 'STORE00002');
  expect((identity[1] ?? 0) / (identity[0] ?? 1)).toBeCloseTo(0.2313175168618907 / 0.04288195236814615, 9);
});

test('an identity has norm 1, an unknown label is zero', () => {
  expect(Math.hypot(...identityVector(42, 'STORE00007'))).toBeCloseTo(1, 12);
  expect(labelVector(42, 'region', UNKNOWN_LABEL).every((value) => value === 0)).toBe(true);
});

test('same format, same block; another format, another block', () => {
  const of = (storeId: string, format: string) =>
    storeVector(42, { storeId, format, region: 'E01' }, new Float64Array(32)).subarray(0, 24);
  expect(of('STORE00001', 'LS')).toEqual(of('STORE00002', 'LS'));
  expect(of('STORE00001', 'LS')).not.toEqual(of('STORE00001', 'MS'));
});
