/** Best validation so far, and for how many epoch-end validations in a row it was not beaten (spec 5, 7.1). */
export interface EarlyStopping {
  readonly bestLoss: number;
  readonly bestEpoch: number;
  readonly epochsWithoutImprovement: number;
}

export const NO_VALIDATION_YET: EarlyStopping = {
  bestLoss: Number.POSITIVE_INFINITY,
  bestEpoch: 0,
  epochsWithoutImprovement: 0,
};

/** Takes in the validation loss at the end of an epoch. Losses compare across phases: always main-phase weights (7.6). */
export function afterEpoch(state: EarlyStopping, epoch: number, validationLoss: number): EarlyStopping {
  return validationLoss < state.bestLoss
    ? { bestLoss: validationLoss, bestEpoch: epoch, epochsWithoutImprovement: 0 }
    : { ...state, epochsWithoutImprovement: state.epochsWithoutImprovement + 1 };
}

/** True once `patience` epochs brought nothing; a patience of 0 never stops. */
export const shouldStop = (state: EarlyStopping, patience: number): boolean =>
  patience > 0 && state.epochsWithoutImprovement >= patience;
