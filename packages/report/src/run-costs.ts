import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { StageCost } from './sections/cost.js';

/** The part of `retail-sim-run.json` (package workflow) that the report shows. */
const recordShape = z.object({
  stages: z.record(
    z.string(),
    z.object({ seconds: z.number(), cpuSeconds: z.number().nullable(), peakBytes: z.number().nullable() }),
  ),
});

/** What the stages took, as `retail-sim run` measured; nothing where they were run by hand. */
export async function readRunCosts(file: string): Promise<readonly StageCost[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return [];
  }
  const parsed = recordShape.safeParse(JSON.parse(text));
  if (!parsed.success) return [];
  return Object.entries(parsed.data.stages).map(([stage, { seconds, cpuSeconds, peakBytes }]) => ({
    stage,
    seconds,
    cpuSeconds,
    peakBytes,
  }));
}
