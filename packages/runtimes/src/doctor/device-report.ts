import { fileURLToPath } from 'node:url';
import { DEVICE_NAMES, DEVICES, type DeviceName } from '@retail-sim/world-model';
import { lastLines, runTool, type ToolRun } from '../setup/run-tool.js';
import { probeResult } from './probe-result.js';

/** What a device of this machine can do, or why it can't be had and what would help. */
export type DeviceReport =
  | {
      readonly device: DeviceName;
      readonly available: true;
      readonly engine: string;
      /** Matrix product of 1024 x 1024, GFLOP/s; the scan of 4 x 50 x 512 x 16 forward and backward, million states/s. */
      readonly gemm: number;
      readonly scan: number;
      /** Faster engines of the same device that this machine lacks, and why. */
      readonly passedOver: readonly { readonly engine: string; readonly reason: string }[];
    }
  | {
      readonly device: DeviceName;
      readonly available: false;
      readonly reason: string;
      readonly remedy: string;
    };

/** Opens every device in a process of its own, tests and times it there: one that crashes says so as well. */
export async function deviceReports(
  threads: number,
  onDevice: (device: DeviceName) => void,
  signal: AbortSignal,
): Promise<DeviceReport[]> {
  const reports: DeviceReport[] = [];
  for (const device of DEVICE_NAMES) {
    onDevice(device);
    const probe = fileURLToPath(new URL('probe-process.js', import.meta.url));
    const run = await runTool(process.execPath, [probe, device, String(threads)], { signal });
    reports.push(reportOf(device, run));
  }
  return reports;
}

function reportOf(device: DeviceName, run: ToolRun): DeviceReport {
  const { remedy } = DEVICES[device];
  if (run.signal !== undefined) {
    return { device, available: false, reason: `the process ended by ${run.signal}`, remedy };
  }
  const line = run.stdout.trim().split('\n').at(-1) ?? '';
  const result = run.code === 0 ? probeResult.parse(JSON.parse(line)) : { reason: lastLines(run, 2) };
  return 'reason' in result
    ? { device, available: false, ...result, remedy }
    : { device, available: true, ...result };
}
