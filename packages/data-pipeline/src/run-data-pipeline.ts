import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  fingerprintInputs,
  type ManifestInput,
  openStage,
  type Stage,
  type StageRecord,
  TOOL_VERSION,
} from '@retail-sim/artifacts';
import type { TableDefinition } from '@retail-sim/artifacts/schema';
import { type Log, type Progress, readResources } from '@retail-sim/cli';
import { type Engine, openEngine } from './engine/open-engine.js';
import { type DataPipelineOptions, STAGES, type StepName } from './options.js';
import { findInputFiles, type InputFiles } from './read-transactions/input-files.js';
import type { Split } from './schemas/split.js';
import { SPLIT_FILE } from './schemas/split.js';
import { adoptIngest } from './steps/adopt-ingest.js';
import { INGEST_TABLES, ingest, loadIngested } from './steps/ingest.js';
import { AFFINITY_TABLES, runAffinity } from './steps/run-affinity.js';
import { MISSION_TABLES, runMissionPatterns } from './steps/run-mission-patterns.js';
import { PRICE_TABLES, runPriceDerivation } from './steps/run-price-derivation.js';
import { GRAPH_TABLES, runProductGraph } from './steps/run-product-graph.js';

/** What a step made of its input, for the table at the end and the manifest. */
export interface StepReport {
  readonly step: StepName;
  readonly status: 'done' | 'kept' | 'skipped';
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Highest resident memory of the process so far, bytes. */
  readonly peakBytes: number;
  readonly rows: number;
  readonly counts: Readonly<Record<string, number>>;
}

export interface DataPipelineResult {
  readonly folder: string;
  readonly split: Split;
  readonly steps: readonly StepReport[];
  readonly warnings: readonly string[];
}

/** What the steps share while a run lasts. */
export interface StepContext {
  readonly options: DataPipelineOptions;
  readonly engine: Engine;
  readonly stage: Stage;
  readonly input: InputFiles;
  readonly split: Split;
  readonly log: Log;
  readonly progress: Progress;
  readonly warn: (message: string) => void;
  /** An output of this run or of the last one. */
  readonly path: (table: TableDefinition) => string;
  /** Bytes of a table that may wait in the engine's memory. */
  readonly partBytes: number;
}

/** A step's counts; `rows` is the length of its main table. */
export interface StepResult {
  readonly rows: number;
  readonly counts: Readonly<Record<string, number>>;
}

interface Step {
  readonly name: StepName;
  readonly tables: readonly TableDefinition[];
  /** Changes when the step would make something else. */
  readonly key: string;
  readonly wanted: boolean;
  readonly run: (context: StepContext) => Promise<StepResult>;
}

/** While reading, the engine does the work; later it shares the limit with arrays. */
const READING_SHARE = 0.75;
const ENGINE_SHARE = 0.6;
/** The part of the engine's memory that rows may take while they wait to be written. */
const WAITING_SHARE = 0.5;

/**
 * Reads the raw data and runs the stages asked for, in order. A step whose inputs and parameters have not changed is
 * not run again; after each step the folder holds a complete manifest of what is there.
 */
