/** Terms of the total loss, in the order of reports. */
export const LOSS_TERMS = [
  'focal',
  'contrastive',
  'basketSize',
  'priceSensitivity',
  'missionType',
  'missionFocus',
] as const;

export type LossTermName = (typeof LOSS_TERMS)[number];

export type LossWeights = Readonly<Record<LossTermName, number>>;

export type TrainingPhase = 'warm-up' | 'main' | 'fine-tune';

const WARM_UP: LossWeights = {
  focal: 1,
  contrastive: 0,
  basketSize: 0,
  priceSensitivity: 0,
  missionType: 0,
  missionFocus: 0,
};

/** The two mission terms together weigh 0.04, as the mean of both. */
const REFERENCE_MAIN: LossWeights = {
  focal: 0.6,
  contrastive: 0.2,
  basketSize: 0.08,
  priceSensitivity: 0.08,
  missionType: 0.02,
  missionFocus: 0.02,
};

/** The visible length of a masked basket gives its size away, so that term teaches nothing. */
const CORRECTED_MAIN: LossWeights = { ...REFERENCE_MAIN, basketSize: 0 };

/** Weights of a phase (spec section 5, 5.4). */
export function lossWeights(phase: TrainingPhase, mode: 'corrected' | 'reference'): LossWeights {
  if (phase === 'warm-up') return WARM_UP;
  return mode === 'reference' ? REFERENCE_MAIN : CORRECTED_MAIN;
}
