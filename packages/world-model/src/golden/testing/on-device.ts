import * as tf from '@tensorflow/tfjs';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { Candidate } from '../../devices/device.js';

/** Largest difference of a value. */
export const VALUE = 1e-4;
/** Relative to the largest element of the gradient. */
export const GRADIENT = 1e-3;
/** Relative. */
export const LOSS = 1e-5;

/** Runs the tests of a group on an engine, which stays open for all of them; none may leave a tensor behind. */
export function onDevice(candidate: Candidate): void {
  let close = async (): Promise<void> => {};
  beforeAll(async () => {
    close = (await candidate.open({ threads: 1 })).close;
  });
  afterAll(() => close());
  let tensorsBefore = 0;
  beforeEach(() => {
    tensorsBefore = tf.memory().numTensors;
  });
  afterEach(() => {
    expect(tf.memory().numTensors, 'no tensor stays').toBe(tensorsBefore);
  });
}
