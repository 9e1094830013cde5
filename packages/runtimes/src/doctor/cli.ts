import { defineCommand, main, packageVersion } from '@retail-sim/cli';
import { runtimesFolder } from '@retail-sim/world-model';
import { deviceReports } from './device-report.js';
import { machineReport } from './machine-report.js';
import { reportText } from './report-text.js';
import { runtimeReports } from './runtime-reports.js';

const command = defineCommand({
  name: 'retail-doctor',
  summary: 'Says what this machine can compute with: devices, why one is missing, how fast each is',
  options: {},
  examples: [
    { command: 'pnpm retail-doctor', does: 'machine, native runtimes, devices; two seconds per device' },
    { command: 'pnpm retail-doctor --json --threads 1', does: 'the same for a program, on one thread' },
  ],
  run: async ({ progress, signal, threads }) => {
    const task = progress.task('devices');
    const report = {
      machine: await machineReport(),
      runtimes: runtimeReports(runtimesFolder()),
      devices: await deviceReports(threads, (device) => task.update(0, device), signal),
    };
    task.done();
    return { data: report, text: reportText(report) };
  },
});

await main(command, packageVersion(new URL('../', import.meta.url).href));
