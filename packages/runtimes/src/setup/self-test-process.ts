// One process: `KIND`. Opens the runtime, computes the self-test and prints the engine's description as JSON.
import { openNativeRuntime, RUNTIME_KINDS, runSelfTest } from '@retail-sim/world-model';

const kind = RUNTIME_KINDS.find((name) => name === process.argv[2]);
if (kind === undefined) throw new Error(`no runtime of kind ${process.argv[2]}`);
try {
  const { description, usesGpu } = await openNativeRuntime(kind, { threads: 1 });
  if (kind === 'cuda' && !usesGpu) throw new Error('TensorFlow found no GPU that it can use');
  await runSelfTest();
  process.stdout.write(`${JSON.stringify({ description })}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
