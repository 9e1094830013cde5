import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CommandContext } from '@retail-sim/cli';
import { type RunRecord, readRunRecord, type StageRun, writeRunRecord } from './run-record.js';
import { runStage } from './run-stage.js';
import { type RunSettings, stageFlags } from './stage-flags.js';
import type { Stage } from './stages.js';
import { askedOf, isUpToDate, productOf, sourcesOf } from './up-to-date.js';

export interface StageReport extends StageRun {
  readonly stage: string;
  /** False where everything was there already. */
  readonly ran: boolean;
}

/**
 * Runs stages one after the other, each as its own process. A stage whose folder already holds what it would make is
 * left out. What is finished stays, so a stopped run goes on where it was: inside a stage that can resume, too.
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
    const asked = await askedOf(stage, settings, record);
    if (!force && last !== undefined && (await isUpToDate(stage, settings, last, asked))) {
      context.log.info(`${place}: up to date`);
      reports.push({ stage: stage.name, ran: false, ...last });
      continue;
    }
    const resume = !force && (await canResume(stage, settings, record, asked));
    const { [stage.name]: _, ...finished } = record.stages;
    const begun: RunRecord = {
      ...record,
      stages: finished,
      begun: { ...record.begun, [stage.name]: asked },
    };
    await writeRunRecord(recordFolder, begun);
    const sources = [...(await sourcesOf(stage, settings))];
    const outcome = await runStage(stage, stageFlags(stage, settings, resume), context, `${place}: `);
    const run: StageRun = {
      asked,
      ...(await productOf(stage, settings, outcome.result)),
      sources,
      ...outcome,
    };
    const { [stage.name]: __, ...others } = begun.begun;
    await writeRunRecord(recordFolder, {
      ...begun,
      stages: { ...finished, [stage.name]: run },
      begun: others,
    });
    reports.push({ stage: stage.name, ran: true, ...run });
  }
  return reports;
}

/** The stage was begun with the same request, and left something that it can go on from. */
async function canResume(
  stage: Stage,
  { folders, run }: RunSettings,
  { begun }: RunRecord,
  asked: string,
): Promise<boolean> {
  if (stage.resumesFrom === undefined || begun[stage.name] !== asked) return false;
  return access(stage.resumesFrom(folders, run)).then(
    () => true,
    () => false,
  );
}
