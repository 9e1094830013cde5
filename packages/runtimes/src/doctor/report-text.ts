import { formatBytes, formatNumber, formatTable } from '@retail-sim/cli';
import type { DeviceReport } from './device-report.js';
import type { MachineReport } from './machine-report.js';
import type { RuntimeReport } from './runtime-reports.js';

export interface DoctorReport {
  readonly machine: MachineReport;
  readonly runtimes: readonly RuntimeReport[];
  readonly devices: readonly DeviceReport[];
}

/** The report for people. */
export function reportText(report: DoctorReport): string {
  return [machineText(report.machine), runtimesText(report.runtimes), devicesText(report.devices)].join('\n');
}

function machineText(machine: MachineReport): string {
  const gpus = machine.nvidiaGpus.map(
    ({ name, memory, driver, computeCapability }) =>
      `${name}, ${memory}, driver ${driver}, compute capability ${computeCapability}`,
  );
  const { loader, drivers } = machine.vulkan;
  const rows = [
    ['Node', `${machine.node} on ${machine.system}`],
    ['processor', `${machine.processor}, ${machine.cores} cores, ${machine.features.join(' ')}`],
    ['memory', `${formatBytes(machine.memoryBytes)}, ${formatBytes(machine.freeMemoryBytes)} free`],
    ...(gpus.length === 0
      ? [['NVIDIA GPU', 'none (nvidia-smi finds none)']]
      : gpus.map((gpu) => ['NVIDIA GPU', gpu])),
    ['Vulkan', loader === undefined ? 'no loader (libvulkan.so.1)' : `${loader}, ${drivers.length} drivers`],
  ];
  return rows.map(([name = '', value = '']) => `${name.padEnd(12)}${value}\n`).join('');
}

function runtimesText(runtimes: readonly RuntimeReport[]): string {
  return runtimes
    .map(({ kind, folder, state, detail, unfinished }) => {
      const parts = [
        `runtime ${kind}`.padEnd(14),
        state,
        ...(detail === '' ? [] : [`(${detail})`]),
        `in ${folder}`,
      ];
      const begun = unfinished
        ? `\n${' '.repeat(15)}a set-up was begun and not finished: \`pnpm retail-setup ${kind}\` goes on with it`
        : '';
      return `${parts.join(' ')}${begun}\n`;
    })
    .join('');
}

function devicesText(devices: readonly DeviceReport[]): string {
  const table = formatTable(
    [
      { title: 'device' },
      { title: 'available' },
      { title: 'GEMM GFLOP/s', align: 'right' },
      { title: 'scan M states/s', align: 'right' },
      { title: 'engine, or what to do' },
    ],
    devices.map((report) =>
      report.available
        ? [report.device, 'yes', formatNumber(report.gemm, 1), formatNumber(report.scan, 1), report.engine]
        : [report.device, 'no', '', '', report.remedy],
    ),
  );
  const reasons = devices.flatMap((report) =>
    report.available
      ? report.passedOver.map(({ engine, reason }) => `${report.device}: ${engine}: ${reason}`)
      : [`${report.device}: ${report.reason}`],
  );
  return reasons.length === 0
    ? table
    : `${table}\nWhy not:\n${reasons.map((reason) => `  ${reason}\n`).join('')}`;
}
