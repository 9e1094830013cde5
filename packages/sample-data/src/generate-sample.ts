import { readdir, writeFile } from 'node:fs/promises';
import { openStage, type Stage } from '@retail-sim/artifacts';
import type { ProgressTask } from '@retail-sim/cli';
import { InputError } from '@retail-sim/errors';
import { timeCsv } from './calendar/shop-calendar.js';
import { writeGroundTruth } from './ground-truth/ground-truth.js';
import type { SegmentNames } from './transactions/week-csv.js';
import { drawShoppers, type WeekCounts } from './transactions/write-week.js';
import { openWeekPool } from './transactions/write-weeks.js';
import { buildWorld, type SampleParameters } from './world.js';

export const COMMAND = 'retail-sample-data';

export interface GenerateOptions {
  readonly out: string;
  readonly threads: number;
  readonly gzip: boolean;
  readonly segmentNames: SegmentNames;
  /** Makes the files even where the folder holds transactions of somebody else. */
  readonly force: boolean;
  readonly signal: AbortSignal;
  readonly task: ProgressTask;
}

export interface SampleSummary {
  readonly folder: string;
  readonly rows: number;
  readonly baskets: number;
  readonly weeks: number;
  readonly customers: number;
  readonly products: number;
  readonly stores: number;
}

/** Makes the weekly files, the calendar and the ground truth, and publishes them together. */
export async function generateSample(
  parameters: SampleParameters,
  options: GenerateOptions,
): Promise<SampleSummary> {
  await using stage = await openStage(options.out, COMMAND);
  await refuseForeignData(stage, options);
  const world = buildWorld(parameters);
  const shoppers = drawShoppers(world);
  const weeks = world.calendar.filter(({ hasData }) => hasData);
  options.task.setTotal(weeks.length);
  const pool = openWeekPool(world, shoppers, options);
  const counts: WeekCounts[] = [];
  try {
    const left = [...weeks];
    const makeWeeks = async (): Promise<void> => {
      for (let week = left.shift(); week !== undefined; week = left.shift()) {
        options.signal.throwIfAborted();
        const { index } = week;
        const name = `transactions_${week.week}.csv${options.gzip ? '.gz' : ''}`;
        await stage.file(name, async (path) => {
          counts.push(await pool.write(index, path));
        });
        options.task.advance(1);
      }
    };
    await Promise.all(Array.from({ length: options.threads }, makeWeeks));
  } finally {
    await pool.close();
  }
  await stage.file('time.csv', (path) => writeFile(path, timeCsv(world.calendar)));
  await writeGroundTruth(stage, world, shoppers);
  await stage.file('ground_truth/parameters.json', (path) =>
    writeFile(path, `${JSON.stringify(parameters, null, 2)}\n`),
  );
  const summary: SampleSummary = {
    folder: options.out,
    rows: counts.reduce((sum, { rows }) => sum + rows, 0),
    baskets: counts.reduce((sum, { baskets }) => sum + baskets, 0),
    weeks: weeks.length,
    customers: parameters.customers,
    products: parameters.products,
    stores: parameters.stores,
  };
  const { folder, ...manifestCounts } = summary;
  await stage.commit({
    mode: 'corrected',
    parameters: { ...parameters, gzip: options.gzip, segmentColumns: options.segmentNames },
    seed: parameters.seed,
    fitThroughWeek: null,
    split: null,
    inputs: [],
    upstream: [],
    rejects: null,
    counts: manifestCounts,
  });
  return summary;
}

/** Real data are never overwritten: transactions that no earlier run of this command made stop the run. */
async function refuseForeignData(stage: Stage, { out, force }: GenerateOptions): Promise<void> {
  const foreign = (await readdir(out)).find(
    (name) => /^(transactions.*\.csv(\.gz)?|time\.csv)$/.test(name) && !stage.own.has(name),
  );
  if (foreign === undefined || force) return;
  throw new InputError({
    what: `${foreign} is there, and this command did not make it`,
    where: { file: out },
    remedy: 'give another folder with --out, or --force to write beside it',
  });
}
