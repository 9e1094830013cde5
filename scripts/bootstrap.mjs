// `npm test` and `npm run demo` on a machine with Node and npm alone: fetches the pnpm pinned in package.json
// through npm (so the user's registry settings hold), installs from the lockfile, then runs the pnpm script.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const scripts = { demo: 'demo:run', test: 'check' };
const script = scripts[process.argv[2]];
if (script === undefined) {
  process.stderr.write(`usage: node scripts/bootstrap.mjs ${Object.keys(scripts).join('|')}\n`);
  process.exit(2);
}

function pnpm(...commandArguments) {
  const { status, error } = spawnSync(
    'npm',
    ['exec', '--yes', `--package=${packageManager}`, '--', 'pnpm', ...commandArguments],
    {
      cwd: root,
      stdio: 'inherit',
      shell: process.platform === 'win32',
    },
  );
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

pnpm('install', '--frozen-lockfile');
pnpm('run', script, ...process.argv.slice(3));
