// docs/artifacts.md says what the schemas say: whoever changes a schema runs `pnpm docs:artifacts`.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('docs/artifacts.md is what the schemas of all packages generate', () => {
  const script = join(import.meta.dirname, '..', 'scripts', 'artifact-docs.mjs');
  const { stderr, status } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});
