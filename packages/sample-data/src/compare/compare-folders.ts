import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { ProgressTask } from '@retail-sim/cli';
import { InputError } from '@retail-sim/errors';
import { jensenShannonDistance, ksComplement } from './distances.js';
import { FACETS, type Facet } from './facets.js';
import { loadLines } from './read-lines.js';
import { drawSamples, selectSample } from './samples.js';

export interface CompareOptions {
  readonly real: string;
  readonly synthetic: string;
  readonly seed: number;
  readonly threads: number;
  /** Pairs of samples that the figures are averaged over. */
  readonly rounds: number;
  readonly signal: AbortSignal;
  readonly task: ProgressTask;
}

/** How alike two sides are in a facet: means over the rounds. */
export interface Likeness {
  /** 1 minus the Kolmogorov-Smirnov distance. */
  readonly ksComplement: number;
  readonly jensenShannon: number;
}

export interface FacetComparison {
  readonly facet: string;
  readonly of: string;
  /** Middle value of each side in the first round. */
  readonly realMedian: number;
  readonly syntheticMedian: number;
  readonly synthetic: Likeness;
  /** Real customers against other real customers: as alike as a perfect generator could be. */
  readonly noiseFloor: Likeness;
}

export interface Comparison {
  /** Customers of each sample. */
  readonly customers: number;
  readonly rounds: number;
  readonly facets: readonly FacetComparison[];
}

/** Memory of the engine; what does not fit goes to a temporary folder. */
const ENGINE_MEMORY = '1GB';

/**
 * Compares synthetic with real transactions. In every round the real customers are split at random; one half is
 * compared with as many synthetic customers, and with the other half: the noise floor.
 */
export async function compareFolders(options: CompareOptions): Promise<Comparison> {
  const folder = await mkdtemp(join(tmpdir(), 'retail-compare-'));
  const instance = await DuckDBInstance.create(join(folder, 'lines.duckdb'), {
    threads: String(options.threads),
    memory_limit: ENGINE_MEMORY,
    temp_directory: folder,
    preserve_insertion_order: 'false',
  });
  try {
    const connection = await instance.connect();
    const comparison = await compareLoaded(connection, options);
    connection.closeSync();
    return comparison;
  } finally {
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}

async function compareLoaded(connection: DuckDBConnection, options: CompareOptions): Promise<Comparison> {
  const { seed, rounds, signal, task } = options;
  task.setTotal(2 + rounds);
  const real = await loadLines(connection, 'real', options.real);
  task.advance(1);
  signal.throwIfAborted();
  const synthetic = await loadLines(connection, 'synthetic', options.synthetic);
  task.advance(1);
  const size = Math.min(synthetic.customers, Math.floor(real.customers / 2));
  if (size === 0) throw tooFewCustomers(options, real.customers);
  const measured: FacetValues[] = [];
  for (let round = 0; round < rounds; round++) {
    signal.throwIfAborted();
    const [one, other] = drawSamples(seed, round, 'real', real, size, 2);
    const [made] = drawSamples(seed, round, 'synthetic', synthetic, size, 1);
    if (one === undefined || other === undefined || made === undefined) break;
    await selectSample(connection, 'real', 'real_one', one);
    await selectSample(connection, 'real', 'real_other', other);
    await selectSample(connection, 'synthetic', 'synthetic_one', made);
    for (const facet of FACETS) measured.push(await measureFacet(connection, facet));
    task.advance(1);
  }
  return {
    customers: size,
    rounds,
    facets: FACETS.map((facet) =>
      summarise(
        facet,
        measured.filter(({ name }) => name === facet.name),
      ),
    ),
  };
}

function tooFewCustomers({ real, synthetic }: CompareOptions, realCustomers: number): InputError {
  const file = realCustomers < 2 ? real : synthetic;
  return new InputError({
    what: realCustomers < 2 ? 'fewer than two customers' : 'no customers',
    where: { file },
    remedy: 'compare folders whose baskets have customers',
  });
}

interface FacetValues {
  readonly name: string;
  readonly realMedian: number;
  readonly syntheticMedian: number;
  readonly synthetic: Likeness;
  readonly noiseFloor: Likeness;
}

async function measureFacet(connection: DuckDBConnection, { name, sql }: Facet): Promise<FacetValues> {
  const one = await valuesOf(connection, sql('real_one'));
  const other = await valuesOf(connection, sql('real_other'));
  const made = await valuesOf(connection, sql('synthetic_one'));
  return {
    name,
    realMedian: medianOf(one),
    syntheticMedian: medianOf(made),
    synthetic: likenessOf(one, made),
    noiseFloor: likenessOf(one, other),
  };
}

async function valuesOf(connection: DuckDBConnection, sql: string): Promise<Float64Array> {
  const result = await connection.runAndReadAll(`SELECT value::DOUBLE FROM (${sql}) AS facet(value)`);
  return Float64Array.from(result.getColumns()[0] ?? [], Number);
}

const likenessOf = (left: Float64Array, right: Float64Array): Likeness => ({
  ksComplement: ksComplement(left, right),
  jensenShannon: jensenShannonDistance(left, right),
});

function medianOf(values: Float64Array): number {
  const sorted = values.toSorted();
  const middle = sorted.length >>> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

function summarise({ name, of }: Facet, rounds: readonly FacetValues[]): FacetComparison {
  const mean = (pick: (values: FacetValues) => number): number =>
    rounds.reduce((sum, values) => sum + pick(values), 0) / rounds.length;
  return {
    facet: name,
    of,
    realMedian: rounds[0]?.realMedian ?? Number.NaN,
    syntheticMedian: rounds[0]?.syntheticMedian ?? Number.NaN,
    synthetic: {
      ksComplement: mean(({ synthetic }) => synthetic.ksComplement),
      jensenShannon: mean(({ synthetic }) => synthetic.jensenShannon),
    },
    noiseFloor: {
      ksComplement: mean(({ noiseFloor }) => noiseFloor.ksComplement),
      jensenShannon: mean(({ noiseFloor }) => noiseFloor.jensenShannon),
    },
  };
}
