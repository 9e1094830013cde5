import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** The part of a line of `logs/{run}.jsonl` (package training) that the report shows. */
const lineShape = z.object({
  kind: z.enum(['train', 'validation', 'epoch']),
  step: z.number(),
  loss: z.number().nullish(),
  meanLoss: z.number().nullish(),
  'hit@10': z.number().nullish(),
  samplesPerSecond: z.number().nullish(),
  peakBytes: z.number().nullish(),
});

export interface TrainingLog {
  readonly train: readonly { readonly step: number; readonly loss: number }[];
  readonly validation: readonly { readonly step: number; readonly loss: number; readonly hit10: number }[];
  readonly samplesPerSecond: number | undefined;
  readonly peakBytes: number | undefined;
}

/** The log of a run; undefined where there is none. A resumed run has written some steps again: the later line counts. */
export async function readTrainingLog(folder: string, run: string): Promise<TrainingLog | undefined> {
  const text = await readFile(join(folder, `${run}.jsonl`), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const train = new Map<number, { step: number; loss: number }>();
  const validation = new Map<number, { step: number; loss: number; hit10: number }>();
  let samplesPerSecond: number | undefined;
  let peakBytes: number | undefined;
  for (const line of text.split('\n')) {
    const parsed = lineShape.safeParse(line === '' ? undefined : jsonOf(line));
    if (!parsed.success) continue;
    const { kind, step, loss, meanLoss } = parsed.data;
    if (kind === 'train' && loss != null) {
      train.set(step, { step, loss: meanLoss ?? loss });
      samplesPerSecond = parsed.data.samplesPerSecond ?? samplesPerSecond;
      peakBytes = parsed.data.peakBytes ?? peakBytes;
    }
    if (kind === 'validation' && loss != null) {
      validation.set(step, { step, loss, hit10: parsed.data['hit@10'] ?? Number.NaN });
    }
  }
  const inOrder = <Point extends { step: number }>(points: Map<number, Point>): Point[] =>
    [...points.values()].sort((left, right) => left.step - right.step);
  return { train: inOrder(train), validation: inOrder(validation), samplesPerSecond, peakBytes };
}

/** A killed run may leave half a line at the end. */
function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
