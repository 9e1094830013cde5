import { InputError } from '@retail-sim/errors';
import { type LossWeights, lossWeights, type TrainingPhase } from '@retail-sim/world-model';

// Training runs in three phases; each has its own loss weights, mask rate, clipping and learning rate (spec 5, 5.4 and 7.1).

export interface PhasePlan {
  /** Epochs of the whole run. */
  readonly epochs: number;
  readonly warmUpEpochs: number;
  readonly fineTuneEpochs: number;
}

/** Shares of a run that default to warm-up and fine-tuning: 3 and 5 of 20 epochs (spec 5, 7.1). */
const WARM_UP_SHARE = 0.15;
const FINE_TUNE_SHARE = 0.25;

export interface PhaseSettings {
  readonly lossWeights: LossWeights;
  /** Share of a basket's products that is hidden. */
  readonly maskRate: number;
  /** Largest global L2 norm of the gradient. */
  readonly maxGradientNorm: number;
}

/**
 * Splits a run into phases.
 *
 * @throws InputError when the phases given do not fit into the run.
 */
export function planPhases(epochs: number, warmUpEpochs?: number, fineTuneEpochs?: number): PhasePlan {
  const plan = {
    epochs,
    warmUpEpochs: warmUpEpochs ?? Math.ceil(WARM_UP_SHARE * epochs),
    fineTuneEpochs: fineTuneEpochs ?? Math.floor(FINE_TUNE_SHARE * epochs),
  };
  if (plan.warmUpEpochs > epochs || plan.fineTuneEpochs > epochs) {
    throw new InputError({
      what: `${plan.warmUpEpochs} warm-up and ${plan.fineTuneEpochs} fine-tuning epochs do not fit into ${epochs} epochs`,
      remedy: 'lower --warmup-epochs or --finetune-epochs, or raise --epochs',
    });
  }
  return plan;
}

/** Phase of an epoch counted from 1. Where warm-up and fine-tuning overlap, warm-up wins (spec 5, 7.1). */
export function phaseOfEpoch(plan: PhasePlan, epoch: number): TrainingPhase {
  if (epoch <= plan.warmUpEpochs) return 'warm-up';
  return epoch > plan.epochs - plan.fineTuneEpochs ? 'fine-tune' : 'main';
}

export interface PhaseOptions {
  readonly mode: 'corrected' | 'reference';
  readonly maskRate: number;
  readonly fineTuneMaskRate: number;
  readonly maxGradientNorm: number;
}

/** What a phase trains with. Fine-tuning halves the clipping norm (spec 5, 7.1). */
export function settingsOfPhase(phase: TrainingPhase, options: PhaseOptions): PhaseSettings {
  return {
    lossWeights: lossWeights(phase, options.mode),
    maskRate: phase === 'fine-tune' ? options.fineTuneMaskRate : options.maskRate,
    maxGradientNorm: phase === 'fine-tune' ? options.maxGradientNorm / 2 : options.maxGradientNorm,
  };
}
