import { defineCommand, formatBytes, main, option, packageVersion } from '@retail-sim/cli';
import { InputError } from '@retail-sim/errors';
import { RUNTIME_KINDS, runtimesFolder } from '@retail-sim/world-model';
import { runtimeSource } from './runtime-source.js';
import { type SetUpResult, setUpRuntime } from './set-up-runtime.js';

const command = defineCommand({
  name: 'retail-setup',
  summary: 'Sets up a native runtime of TensorFlow for --device cpu or cuda',
  options: {
    from: option.text({
      default: 'pypi',
      description:
        "pypi: TensorFlow's wheel, by pip; stock: the package's own installer (TensorFlow 2.9.1); or a folder with wheels, " +
        'with include/ and lib/, or with a finished runtime',
    }),
    dryRun: option.flag({ description: 'only say what would be done, and how large it is' }),
    force: option.flag({ description: 'set up anew what is there' }),
  },
  arguments: [{ name: 'KIND', description: `${RUNTIME_KINDS.join(' or ')}`, required: true }],
  examples: [
    { command: 'pnpm retail-setup cpu', does: 'TensorFlow for this processor, 270 MB to download' },
    { command: 'pnpm retail-setup cuda --dry-run', does: 'what an NVIDIA GPU needs, and how large it is' },
    {
      command: 'pnpm retail-setup cpu --from /media/stick/.runtimes',
      does: 'a runtime that was set up on another machine, without a network',
    },
  ],
  run: async ({ log, progress, signal }, { from, dryRun, force }, [name]) => {
    const kind = RUNTIME_KINDS.find((known) => known === name);
    if (kind === undefined) {
      throw new InputError({
        what: `there is no runtime of kind '${String(name)}'`,
        remedy: `choose ${RUNTIME_KINDS.join(' or ')}`,
      });
    }
    const source = runtimeSource(from, kind);
    const result = await setUpRuntime({
      kind,
      source,
      runtimes: runtimesFolder(),
      dryRun,
      force,
      log,
      progress,
      signal,
    });
    return { data: result, text: describe(result) };
  },
});

function describe({ kind, folder, steps, downloadBytes, diskBytes, engine }: SetUpResult): string {
  if (engine !== undefined) return `${engine}: works, in ${folder}\nuse it with --device ${kind}\n`;
  const lines = steps.map(({ title, done }) => `  ${done ? 'done' : 'to do'}: ${title}`);
  return [
    `${folder}`,
    ...lines,
    `${formatBytes(downloadBytes)} to download, ${formatBytes(diskBytes)} on disk`,
    '',
  ].join('\n');
}

await main(command, packageVersion(new URL('../', import.meta.url).href));
