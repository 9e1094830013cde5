import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@retail-sim/errors';
import { z } from 'zod';

/** Raised when the meaning of a field changes. */
export const STATE_VERSION = 1;

const state = z.strictObject({
  stateVersion: z.literal(STATE_VERSION),
  /** Configuration and switches of the model, as `createWorldModel` takes them. */
  model: z.record(z.string(), z.unknown()),
  /** Every option of the run that changes its numbers. */
  training: z.record(z.string(), z.unknown()),
  seed: z.int(),
  /** Epoch in progress, from 1. */
  epoch: z.int().min(1),
  /** Micro-batches of that epoch that are already in the weights. */
  microBatch: z.int().min(0),
  /** Optimizer steps so far. */
  step: z.int().min(0),
  skippedSteps: z.int().min(0),
  earlyStopping: z.strictObject({
    /** null stands for infinity, which JSON has no word for. */
    bestLoss: z.number().nullable(),
    bestEpoch: z.int(),
    epochsWithoutImprovement: z.int(),
  }),
  /** Tensors that the run was trained on: their files and how they are read, see `dataHash`. */
  tensors: z.strictObject({ contentHash: z.string(), vocabularySha256: z.string() }),
  metrics: z.record(z.string(), z.number().nullable()),
  writtenBy: z.strictObject({
    toolVersion: z.string(),
    node: z.string(),
    device: z.string(),
    gitRevision: z.string().nullable(),
  }),
});

/** What a checkpoint holds besides tensors (spec 5, 8.1). Random numbers need no state: every generator is keyed. */
export type TrainingState = z.infer<typeof state>;

export function writeTrainingState(folder: string, value: TrainingState): void {
  writeFileSync(join(folder, 'state.json'), `${JSON.stringify(state.parse(value), null, 2)}\n`);
}

/** @throws InputError when the file is not a state of this version. */
export function readTrainingState(folder: string): TrainingState {
  const file = join(folder, 'state.json');
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new InputError({
      what: 'the state of the checkpoint cannot be read as JSON',
      where: { file },
      remedy: 'choose another checkpoint; this one is damaged',
      cause,
    });
  }
  const parsed = state.safeParse(content);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new InputError({
      what: `the state of the checkpoint is not of version ${STATE_VERSION}: ${issue?.path.join('.')}: ${issue?.message}`,
      where: { file },
      remedy: 'choose another checkpoint, or train again with: pnpm retail-train',
    });
  }
  return parsed.data;
}
