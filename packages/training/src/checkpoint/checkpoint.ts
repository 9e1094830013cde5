import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@retail-sim/errors';
import { readStateDict, type StateDict, writeStateDict } from '@retail-sim/world-model';
import { publishCheckpoint } from './checkpoint-folder.js';
import { readTrainingState, type TrainingState, writeTrainingState } from './training-state.js';

/** Everything that a run needs to go on, as it lies in a checkpoint folder (spec section 5, 8.1). */
export interface Checkpoint {
  readonly state: TrainingState;
  readonly model: StateDict;
  readonly optimizer: StateDict;
}

const MODEL_FILE = 'model.safetensors';
const OPTIMIZER_FILE = 'optimizer.safetensors';

/** Writes a checkpoint under each of the paths, each with one rename. */
export async function saveCheckpoint(
  paths: readonly string[],
  { state, model, optimizer }: Checkpoint,
): Promise<void> {
  for (const path of paths) {
    await publishCheckpoint(path, async (folder) => {
      await writeStateDict(join(folder, MODEL_FILE), model);
      await writeStateDict(join(folder, OPTIMIZER_FILE), optimizer);
      writeTrainingState(folder, state);
    });
  }
}

/** @throws InputError for a checkpoint that is damaged, incomplete, or of another version */
export async function loadCheckpoint(folder: string): Promise<Checkpoint> {
  const weights = await loadWeights(folder);
  return { ...weights, optimizer: await readTensors(join(folder, OPTIMIZER_FILE)) };
}

/** A checkpoint without the optimizer: enough to predict. @throws InputError as {@link loadCheckpoint} */
export async function loadWeights(folder: string): Promise<Omit<Checkpoint, 'optimizer'>> {
  return { state: readTrainingState(folder), model: await readTensors(join(folder, MODEL_FILE)) };
}

async function readTensors(file: string): Promise<StateDict> {
  if (existsSync(file)) return readStateDict(file);
  throw new InputError({
    what: 'the checkpoint has no such file',
    where: { file },
    remedy: 'choose another checkpoint; this one is incomplete',
  });
}
