import { expect, it } from 'vitest';
import { goldenCase, largestDifference } from '../golden/golden-case.js';
import { positionalEncoding } from './positional-encoding.js';

it.each([
  { name: 'pe50x512', rows: 50, width: 512 },
  { name: 'pe118x16', rows: 118, width: 16 },
])('$name equals the reference, whose float32 arithmetic errs by 3e-6', ({ name, rows, width }) => {
  expect(
    largestDifference(positionalEncoding(rows, width), goldenCase('positional_encoding').floats(name)),
  ).toBeLessThan(1e-5);
});
