import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { findCheckpoint, listCheckpoints, publishCheckpoint } from './checkpoint-folder.js';

let run: string;

beforeEach(() => {
  run = join(mkdtempSync(join(tmpdir(), 'checkpoint-')), 'tiny');
});

const publish = (name: string, step: number): Promise<void> =>
  publishCheckpoint(join(run, name), async (folder) => {
    writeFileSync(join(folder, 'state.json'), JSON.stringify({ step }));
  });

const stepOf = (path: string): unknown => JSON.parse(readFileSync(join(path, 'state.json'), 'utf8'));

describe('checkpoint folders', () => {
  it('replace the one of the same name and leave nothing else behind', async () => {
    await publish('latest', 1);
    await publish('latest', 2);
    expect(readdirSync(run)).toEqual(['latest']);
    expect(stepOf(join(run, 'latest'))).toEqual({ step: 2 });
  });

  it('stay as they were when writing fails', async () => {
    await publish('latest', 1);
    await expect(
      publishCheckpoint(join(run, 'latest'), async (folder) => {
        writeFileSync(join(folder, 'model.safetensors'), 'half');
        throw new Error('no space left');
      }),
    ).rejects.toThrow('no space left');
    expect(readdirSync(run)).toEqual(['latest']);
    expect(stepOf(join(run, 'latest'))).toEqual({ step: 1 });
  });

  it('are found again when the process died between the two renames', async () => {
    await publish('latest', 1);
    renameSync(join(run, 'latest'), join(run, 'latest.replaced'));
    expect(stepOf(findCheckpoint(run, 'latest'))).toEqual({ step: 1 });
  });

  it('ignore and remove what a killed process left half-written', async () => {
    await publish('latest', 1);
    mkdirSync(join(run, 'latest.writing-dead'));
    expect(listCheckpoints(run)).toEqual(['latest']);
    await publish('latest', 2);
    expect(readdirSync(run)).toEqual(['latest']);
  });

  it('answer to the names of the Python project and to paths', async () => {
    await publish('best', 7);
    await publish('epoch_3', 3);
    expect(findCheckpoint(run, 'best.pt')).toBe(join(run, 'best'));
    expect(findCheckpoint(run, 'checkpoint_epoch_3.pt')).toBe(join(run, 'epoch_3'));
    expect(findCheckpoint('elsewhere', join(run, 'best'))).toBe(join(run, 'best'));
    expect(findCheckpoint('elsewhere', join(run, 'best.pt'))).toBe(join(run, 'best'));
  });

  it('name those that exist when the wanted one does not', async () => {
    await publish('best', 7);
    expect(() => findCheckpoint(run, 'epoch_9')).toThrow(/no checkpoint 'epoch_9'/);
  });
});
