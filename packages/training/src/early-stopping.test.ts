import { describe, expect, it } from 'vitest';
import { afterEpoch, NO_VALIDATION_YET, shouldStop } from './early-stopping.js';

describe('early stopping', () => {
  it('stops after three epochs without a better loss, counted from the best', () => {
    const losses = [3, 2, 2.5, 2.1, 2];
    const states = [NO_VALIDATION_YET];
    for (const [index, loss] of losses.entries()) {
      states.push(afterEpoch(states.at(-1) ?? NO_VALIDATION_YET, index + 1, loss));
    }
    expect(states.map((state) => shouldStop(state, 3))).toEqual([false, false, false, false, false, true]);
    expect(states.at(-1)).toEqual({ bestLoss: 2, bestEpoch: 2, epochsWithoutImprovement: 3 });
  });

  it('never stops with patience 0, and never takes NaN for an improvement', () => {
    const state = afterEpoch(NO_VALIDATION_YET, 1, Number.NaN);
    expect(state.bestLoss).toBe(Number.POSITIVE_INFINITY);
    expect(shouldStop({ ...state, epochsWithoutImprovement: 99 }, 0)).toBe(false);
  });
});
