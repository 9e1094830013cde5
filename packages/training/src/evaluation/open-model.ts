import { InputError } from '@retail-sim/errors';
import type { OpenTensors } from '@retail-sim/tensor-preparation';
import { createWorldModel, type WorldModel, worldModelConfigSchema } from '@retail-sim/world-model';
import { loadWeights } from '../checkpoint/checkpoint.js';
import type { TrainingState } from '../checkpoint/training-state.js';
import { parseSettings, type TrainingSettings } from '../train/training-options.js';

/** A trained model as its checkpoint has it. */
export interface OpenModel {
  readonly folder: string;
  readonly model: WorldModel;
  readonly state: TrainingState;
  readonly settings: TrainingSettings;
}

/**
 * Opens the model of a checkpoint on the current device.
 *
 * @throws InputError for a damaged checkpoint, or one of another vocabulary than the tensors have
 */
export async function openModel(folder: string, tensors: OpenTensors): Promise<OpenModel> {
  const { state, model: weights } = await loadWeights(folder);
  const settings = parseSettings(state.training);
  const config = worldModelConfigSchema.safeParse(state.model);
  if (!config.success) {
    throw new InputError({
      what: `the checkpoint's model is not one of this release: ${config.error.issues[0]?.message ?? ''}`,
      where: { file: folder },
      remedy: 'choose another checkpoint, or train again with: pnpm retail-train',
      cause: config.error,
    });
  }
  if (state.tensors.vocabularySha256 !== tensors.manifest.vocab.sha256) {
    throw new InputError({
      what: `the checkpoint was trained on another vocabulary than ${tensors.folder} has`,
      where: { file: folder },
      remedy: 'name the tensors that it was trained on with --tensors',
    });
  }
  const model = createWorldModel(config.data, { seed: settings.seed });
  model.loadStateDict(weights);
  return { folder, model, state, settings };
}
