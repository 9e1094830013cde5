import { type BenchCommand, type Measurement, measureCommand } from './measure-command.js';

export interface BenchCase extends BenchCommand {
  readonly name: string;
}

export interface CaseResult {
  readonly name: string;
  readonly runs: readonly Measurement[];
}

/** Runs every case `runs` times. The cases take turns, so that a busy minute of the machine hits all of them. */
export async function compare(
  cases: readonly BenchCase[],
  { runs = 3 }: { readonly runs?: number } = {},
): Promise<CaseResult[]> {
  const results = cases.map(({ name }) => ({ name, runs: [] as Measurement[] }));
  for (let turn = 0; turn < runs; turn += 1) {
    for (const [position, bench] of cases.entries()) {
      process.stderr.write(`run ${turn + 1}/${runs}: ${bench.name}\n`);
      results[position]?.runs.push(await measureCommand(bench));
    }
  }
  return results;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? (upper + (sorted[middle - 1] ?? Number.NaN)) / 2 : upper;
}

/** Medians of one case, and each as a multiple of the base case of the same benchmark. */
export interface Summary {
  readonly name: string;
  readonly runs: number;
  readonly cpuSeconds: number;
  /** Smallest and largest CPU seconds of the runs. */
  readonly cpuRange: readonly [number, number];
  readonly wallSeconds: number;
  readonly peakMegabytes: number;
  readonly cpuRatio: number;
  readonly wallRatio: number;
  readonly peakRatio: number;
}

/** @param base name of the case that the others are compared with; the first by default */
export function summarise(results: readonly CaseResult[], base = results[0]?.name): Summary[] {
  const medians = results.map(({ name, runs }) => {
    const cpu = runs.map((run) => run.cpuSeconds);
    return {
      name,
      runs: runs.length,
      cpuSeconds: median(cpu),
      cpuRange: [Math.min(...cpu), Math.max(...cpu)] as const,
      wallSeconds: median(runs.map((run) => run.wallSeconds)),
      peakMegabytes: median(runs.map((run) => run.peakMegabytes)),
    };
  });
  const reference = medians.find(({ name }) => name === base);
  if (reference === undefined) throw new Error(`no case is called ${base}`);
  return medians.map((result) => ({
    ...result,
    cpuRatio: result.cpuSeconds / reference.cpuSeconds,
    wallRatio: result.wallSeconds / reference.wallSeconds,
    peakRatio: result.peakMegabytes / reference.peakMegabytes,
  }));
}

export interface PrintOptions {
  /** Name of the case that the others are compared with; the first by default. */
  readonly base?: string;
  /** One JSON object per case instead of the table; by default when `--json` is among the arguments. */
  readonly json?: boolean;
}

/** Prints medians, spread and ratios on stdout. */
export function printComparison(
  results: readonly CaseResult[],
  { base, json = process.argv.includes('--json') }: PrintOptions = {},
): void {
  const summaries = summarise(results, base);
  const lines = json ? summaries.map((summary) => JSON.stringify(summary)) : tableLines(summaries);
  process.stdout.write(`${lines.join('\n')}\n`);
}

function tableLines(summaries: readonly Summary[]): string[] {
  const header = ['case', 'runs', 'CPU s', 'min-max', 'ratio', 'wall s', 'ratio', 'peak MB', 'ratio'];
  const rows = summaries.map((summary) => [
    summary.name,
    String(summary.runs),
    summary.cpuSeconds.toFixed(2),
    summary.cpuRange.map((seconds) => seconds.toFixed(2)).join('-'),
    summary.cpuRatio.toFixed(2),
    summary.wallSeconds.toFixed(2),
    summary.wallRatio.toFixed(2),
    summary.peakMegabytes.toFixed(0),
    summary.peakRatio.toFixed(2),
  ]);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [header, ...rows].map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
}
