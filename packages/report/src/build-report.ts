import { readSplit } from '@retail-sim/data-pipeline/schemas';
import { InputError } from '@retail-sim/errors';
import { page } from './page/page.js';
import type { Section } from './page/section.js';
import { type Evaluation, readNewestEvaluation } from './read-evaluation.js';
import { readTrainingLog } from './read-training-log.js';
import { readRunCosts } from './run-costs.js';
import { type RunFolders, readStageFolders, type StageFolder } from './run-folders.js';
import { brandsAndNeighboursSection } from './sections/brands-and-neighbours.js';
import { calibrationSection } from './sections/calibration.js';
import { costSection } from './sections/cost.js';
import { dataProfileSection } from './sections/data-profile.js';
import { evaluationSection } from './sections/evaluation.js';
import { lineageSection } from './sections/lineage.js';
import { missingSection } from './sections/missing.js';
import { pricesSection } from './sections/prices.js';
import { productGraphSection } from './sections/product-graph.js';
import { splitAndLeakageSection } from './sections/split-and-leakage.js';
import { trainingSection } from './sections/training.js';
import { openTables, type Tables } from './tables.js';

export interface ReportOptions {
  readonly folders: RunFolders;
  readonly title: string;
  /** Name of the training run. */
  readonly run: string;
  /** Folder of the evaluations, and of the logs of training. */
  readonly results: string;
  readonly logs: string;
  /** What `retail-sim run` has measured; may be missing. */
  readonly runRecord: string;
  readonly threads: number;
  /** Called after each section, with the number done and of all. */
  readonly progress: (done: number, all: number) => void;
  readonly signal: AbortSignal;
}

export interface Report {
  readonly html: string;
  /** One sentence a section, for the terminal. */
  readonly findings: readonly string[];
}

/**
 * Reads what the stages have written and makes one page of it; parts that are not there yet say what makes them.
 *
 * @throws InputError where no stage has finished, or a manifest cannot be read
 */
export async function buildReport(options: ReportOptions): Promise<Report> {
  const { folders, signal } = options;
  const stages = await readStageFolders(folders);
  if (stages.every(({ name, manifest }) => name === 'raw' || manifest === undefined)) {
    throw new InputError({
      what: 'there is nothing to report: no stage has finished here',
      where: { file: folders.processed },
      remedy: 'run retail-sim run, or name the folders of another run',
    });
  }
  const tables = await openTables(options.threads);
  try {
    const parts = reportParts(options, stages, tables, await readNewestEvaluation(options.results));
    const sections: Section[] = [];
    for (const [place, part] of parts.entries()) {
      signal.throwIfAborted();
      sections.push(await part());
      options.progress(place + 1, parts.length);
    }
    const newest =
      stages
        .map(({ manifest }) => manifest?.finished ?? '')
        .sort()
        .at(-1) ?? '';
    return {
      html: page(
        options.title,
        `Newest stage finished ${newest.slice(0, 16).replace('T', ' ')} UTC.`,
        sections,
      ),
      findings: sections.flatMap(({ finding }) => (finding === undefined ? [] : [finding])),
    };
  } finally {
    tables.close();
  }
}

type Part = () => Promise<Section> | Section;

/** In the order of the page. */
function reportParts(
  options: ReportOptions,
  stages: readonly StageFolder[],
  tables: Tables,
  evaluation: Evaluation | undefined,
): readonly Part[] {
  const { processed } = options.folders;
  const holds = (name: string, file: string): boolean =>
    stages.some(({ name: found, manifest }) => found === name && manifest?.outputs[file] !== undefined);
  const pipeline =
    (id: string, title: string, file: string, part: () => Promise<Section>): Part =>
    () =>
      holds('processed', file) ? part() : missingSection(id, title, 'retail-data-pipeline');
  return [
    pipeline('data', 'Data', 'baskets.parquet', async () =>
      dataProfileSection(tables, {
        processed,
        splitEnds: splitEnds(await readSplit(processed)),
        rejects: stages.find(({ name }) => name === 'processed')?.manifest?.rejects?.rows,
      }),
    ),
    pipeline('prices', 'Prices and promotions', 'prices_derived.parquet', () =>
      pricesSection(tables, processed),
    ),
    pipeline('graph', 'Product graph', 'product_graph_edges.parquet', () =>
      productGraphSection(tables, processed),
    ),
    pipeline('split', 'Split and leakage', 'split.json', async () =>
      splitAndLeakageSection(await readSplit(processed), stages),
    ),
    async () =>
      holds('features', 'pseudo_brands.parquet') && holds('features', 'product_embeddings.parquet')
        ? brandsAndNeighboursSection(tables, options.folders)
        : missingSection('features', 'Brands and neighbours', 'retail-feature-engineering'),
    async () => {
      const log = await readTrainingLog(options.logs, options.run);
      return log === undefined
        ? missingSection('training', 'Training', 'retail-train')
        : trainingSection(options.run, log);
    },
    () =>
      evaluation === undefined
        ? missingSection('evaluation', 'Evaluation', 'retail-evaluate')
        : evaluationSection(evaluation),
    () =>
      evaluation?.calibration === undefined
        ? missingSection('calibration', 'Calibration', 'retail-evaluate')
        : calibrationSection(evaluation.calibration),
    async () => {
      const costs = await readRunCosts(options.runRecord);
      return costs.length === 0
        ? missingSection('cost', 'Time and memory', 'retail-sim run')
        : costSection(costs);
    },
    () => lineageSection(stages),
  ];
}

function splitEnds(split: { readonly train: readonly number[]; readonly validation: readonly number[] }) {
  const train = Math.max(...split.train);
  const validation = Math.max(...split.validation);
  return Number.isFinite(train) && Number.isFinite(validation) ? { train, validation } : undefined;
}
