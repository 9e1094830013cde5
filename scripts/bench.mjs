// `pnpm bench artifacts/table-memory [flags]`: compiles bench/ and runs bench/artifacts/table-memory.bench.ts. Without
// a name, lists the benchmarks.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';

const root = join(import.meta.dirname, '..');
const bench = join(root, 'bench');
const [name, ...flags] = process.argv.slice(2);

if (name === undefined || !existsSync(join(bench, `${name}.bench.ts`))) {
  const names = readdirSync(bench, { recursive: true })
    .map((file) => file.split(sep).join('/'))
    .filter((file) => file.endsWith('.bench.ts'))
    .map((file) => `  ${file.replace('.bench.ts', '')}`);
  process.stderr.write(`usage: pnpm bench NAME [flags]\n\n${names.sort().join('\n')}\n`);
  process.exit(2);
}

function node(...commandArguments) {
  const { status } = spawnSync(process.execPath, commandArguments, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

node(join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', bench);
node('--enable-source-maps', join(bench, 'dist', `${name}.bench.js`), ...flags);