export async function runDataPipeline(
  options: DataPipelineOptions,
  surroundings: Pick<StepContext, 'log' | 'progress'> & { readonly signal: AbortSignal },
): Promise<DataPipelineResult> {
  const { log, signal } = surroundings;
  const warnings: string[] = [];
  const warn = (message: string) => {
    warnings.push(message);
    log.warn(message);
  };
  const input = await findInputFiles(options.input, options.calendar);
  await using stage = await openStage(options.processed, 'retail-data-pipeline');
  const calendarFile = input.calendar === null ? [] : [input.calendar];
  const fingerprints = (files: readonly string[]) =>
    fingerprintInputs(options.processed, [...files, ...calendarFile], stage.previous?.inputs);
  // With --nrows nothing behind the rows asked for is read, not even to hash it: the files are known after reading.
  const isWhole = options.nrows === undefined;
  const sources = input.ingested === null ? input.files : ingestedFiles(input.ingested);
  let inputs = isWhole ? await fingerprints(sources) : [];
  await using engine = await openEngine({
    folder: options.processed,
    threads: options.threads,
    memoryLimit: options.memoryLimit * READING_SHARE,
  });
  const made = new Map<string, string>();
  const base = {
    ...surroundings,
    options,
    engine,
    stage: remembering(stage, made),
    input,
    warn,
    path: (table: TableDefinition) => made.get(table.file) ?? join(options.processed, table.file),
    partBytes: options.memoryLimit * ENGINE_SHARE * WAITING_SHARE,
  };

  const reports: StepReport[] = [];
  const keys: Record<string, string> = {};
  const counts: Record<string, number> = {};
  let rejects: StageRecord['rejects'] = null;
  let ingestKey = hash(ingestParameters(options, inputs));
  const readStarted = readResources();
  const kept =
    !options.force &&
    isWhole &&
    (await keepStep(stage, { name: 'read', tables: INGEST_TABLES, key: ingestKey }, [SPLIT_FILE]));
  const read = kept
    ? await loadIngested(base, stage.previous)
    : input.ingested === null
      ? await ingest(base)
      : await adoptIngest(base, input.ingested);
  if (!isWhole) {
    inputs = await fingerprints(read.filesRead);
    ingestKey = hash(ingestParameters(options, inputs));
  }
  await engine.limitMemory(options.memoryLimit * ENGINE_SHARE);
  const isUnchanged = !options.force && (kept || ingestKey === previousKey(stage, 'read'));
  if (!isUnchanged) log.detail('the raw data, or how to read it, has changed: every step runs');
  keys['read'] = ingestKey;
  rejects = read.rejects;
  reports.push({
    step: 'read',
    status: kept ? 'kept' : 'done',
    ...readResources(readStarted),
    rows: read.rows,
    counts: read.counts,
  });
  Object.assign(counts, read.counts);
  const split = read.split;
  const context: StepContext = { ...base, split };

  const steps = stepsOf(options, ingestKey);
  const keepable = new Map<StepName, boolean>();
  for (const step of steps) {
    keepable.set(step.name, isUnchanged && (await keepStep(stage, step, [])));
  }
  for (const step of steps) {
    signal.throwIfAborted();
    const started = readResources();
    if (keepable.get(step.name) === true) {
      keys[step.name] = step.key;
      const before = stepCounts(stage.previous?.counts ?? {}, step.name);
      Object.assign(counts, prefixed(step.name, before));
      reports.push({
        step: step.name,
        status: 'kept',
        ...readResources(started),
        rows: before['rows'] ?? 0,
        counts: before,
      });
      continue;
    }
    if (!step.wanted) {
      reports.push({ step: step.name, status: 'skipped', ...readResources(started), rows: 0, counts: {} });
      continue;
    }
    const result = await step.run(context);
    keys[step.name] = step.key;
    Object.assign(counts, prefixed(step.name, { ...result.counts, rows: result.rows }));
    reports.push({ step: step.name, status: 'done', ...readResources(started), ...result });
    await commit();
  }
  await commit();
  return { folder: options.processed, split, steps: reports, warnings };

  async function commit(): Promise<void> {
    await stage.commit({
      mode: options.compat ? 'reference' : 'corrected',
      parameters: { ...parametersOf(options), keys },
      seed: options.seed,
      fitThroughWeek: split.fitThroughShopWeek,
      split: split.rule,
      inputs,
      upstream: [],
      rejects,
      counts,
    });
    made.clear();
  }
}

