import { describe, expect, it } from 'vitest';
import { completeSettings, resumedSettings } from './training-options.js';

const given = { preset: 'full', seed: 42 } as const;

describe('settings', () => {
  it('of the full preset are those of the specification', () => {
    expect(completeSettings(given)).toMatchObject({
      epochs: 20,
      batchSize: 128,
      gradAccum: 2,
      lr: 5e-5,
      schedule: 'three-phase',
      warmupEpochs: 3,
      finetuneEpochs: 5,
      weightDecay: 0.01,
      maxGradNorm: 1,
      maskProb: 0.15,
      finetuneMaskProb: 0.2,
      evalSamples: 25_600,
      history: 50,
      mode: 'corrected',
    });
  });

  it('follow a flag before the preset', () => {
    expect(completeSettings({ ...given, epochs: 4, lr: 1e-4 })).toMatchObject({
      epochs: 4,
      lr: 1e-4,
      warmupEpochs: 1,
    });
  });

  it.each([
    [{ lr: 0 }, /lr/],
    [{ maskProb: 0 }, /maskProb/],
    [{ switches: ['decoder=up'] }, /decoder=up is not a switch/],
    [{ warmupEpochs: 9, epochs: 2 }, /do not fit into 2 epochs/],
  ])('refuse %j', (change, message) => {
    expect(() => completeSettings({ ...given, ...change })).toThrow(message);
  });
});

describe('a resumed run', () => {
  const stored = completeSettings(given);

  it('goes on with the settings of its checkpoint, and with more epochs if asked', () => {
    expect(resumedSettings(stored, { seed: 42 })).toEqual(stored);
    expect(resumedSettings(stored, { seed: 42, epochs: 30 }).epochs).toBe(30);
    expect(resumedSettings(stored, { seed: 42, epochs: 3 }).epochs).toBe(20);
  });

  it('refuses another setting, and names it', () => {
    expect(() => resumedSettings(stored, { seed: 42, lr: 1e-3 })).toThrow(/trained with lr 0.00005/);
    expect(() => resumedSettings(stored, { seed: 43 })).toThrow(/seed 42/);
  });
});
