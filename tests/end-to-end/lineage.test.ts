// One thing changes, and only what depends on it is made again.
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { run, runFlow, SMALL } from '../prepared-run/commands.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'retail-sim-lineage-'));
  cpSync(inject('preparedRun'), folder, { recursive: true, preserveTimestamps: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The small config with a line more in a section. */
function configWith(section: string, line: string): string {
  const file = join(folder, 'changed.yaml');
  writeFileSync(file, readFileSync(SMALL, 'utf8').replace(`${section}:\n`, `${section}:\n  ${line}\n`));
  return file;
}

describe('a second run', () => {
  it('makes nothing when nothing has changed, wherever the folder lies', () => {
    expect(runFlow(folder, 'demo')).toMatchObject({ status: 0, ran: [] });
  });

  it('judges and reports again when only the evaluation is asked for otherwise', () => {
    const config = configWith('evaluate', 'batch-size: 32');
    expect(runFlow(folder, 'demo', '--config', config).ran).toEqual(['evaluate', 'report']);
    expect(runFlow(folder, 'demo', '--config', config).ran).toEqual([]);
  });

  it('trains again when training is asked for otherwise, and leaves the data', () => {
    const config = configWith('train', 'lr: 0.0005');
    expect(runFlow(folder, 'demo', '--config', config).ran).toEqual(['train', 'evaluate', 'report']);
  });

  it('trains again on tensors that were made by hand since', () => {
    expect(runFlow(folder, 'demo').status).toBe(0);
    const byHand = run('retail-build-tensors', ['--quiet', '--mask-prob', '0.2', '--config', SMALL], {
      cwd: folder,
    });
    expect(byHand.status).toBe(0);
    const { ran } = runFlow(folder, 'run', '--run', 'demo', '--stages', 'train,evaluate,report');
    expect(ran).toEqual(['train', 'evaluate', 'report']);
  });

  it('makes all from the raw data on again when a line of them is added', () => {
    const raw = join(folder, 'raw_data');
    const week =
      readdirSync(raw)
        .filter((name) => name.startsWith('transactions_'))
        .sort()[0] ?? '';
    const lines = readFileSync(join(raw, week), 'utf8').trimEnd().split('\n');
    appendFileSync(join(raw, week), `${lines.at(-1)?.replace(/,PRD\d+,/, ',PRD0900001,')}\n`);
    const mixed = runFlow(folder, 'run', '--run', 'demo');
    expect(mixed.stderr).toMatch(
      /raw_data: holds sample data and other files together: 1 of \d+ transaction files/,
    );
    expect(mixed.status).toBe(2);
    // Without the generator's manifest all files count as the user's.
    rmSync(join(raw, 'manifest.json'));
    const { status, ran, stderr } = runFlow(folder, 'run', '--run', 'demo');
    expect(stderr).not.toMatch(/error/i);
    expect(status).toBe(0);
    expect(ran).toEqual([
      'data-pipeline',
      'feature-engineering',
      'build-tensors',
      'train',
      'evaluate',
      'report',
    ]);
  });
});
