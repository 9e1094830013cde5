/** Bins of the calibration error (spec 5, 6.4). */
export const CALIBRATION_BINS = 15;

export interface CalibrationBin {
  readonly count: number;
  readonly meanConfidence: number;
  readonly accuracy: number;
}

export interface Calibration {
  /** Expected calibration error: mean gap of confidence and accuracy over bins of equal mass (Naeini et al. 2015). */
  readonly expectedCalibrationError: number;
  /** Mean squared gap of confidence and outcome. */
  readonly brier: number;
  readonly bins: readonly CalibrationBin[];
}

/**
 * Calibration of the probability of the first choice.
 *
 * @param confidence probability given to the first choice, [n]
 * @param correct 1 where the first choice was right, [n]
 */
export function calibrationOf(
  confidence: ArrayLike<number>,
  correct: ArrayLike<number>,
  bins = CALIBRATION_BINS,
): Calibration {
  const count = confidence.length;
  const at = (values: ArrayLike<number>, index: number): number => values[index] ?? Number.NaN;
  const order = Uint32Array.from({ length: count }, (_, index) => index).sort(
    (left, right) => at(confidence, left) - at(confidence, right) || left - right,
  );
  const used = Math.min(bins, count);
  const result: CalibrationBin[] = [];
  let error = 0;
  let brier = 0;
  for (let bin = 0; bin < used; bin++) {
    const from = Math.floor((bin * count) / used);
    const to = Math.floor(((bin + 1) * count) / used);
    let confidences = 0;
    let hits = 0;
    for (let position = from; position < to; position++) {
      const row = order[position] ?? 0;
      confidences += at(confidence, row);
      hits += at(correct, row);
      brier += (at(confidence, row) - at(correct, row)) ** 2;
    }
    const size = to - from;
    error += Math.abs(confidences - hits);
    result.push({ count: size, meanConfidence: confidences / size, accuracy: hits / size });
  }
  return {
    expectedCalibrationError: count === 0 ? Number.NaN : error / count,
    brier: count === 0 ? Number.NaN : brier / count,
    bins: result,
  };
}
