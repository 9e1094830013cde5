import { dirname } from 'node:path';
import { contentsId, readManifest } from '@retail-sim/artifacts';
import type { CommandContext } from '@retail-sim/cli';
import { readRunRecord, type StageRun, writeRunRecord } from './run-record.js';
import { runStage } from './run-stage.js';
import { type RunSettings, stageFlags } from './stage-flags.js';
import type { Stage } from './stages.js';
import { askedOf, isUpToDate, sourcesOf } from './up-to-date.js';

export interface StageReport extends StageRun {
  readonly stage: string;
  /** False where everything was there already. */
  readonly ran: boolean;
}

/**
 * Runs stages one after the other, each as its own process. A stage whose folder already holds what it would make is
 * left out. What is finished stays, so a stopped run goes on where it was.
 */
export async function runStages(
  stages: readonly Stage[],
  settings: RunSettings,
  context: CommandContext,
  { force }: { readonly force: boolean },
): Promise<readonly StageReport[]> {
  const recordFolder = dirname(settings.folders.processed);
  const reports: StageReport[] = [];
  for (const [index, stage] of stages.entries()) {
    const record = await readRunRecord(recordFolder);
    const last = record.stages[stage.name];
    const place = `${index + 1}/${stages.length} ${stage.name}`;
    if (!force && last !== undefined && (await isUpToDate(stage, settings, last))) {
      context.log.info(`${place}: up to date`);
      reports.push({ stage: stage.name, ran: false, ...last });
      continue;
    }
    const asked = await askedOf(stage, settings);
    const sources = [...(await sourcesOf(stage, settings))];
    const outcome = await runStage(stage, stageFlags(stage, settings), context, `${place}: `);
    const manifest = await readManifest(settings.folders[stage.writes], stage.command);
    const run: StageRun = { asked, contents: contentsId(manifest), sources, ...outcome };
    await writeRunRecord(recordFolder, { version: 1, stages: { ...record.stages, [stage.name]: run } });
    reports.push({ stage: stage.name, ran: true, ...run });
  }
  return reports;
}
