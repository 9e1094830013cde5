import { fileURLToPath } from 'node:url';
import { Failure } from '@retail-sim/errors';
import { RUNTIMES_VARIABLE, type RuntimeKind } from '@retail-sim/world-model';
import { z } from 'zod';
import { lastLines, runTool } from './run-tool.js';

const result = z.object({ description: z.string() });

/**
 * Opens a runtime in a process of its own and computes the devices' self-test there: a library that takes its process
 * down is an answer as well. `runtimes` is the folder of the kind's folder.
 *
 * @throws Failure with what was wrong
 */
export async function selfTest(kind: RuntimeKind, runtimes: string, signal?: AbortSignal): Promise<string> {
  const run = await runTool(
    process.execPath,
    [fileURLToPath(new URL('self-test-process.js', import.meta.url)), kind],
    { environment: { [RUNTIMES_VARIABLE]: runtimes }, ...(signal === undefined ? {} : { signal }) },
  );
  if (run.code === 0) return result.parse(JSON.parse(run.stdout)).description;
  const crash =
    run.signal === 'SIGILL'
      ? 'it was compiled for another processor'
      : run.signal === undefined
        ? lastLines(run, 3)
        : `the process ended by ${run.signal}`;
  throw new Failure(`the ${kind} runtime fails its self-test: ${crash}`, {
    remedy:
      kind === 'cuda'
        ? 'check the driver with nvidia-smi; `retail-doctor` says more'
        : `run \`pnpm retail-setup ${kind} --force\` to build it anew`,
  });
}