function stepsOf(options: DataPipelineOptions, ingestKey: string): Step[] {
  const { compat, prices, graph, minTrips, split, fitThroughWeek, stages } = options;
  const common = { ingestKey, compat, split: split.text, fitThroughWeek: fitThroughWeek ?? null };
  const priceKey = hash({ ...common, prices });
  const keys: Record<StepName, string> = {
    read: ingestKey,
    'price-derivation': priceKey,
    'product-graph': hash({ ...common, graph: JSON.stringify(graph), prices: compat ? null : priceKey }),
    'customer-store-affinity': hash({ ...common, stage: 3 }),
    'mission-patterns': hash({ ...common, stage: 4, minTrips }),
  };
  const runs = {
    'price-derivation': { tables: PRICE_TABLES, run: runPriceDerivation },
    'product-graph': { tables: GRAPH_TABLES, run: runProductGraph },
    'customer-store-affinity': { tables: AFFINITY_TABLES, run: runAffinity },
    'mission-patterns': { tables: MISSION_TABLES, run: runMissionPatterns },
  } as const;
  return STAGES.map(({ number, name }) => ({
    name,
    key: keys[name],
    wanted: stages.includes(number),
    ...runs[name],
  }));
}

/** Takes over the outputs of a step if the last run made them from the same inputs with the same parameters. */
async function keepStep(
  stage: Stage,
  step: Pick<Step, 'name' | 'tables' | 'key'>,
  files: readonly string[],
): Promise<boolean> {
  if (previousKey(stage, step.name) !== step.key) return false;
  for (const name of [...step.tables.map(({ file }) => file), ...files]) {
    const optional = stage.previous?.outputs[name] === undefined && name.includes('_weekly');
    if (!optional && !(await stage.keep(name))) return false;
  }
  return true;
}

/** The key with which the last run here made the outputs of a step. */
function previousKey({ previous }: Stage, step: StepName): unknown {
  const keys: unknown = previous?.parameters['keys'];
  return typeof keys === 'object' && keys !== null ? Reflect.get(keys, step) : undefined;
}

/** Remembers where the outputs lie until they are published. */
function remembering(stage: Stage, made: Map<string, string>): Stage {
  return {
    ...stage,
    async table(table, batches, options) {
      const written = await stage.table(table, batches, options);
      made.set(table.file, written.path);
      return written;
    },
    async file(name, write, about) {
      const written = await stage.file(name, write, about);
      made.set(name, written.path);
      return written;
    },
  };
}

function ingestedFiles(folder: string): string[] {
  return INGEST_TABLES.map(({ file }) => join(folder, file));
}

function ingestParameters(options: DataPipelineOptions, inputs: readonly ManifestInput[]) {
  return {
    files: inputs.map(({ file, sha256 }) => [file, sha256]),
    version: TOOL_VERSION,
    schemas: INGEST_TABLES.map(({ name, version }) => `${name} ${version}`),
    nrows: options.nrows ?? null,
    compat: options.compat,
    maxRejectRate: options.maxRejectRate,
    split: options.split.text,
    fitThroughWeek: options.fitThroughWeek ?? null,
  };
}

function parametersOf({
  prices,
  graph,
  minTrips,
  nrows,
  maxRejectRate,
  split,
  fitThroughWeek,
}: DataPipelineOptions) {
  return {
    nrows: nrows ?? null,
    maxRejectRate,
    split: split.text,
    fitThroughWeek: fitThroughWeek ?? null,
    prices: { ...prices },
    // JSON knows no infinity: null stands for "no limit".
    graph: Object.fromEntries(
      Object.entries(graph).map(([key, value]) => [key, value === Number.POSITIVE_INFINITY ? null : value]),
    ),
    minTrips,
  };
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}

function prefixed(step: StepName, counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).map(([name, value]) => [`${step}.${name}`, value]));
}

function stepCounts(counts: Readonly<Record<string, number>>, step: StepName): Record<string, number> {
  const own = Object.entries(counts).filter(([name]) => name.startsWith(`${step}.`));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(step.length + 1), value]));
}

/** The split as the manifest's file. */
export function writeSplit(path: string, split: Split): Promise<void> {
  return writeFile(path, `${JSON.stringify(split, null, 2)}\n`);
}
