import { type PhasePlan, phaseOfEpoch } from './training-phase.js';

/** What every schedule is a function of. Steps are optimizer steps, never micro-batches. */
export interface ScheduleInput {
  /** Peak learning rate. */
  readonly peak: number;
  readonly plan: PhasePlan;
  /** Optimizer steps of one epoch. */
  readonly stepsPerEpoch: number;
  /** Micro-batches averaged into one step; only `reference-exact` reads it. */
  readonly accumulation: number;
}

/** Learning rate of the optimizer step `step`, counted from 0 (spec 5, 7.3). */
export type Schedule = (input: ScheduleInput, step: number) => number;

/** The cosine of the reference ends at this share of the peak. */
const REFERENCE_FLOOR = 0.01;

/** Outside the main phase the rate is this share of the peak: 1e-5 of 5e-5 (spec 5, 7.3). */
const LOW_SHARE = 0.2;

/** Ramps take this share of their phase. */
const RAMP_SHARE = 0.05;

/** The ramp from 0 is never longer than this. */
const LONGEST_FIRST_RAMP = 500;

const cosineFrom = (high: number, low: number, progress: number): number =>
  low + ((high - low) * (1 + Math.cos(Math.PI * progress))) / 2;

function referenceMultiplier(step: number, warmUpSteps: number, totalSteps: number, clamp: boolean): number {
  if (step < warmUpSteps) return step / Math.max(1, warmUpSteps);
  const progress = (step - warmUpSteps) / Math.max(1, totalSteps - warmUpSteps);
  return cosineFrom(1, REFERENCE_FLOOR, clamp ? Math.min(1, progress) : progress);
}

/** Linear warm-up, then a cosine down to 1 % of the peak, constant after the last step. */
export const referenceCosine: Schedule = ({ peak, plan, stepsPerEpoch }, step) =>
  peak * referenceMultiplier(step, plan.warmUpEpochs * stepsPerEpoch, plan.epochs * stepsPerEpoch, true);

/** The reference to the letter: warm-up counted in micro-batches (M-13), and the rate rises again past the end (M-15). */
export const referenceExact: Schedule = ({ peak, plan, stepsPerEpoch, accumulation }, step) =>
  peak *
  referenceMultiplier(
    step,
    plan.warmUpEpochs * stepsPerEpoch * accumulation,
    plan.epochs * stepsPerEpoch,
    false,
  );

/** Low rate in warm-up and fine-tuning; in between a short ramp to the peak and a cosine back. */
export const threePhase: Schedule = ({ peak, plan, stepsPerEpoch }, step) => {
  const low = peak * LOW_SHARE;
  const epoch = Math.min(plan.epochs, Math.floor(step / stepsPerEpoch) + 1);
  const phase = phaseOfEpoch(plan, epoch);
  if (phase === 'fine-tune') return low;
  const warmUpSteps = plan.warmUpEpochs * stepsPerEpoch;
  if (phase === 'warm-up') {
    const ramp = Math.min(LONGEST_FIRST_RAMP, RAMP_SHARE * warmUpSteps);
    return step < ramp ? (low * step) / ramp : low;
  }
  const mainSteps = (plan.epochs - plan.fineTuneEpochs) * stepsPerEpoch - warmUpSteps;
  const done = step - warmUpSteps;
  const ramp = RAMP_SHARE * mainSteps;
  if (done < ramp) return low + ((peak - low) * done) / ramp;
  return cosineFrom(peak, low, Math.min(1, (done - ramp) / Math.max(1, mainSteps - ramp)));
};

/** The peak from the first step on, after the linear ramp of the warm-up epochs. */
export const constant: Schedule = ({ peak, plan, stepsPerEpoch }, step) => {
  const warmUpSteps = plan.warmUpEpochs * stepsPerEpoch;
  return step < warmUpSteps ? (peak * step) / warmUpSteps : peak;
};

/** Every schedule by the name that `--schedule` takes. */
export const schedules = {
  'three-phase': threePhase,
  'reference-cosine': referenceCosine,
  'reference-exact': referenceExact,
  constant,
} as const satisfies Record<string, Schedule>;

export type ScheduleName = keyof typeof schedules;
