import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  referenceCosine,
  referenceExact,
  type ScheduleInput,
  schedules,
  threePhase,
} from './learning-rate.js';
import { phaseOfEpoch, planPhases, settingsOfPhase } from './training-phase.js';

const golden = z
  .object({
    cosine_lambda: z.object({
      total_steps: z.number(),
      warmup_steps: z.number(),
      multiplier: z.array(z.number()),
    }),
  })
  .parse(
    JSON.parse(readFileSync(new URL('../../fixtures/optimizer.json', import.meta.url), 'utf8')),
  ).cosine_lambda;

const stepsOf = (input: ScheduleInput): number[] =>
  Array.from({ length: input.plan.epochs * input.stepsPerEpoch }, (_, step) => step);

describe('phases', () => {
  it('turn at epochs 3/4 and 15/16 of 20', () => {
    const plan = planPhases(20);
    expect([1, 3, 4, 15, 16, 20].map((epoch) => phaseOfEpoch(plan, epoch))).toEqual([
      'warm-up',
      'warm-up',
      'main',
      'main',
      'fine-tune',
      'fine-tune',
    ]);
  });

  it('let warm-up win where a short run has both', () => {
    const plan = planPhases(2, 2, 1);
    expect(phaseOfEpoch(plan, 2)).toBe('warm-up');
  });

  it('refuse more warm-up than epochs', () => {
    expect(() => planPhases(2, 3)).toThrow(/do not fit/);
  });

  it('train warm-up on masked products alone and halve the clipping norm in fine-tuning', () => {
    const options = { mode: 'corrected', maskRate: 0.15, fineTuneMaskRate: 0.2, maxGradientNorm: 1 } as const;
    expect(settingsOfPhase('warm-up', options).lossWeights.contrastive).toBe(0);
    expect(settingsOfPhase('main', options).lossWeights.focal).toBe(0.6);
    expect(settingsOfPhase('fine-tune', options)).toMatchObject({ maskRate: 0.2, maxGradientNorm: 0.5 });
  });
});

describe('learning rates', () => {
  const input = (accumulation: number): ScheduleInput => ({
    peak: 5e-5,
    plan: planPhases(20),
    stepsPerEpoch: 100,
    accumulation,
  });

  it('give the multipliers of the reference, rising past the end only in reference-exact', () => {
    const plan = { epochs: 10, warmUpEpochs: 1, fineTuneEpochs: 0 };
    const same = { peak: 1, plan, stepsPerEpoch: golden.total_steps / 10, accumulation: 1 };
    golden.multiplier.forEach((expected, step) => {
      expect(referenceExact(same, step)).toBeCloseTo(expected, 12);
      const clamped = step > golden.total_steps ? 0.01 : expected;
      expect(referenceCosine(same, step)).toBeCloseTo(clamped, 12);
    });
  });

  it.each([1, 2, 4])('warm up for 15 %% of the steps with accumulation %i', (accumulation) => {
    const given = input(accumulation);
    const rates = stepsOf(given).map((step) => referenceCosine(given, step));
    expect(rates.indexOf(Math.max(...rates)) / rates.length).toBe(0.15);
  });

  it('are never negative, never above the peak, and constant after the end', () => {
    for (const name of ['three-phase', 'reference-cosine', 'constant'] as const) {
      const given = input(2);
      const rates = stepsOf(given).map((step) => schedules[name](given, step));
      expect(Math.min(...rates)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...rates)).toBeLessThanOrEqual(given.peak + 1e-18);
      expect(schedules[name](given, 2000)).toBeCloseTo(schedules[name](given, 5000), 15);
    }
  });

  it('run 0 -> 1e-5, 5e-5, 1e-5 in three phases', () => {
    const given = input(2);
    expect(threePhase(given, 0)).toBe(0);
    expect(threePhase(given, 299)).toBeCloseTo(1e-5, 12);
    expect(threePhase(given, 360)).toBeCloseTo(5e-5, 12);
    expect(threePhase(given, 1500)).toBeCloseTo(1e-5, 12);
  });
});
