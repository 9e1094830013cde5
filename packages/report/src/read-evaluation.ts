import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const interval = z.object({ low: z.number(), high: z.number() });
const metrics = z.object({
  count: z.number(),
  'hit@1': z.number(),
  'hit@10': z.number(),
  mrr: z.number(),
});
const row = z.object({
  scorer: z.string(),
  segment: z.string(),
  value: z.string(),
  metrics,
  intervals: z.object({ 'hit@1': interval, 'hit@10': interval, mrr: interval }),
});
const scores = z.object({
  count: z.number(),
  model: z.number().optional(),
  majority: z.number(),
  asOfPrior: z.number(),
});

/** The part of the JSON file of `retail-evaluate` (package training) that the report shows. */
export const evaluationShape = z.object({
  split: z.string(),
  baskets: z.number(),
  hiddenProducts: z.number(),
  rows: z.array(row),
  comparisons: z.array(
    z.object({
      metric: z.enum(['hit@1', 'hit@10', 'mrr']),
      bestBaseline: z.string(),
      model: z.number(),
      baseline: z.number(),
      difference: interval,
    }),
  ),
  calibration: z
    .object({
      expectedCalibrationError: z.number(),
      brier: z.number(),
      bins: z.array(z.object({ count: z.number(), meanConfidence: z.number(), accuracy: z.number() })),
    })
    .optional(),
  auxiliary: z.record(z.string(), scores),
});

export type Evaluation = z.infer<typeof evaluationShape>;

/** The newest evaluation in a folder, by the time in its name (`eval_{split}_{time}.json`); undefined without one. */
export async function readNewestEvaluation(folder: string): Promise<Evaluation | undefined> {
  const names = await readdir(folder).catch(() => []);
  const [newest] = names
    .filter((name) => /^eval_.*\.json$/.test(name))
    .sort()
    .reverse();
  if (newest === undefined) return undefined;
  return evaluationShape.parse(JSON.parse(await readFile(join(folder, newest), 'utf8')));
}
