import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProgress, processTerminal } from '@retail-sim/cli';
import type { DataPipelineOptions } from '../options.js';
import { PRICE_DEFAULTS } from '../price-derivation/parameters.js';
import { GRAPH_DEFAULTS, GRAPH_REFERENCE } from '../product-graph/parameters.js';
import { type DataPipelineResult, runDataPipeline } from '../run-data-pipeline.js';

/** A folder that goes with the test. */
export async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'data-pipeline-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

type Overrides = Partial<DataPipelineOptions> & Pick<DataPipelineOptions, 'input' | 'processed'>;

/** Options of a run: the defaults of the command line, or those of `--compat reference`. */
export function testOptions(overrides: Overrides): DataPipelineOptions {
  const compat = overrides.compat ?? false;
  return {
    calendar: undefined,
    nrows: undefined,
    maxRejectRate: 0.01,
    stages: [1, 2, 3, 4],
    split: { text: 'none', rule: { kind: 'none' } },
    fitThroughWeek: undefined,
    prices: PRICE_DEFAULTS,
    graph: compat ? GRAPH_REFERENCE : GRAPH_DEFAULTS,
    minTrips: 2,
    seed: 42,
    threads: 2,
    memoryLimit: 5e8,
    force: false,
    ...overrides,
    compat,
  };
}

/** Runs the pipeline without a word on the terminal. */
export function runQuietly(overrides: Overrides): Promise<DataPipelineResult> {
  return runDataPipeline(testOptions(overrides), {
    log: { detail: () => {}, info: () => {}, warn: () => {} },
    progress: createProgress(processTerminal(), true),
    signal: new AbortController().signal,
  });
}
