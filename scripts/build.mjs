// Builds every package: TypeScript by project references, then the steps that a package names in `build:extra`.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const bin = join(root, 'node_modules', '.bin');

function run(command, cwd) {
  const { status } = spawnSync(command, {
    cwd,
    stdio: 'inherit',
    shell: true,
    env: { ...process.env, PATH: `${join(cwd, 'node_modules', '.bin')}:${bin}:${process.env.PATH}` },
  });
  if (status !== 0) process.exit(status ?? 1);
}

run('tsc -b', root);
for (const name of readdirSync(join(root, 'packages'))) {
  const folder = join(root, 'packages', name);
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (scripts?.['build:extra']) run(scripts['build:extra'], folder);
}
