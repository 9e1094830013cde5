// One process: `DEVICE THREADS`. Opens the device, which includes its self-test, times it for two seconds, and prints one
// line of JSON.
import { InputError } from '@retail-sim/errors';
import { DEVICE_NAMES, resolveDevice } from '@retail-sim/world-model';
import { timeGemm, timeScan } from './benchmark.js';
import type { ProbeResult } from './probe-result.js';

const [name, threads = '1'] = process.argv.slice(2);
const device = DEVICE_NAMES.find((known) => known === name);
if (device === undefined) throw new Error(`no device ${name}`);
process.stdout.write(`${JSON.stringify(await probe())}\n`);

async function probe(): Promise<ProbeResult> {
  try {
    const { description, passedOver, close } = await resolveDevice(device ?? 'cpu', {
      threads: Number(threads),
    });
    const result = {
      engine: description,
      gemm: await timeGemm(1),
      scan: await timeScan(1),
      passedOver: passedOver.map(({ candidate, reason }) => ({ engine: candidate, reason })),
    };
    await close();
    return result;
  } catch (error) {
    if (error instanceof InputError)
      return { reason: error.what.replace(/^device '\w+' can't be had: /, '') };
    throw error;
  }
}
