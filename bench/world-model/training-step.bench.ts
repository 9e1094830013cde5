// One training step of the full model (23 million parameters, S = 50): forward, backward, clipping, AdamW, with dropout.
//
//   pnpm bench world-model/training-step [--devices wasm,cpu] [--batch 8,32] [--history 0,50] [--threads 1,2]
//                                        [--runs 3] [--steps 3] [--python python3] [--recompute] [--json]
//
// Every case is a process of its own; it prints what a step took after a first one that is not counted. A device that this
// machine doesn't have is left out with its reason, and so is the PyTorch model where python3 has no torch.
// --recompute measures each case with gradient checkpointing, too.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DEVICE_NAMES, resolveDevice } from '@retail-sim/world-model';
import { median } from '../measure/compare.js';
import { type BenchCommand, measureCommand } from '../measure/measure-command.js';

interface StepCase extends BenchCommand {
  readonly device: string;
  readonly threads: number;
  readonly batch: number;
  readonly history: number;
  readonly recompute: boolean;
}

interface StepResult {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly peakTensorMegabytes: number;
  readonly peakMegabytes: number;
}

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: 'wasm,cpu,cuda,webgpu' },
    batch: { type: 'string', default: '8,32' },
    history: { type: 'string', default: '0,50' },
    threads: { type: 'string', default: '1,2' },
    runs: { type: 'string', default: '3' },
    steps: { type: 'string', default: '3' },
    python: { type: 'string', default: 'python3' },
    recompute: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const list = (text: string): string[] => text.split(',').filter((part) => part !== '');
const numbers = (text: string): number[] => list(text).map(Number);
const programs = import.meta.dirname;
/** The Python program is not compiled: it lies beside the sources. */
const PYTORCH_STEP = join(programs, '..', '..', 'world-model', 'pytorch_step.py');

async function availableDevices(): Promise<string[]> {
  const available: string[] = [];
  for (const name of DEVICE_NAMES.filter((known) => list(values.devices).includes(known))) {
    const opened = await resolveDevice(name).catch((error: unknown) => {
      process.stderr.write(`left out: ${error instanceof Error ? error.message : String(error)}\n`);
    });
    if (opened === undefined) continue;
    process.stderr.write(`${name}: ${opened.description}\n`);
    available.push(name);
    await opened.close();
  }
  return available;
}

function hasPyTorch(): boolean {
  const { status } = spawnSync(values.python, [PYTORCH_STEP, '--check'], { stdio: 'ignore' });
  if (status !== 0) process.stderr.write(`left out: ${values.python} has no torch\n`);
  return status === 0;
}

function stepCases(devices: readonly string[]): StepCase[] {
  const sizes = numbers(values.batch).flatMap((batch) =>
    numbers(values.history).flatMap((history) =>
      numbers(values.threads).map((threads) => ({ batch, history, threads })),
    ),
  );
  const flags = ({ batch, threads }: { batch: number; threads: number }) => [
    ...['--batch', String(batch), '--threads', String(threads), '--steps', values.steps],
  ];
  const pytorch = hasPyTorch();
  return sizes.flatMap((size) => [
    // The reference has no history: its encoder reads the basket.
    ...(pytorch && size.history === 0
      ? [
          {
            ...size,
            device: 'PyTorch',
            recompute: false,
            command: values.python,
            arguments: [PYTORCH_STEP, ...flags(size)],
          },
        ]
      : []),
    ...devices.flatMap((device) =>
      (values.recompute ? [false, true] : [false]).map((recompute) => ({
        ...size,
        device,
        recompute,
        command: process.execPath,
        arguments: [
          join(programs, 'training-step.js'),
          ...['--device', device, '--history', String(size.history), ...flags(size)],
          ...(recompute ? ['--recompute'] : []),
        ],
      })),
    ),
  ]);
}

const cases = stepCases(await availableDevices());
const results = cases.map((step) => ({ step, runs: [] as StepResult[] }));
for (let run = 1; run <= Number(values.runs); run++) {
  for (const { step, runs } of results) {
    process.stderr.write(
      `run ${run}/${values.runs}: ${step.device}, B ${step.batch}, threads ${step.threads}\n`,
    );
    const { stdout, peakMegabytes } = await measureCommand(step);
    const {
      cpuSeconds,
      wallSeconds,
      peakTensorMegabytes = Number.NaN,
    }: Partial<StepResult> & Pick<StepResult, 'cpuSeconds' | 'wallSeconds'> = JSON.parse(
      stdout.slice(stdout.indexOf('{')),
    );
    runs.push({ cpuSeconds, wallSeconds, peakTensorMegabytes, peakMegabytes });
  }
}

const rows = results.map(({ step: { device, batch, history, threads, recompute }, runs }) => ({
  device,
  batch,
  history,
  threads,
  recompute,
  cpuSeconds: median(runs.map((run) => run.cpuSeconds)),
  cpuRange: [Math.min(...runs.map((run) => run.cpuSeconds)), Math.max(...runs.map((run) => run.cpuSeconds))],
  wallSeconds: median(runs.map((run) => run.wallSeconds)),
  peakTensorMegabytes: median(runs.map((run) => run.peakTensorMegabytes)),
  peakMegabytes: median(runs.map((run) => run.peakMegabytes)),
}));
if (values.json) {
  for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`);
} else {
  const table = [
    ['device', 'B', 'history', 'threads', 'CPU s', 'min-max', 'wall s', 'baskets/s', 'tensors MB', 'peak MB'],
    ...rows.map((row) => [
      row.recompute ? `${row.device}, recomputed` : row.device,
      String(row.batch),
      String(row.history),
      String(row.threads),
      row.cpuSeconds.toFixed(2),
      row.cpuRange.map((seconds) => seconds.toFixed(2)).join('-'),
      row.wallSeconds.toFixed(2),
      (row.batch / row.wallSeconds).toFixed(1),
      Number.isNaN(row.peakTensorMegabytes) ? '-' : row.peakTensorMegabytes.toFixed(0),
      row.peakMegabytes.toFixed(0),
    ]),
  ];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of table) {
    process.stdout.write(`${row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  ')}\n`);
  }
}
