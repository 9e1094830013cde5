// Runs the real data pipeline and this stage on raw rows; for tests.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readWholeTable, rowsOf, type TableDefinition } from '@retail-sim/artifacts';
import { createProgress, processTerminal } from '@retail-sim/cli';
import {
  type DataPipelineOptions,
  GRAPH_DEFAULTS,
  GRAPH_REFERENCE,
  PRICE_DEFAULTS,
  parseSplitRule,
  runDataPipeline,
} from '@retail-sim/data-pipeline';
import type { FeatureEngineeringOptions } from '../options.js';
import { TIER_LIMITS } from '../pseudo-brands/price-tier.js';
import { type FeatureEngineeringResult, runFeatureEngineering } from '../run-feature-engineering.js';

/** A folder that goes with the test. */
export async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'feature-engineering-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

const quiet = () => ({
  log: { detail: () => {}, info: () => {}, warn: () => {} },
  progress: createProgress(processTerminal(), true),
  signal: new AbortController().signal,
});

export interface PipelineRun {
  readonly input: readonly string[];
  readonly processed: string;
  readonly calendar?: string;
  readonly compat?: boolean;
  readonly split?: string;
  readonly graph?: Partial<DataPipelineOptions['graph']>;
  readonly stages?: DataPipelineOptions['stages'];
  readonly nrows?: number;
  readonly maxRejectRate?: number;
}

/** Runs stages 1 to 4 without a word on the terminal. */
export async function runPipeline(run: PipelineRun): Promise<void> {
  const compat = run.compat ?? false;
  const split = run.split ?? 'none';
  await runDataPipeline(
    {
      input: run.input,
      calendar: run.calendar,
      processed: run.processed,
      nrows: run.nrows,
      maxRejectRate: run.maxRejectRate ?? 0.01,
      stages: run.stages ?? [1, 2, 3, 4],
      compat,
      split: { text: split, rule: parseSplitRule(split) ?? { kind: 'none' } },
      fitThroughWeek: undefined,
      prices: PRICE_DEFAULTS,
      graph: { ...(compat ? GRAPH_REFERENCE : GRAPH_DEFAULTS), ...run.graph },
      minTrips: 2,
      seed: 42,
      threads: 1,
      memoryLimit: 5e8,
      force: false,
    },
    quiet(),
  );
}

/** Options of a run: the defaults of the command line. */
export function featureOptions(
  overrides: Partial<FeatureEngineeringOptions> & Pick<FeatureEngineeringOptions, 'processed' | 'features'>,
): FeatureEngineeringOptions {
  return {
    mode: 'corrected',
    split: undefined,
    fitThroughWeek: undefined,
    nrows: undefined,
    layers: [1, 2, 3, 4, 5],
    tierLimits: TIER_LIMITS,
    substitutionThreshold: 0.5,
    priceScalars: false,
    embedding: 'spectral',
    device: 'auto',
    seed: 42,
    threads: 1,
    force: false,
    ...overrides,
  };
}

/** Runs the layers without a word on the terminal. */
export function runFeatures(
  overrides: Parameters<typeof featureOptions>[0],
): Promise<FeatureEngineeringResult> {
  return runFeatureEngineering(featureOptions(overrides), quiet());
}

export type AnyRow = Readonly<Record<string, unknown>>;

/** A table of a stage folder as objects. */
export async function readRows(folder: string, table: TableDefinition): Promise<readonly AnyRow[]> {
  return [...rowsOf(table, await readWholeTable(join(folder, table.file), table))];
}

/** One line of the raw data. */
export interface RawLine {
  readonly week: number;
  /** YYYYMMDD */
  readonly date: number;
  readonly weekday: number;
  readonly hour: number;
  readonly quantity: number;
  /** Pounds, as the till writes them. */
  readonly spend: string;
  readonly product: string;
  /** PROD_CODE_10 to PROD_CODE_40. */
  readonly categories: readonly [string, string, string, string];
  /** Empty: anonymous. */
  readonly customer: string;
  readonly segments: readonly [string, string];
  readonly basket: number;
  readonly size: string;
  readonly sensitivity: string;
  readonly type: string;
  readonly focus: string;
  readonly store: string;
  readonly format: string;
  readonly region: string;
}

const HEADER =
  'SHOP_WEEK,SHOP_DATE,SHOP_WEEKDAY,SHOP_HOUR,QUANTITY,SPEND,PROD_CODE,PROD_CODE_10,PROD_CODE_20,PROD_CODE_30,PROD_CODE_40,CUST_CODE,CUST_PRICE_SENSITIVITY,CUST_LIFESTAGE,BASKET_ID,BASKET_SIZE,BASKET_PRICE_SENSITIVITY,BASKET_TYPE,BASKET_DOMINANT_MISSION,STORE_CODE,STORE_FORMAT,STORE_REGION';

/** Writes `transactions.csv` and `time.csv`; returns the file of the transactions. */
export async function writeRaw(
  folder: string,
  lines: readonly RawLine[],
  calendar: readonly CalendarWeek[],
): Promise<string> {
  const file = join(folder, 'transactions.csv');
  const rows = lines.map((line) =>
    [
      line.week,
      line.date,
      line.weekday,
      line.hour,
      line.quantity,
      line.spend,
      line.product,
      ...line.categories,
      line.customer,
      ...line.segments,
      line.basket,
      line.size,
      line.sensitivity,
      line.type,
      line.focus,
      line.store,
      line.format,
      line.region,
    ].join(','),
  );
  await writeFile(file, `${[HEADER, ...rows].join('\n')}\n`);
  const weeks = calendar.map(({ week, from, to }) => `${week},${dateNumber(from)},${dateNumber(to)}`);
  await writeFile(join(folder, 'time.csv'), `${['shop_week,date_from,date_to', ...weeks].join('\n')}\n`);
  return file;
}

export interface CalendarWeek {
  /** YYYYWW */
  readonly week: number;
  /** Days since 1970-01-01, Monday and Sunday. */
  readonly from: number;
  readonly to: number;
}

/** Monday 10 April 2006, the first day of fiscal week 200607. */
const FIRST_MONDAY = 13_248;

/** Fiscal weeks from 200607 on, 52 a year. */
export function fiscalWeeks(count: number): CalendarWeek[] {
  return Array.from({ length: count }, (_, index) => {
    const ordinal = 6 + index;
    const week = (2006 + Math.floor(ordinal / 52)) * 100 + (ordinal % 52) + 1;
    return { week, from: FIRST_MONDAY + 7 * index, to: FIRST_MONDAY + 7 * index + 6 };
  });
}

/** Day as the raw data write it, YYYYMMDD. */
export function dateNumber(day: number): number {
  return Number(new Date(day * 86_400_000).toISOString().slice(0, 10).replaceAll('-', ''));
}
