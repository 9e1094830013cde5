import { readFileSync } from 'node:fs';
import { keyedStream } from '@retail-sim/random';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { calibrationOf } from './calibration-error.js';
import { focalInverse } from './focal-inverse.js';

const golden = z
  .object({
    focal_softmax_inverse: z.object({
      gamma: z.number(),
      p_model: z.array(z.number()),
      posterior: z.array(z.number()),
    }),
  })
  .parse(
    JSON.parse(readFileSync(new URL('../../fixtures/calibration.json', import.meta.url), 'utf8')),
  ).focal_softmax_inverse;

describe('calibration', () => {
  it('finds the true probabilities behind a focal loss', () => {
    const posterior = focalInverse(golden.p_model, golden.gamma);
    golden.posterior.forEach((expected, index) => {
      expect(posterior[index]).toBeCloseTo(expected, 5);
    });
  });

  it('is the identity for gamma 0', () => {
    expect([...focalInverse([0.7, 0.2, 0.1], 0)]).toEqual([0.7, 0.2, 0.1].map((p) => expect.closeTo(p, 12)));
  });

  it('is 0.1 when confidence is 0.1 too high, and small when outcomes follow confidence', () => {
    const random = keyedStream(1, 'calibration-test');
    const truth = Array.from({ length: 20_000 }, () => 0.1 + 0.8 * random.uniform());
    const correct = truth.map((p) => (random.uniform() < p ? 1 : 0));
    expect(calibrationOf(truth, correct).expectedCalibrationError).toBeLessThan(0.02);
    const proud = truth.map((p) => p + 0.1);
    expect(calibrationOf(proud, correct).expectedCalibrationError).toBeCloseTo(0.1, 1);
  });

  it('puts every row into one of the bins', () => {
    const { bins } = calibrationOf([0.1, 0.2, 0.3, 0.9], [0, 0, 1, 1]);
    expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(4);
  });
});
