import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DataWeek, decideSplit, parseSplitRule } from './decide-split.js';

const weeks = (baskets: readonly number[]): DataWeek[] =>
  baskets.map((count, index) => ({ week: 200601 + index, weekIdx: index + 1, baskets: count }));
const ratio = { kind: 'ratio', shares: [0.8, 0.1, 0.1] } as const;

test('ten equal weeks are cut eight, one, one', () => {
  const split = decideSplit(ratio, '80/10/10', weeks(Array(10).fill(5)));
  expect(split).toMatchObject({
    train: [1, 2, 3, 4, 5, 6, 7, 8],
    validation: [9],
    test: [10],
    fitThroughWeek: 8,
  });
});

test('an absent week keeps its number', () => {
  const present = weeks(Array(10).fill(5)).filter(({ weekIdx }) => weekIdx !== 3);
  expect(decideSplit(ratio, '80/10/10', present).train).not.toContain(3);
});

test('a single week is all train', () => {
  expect(decideSplit(ratio, '80/10/10', weeks([5]))).toMatchObject({
    rule: 'none',
    train: [1],
    validation: [],
    test: [],
  });
});

test('none fits on everything', () => {
  expect(decideSplit({ kind: 'none' }, 'none', weeks([1, 2, 3, 4]))).toMatchObject({
    train: [1, 2, 3, 4],
    fitThroughWeek: 4,
  });
});

test('--fit-through-week decides what may be fitted and leaves the parts alone', () => {
  expect(decideSplit(ratio, '80/10/10', weeks(Array(10).fill(5)), 200604)).toMatchObject({
    fitThroughWeek: 4,
    test: [10],
  });
});

test('the parts are in time order, cover every week once, and none with a share is empty', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 3, maxLength: 60 }), (baskets) => {
      const split = decideSplit(ratio, '80/10/10', weeks(baskets));
      expect([...split.train, ...split.validation, ...split.test]).toEqual(
        baskets.map((_, index) => index + 1),
      );
      expect(Math.min(split.train.length, split.validation.length, split.test.length)).toBeGreaterThan(0);
    }),
  );
});

test('a rule is none or three shares of a hundred', () => {
  expect(parseSplitRule('80/10/10')).toEqual(ratio);
  expect(parseSplitRule('none')).toEqual({ kind: 'none' });
  for (const bad of ['80/10', '80/10/20', '0/50/50', 'half', '']) expect(parseSplitRule(bad)).toBeUndefined();
});
