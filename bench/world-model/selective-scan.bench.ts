// The selective scan of one layer, forward and backward, at the size of the full model: B 32, L 51, E 1024, N 64.
//
//   pnpm bench world-model/selective-scan [--devices wasm,cpu] [--threads 1,2] [--runs 3] [--json]
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../measure/compare.js';
import { measureCommand } from '../measure/measure-command.js';

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: 'wasm' },
    threads: { type: 'string', default: '1,2' },
    runs: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});

const cases = values.devices
  .split(',')
  .flatMap((device) => values.threads.split(',').map((threads) => ({ device, threads })));
const results = cases.map((scan) => ({ ...scan, cpuSeconds: [] as number[], wallSeconds: [] as number[] }));
for (let run = 1; run <= Number(values.runs); run++) {
  for (const { device, threads, cpuSeconds, wallSeconds } of results) {
    process.stderr.write(`run ${run}/${values.runs}: ${device}, threads ${threads}\n`);
    const { stdout } = await measureCommand({
      command: process.execPath,
      arguments: [join(import.meta.dirname, 'scan-rounds.js'), '--device', device, '--threads', threads],
    });
    const round: { cpuSeconds: number; wallSeconds: number } = JSON.parse(stdout);
    cpuSeconds.push(round.cpuSeconds);
    wallSeconds.push(round.wallSeconds);
  }
}
for (const { device, threads, cpuSeconds, wallSeconds } of results) {
  const row = { device, threads, cpuSeconds: median(cpuSeconds), wallSeconds: median(wallSeconds) };
  process.stdout.write(
    values.json
      ? `${JSON.stringify(row)}\n`
      : `${device}, threads ${threads}: ${row.cpuSeconds.toFixed(3)} CPU s, ${row.wallSeconds.toFixed(3)} wall s\n`,
  );
}
