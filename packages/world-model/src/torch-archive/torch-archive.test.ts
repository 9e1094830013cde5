import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@retail-sim/errors';
import { afterAll, describe, expect, test } from 'vitest';
import { readTorchArchive, readTorchStateDict } from './index.js';

// The archives were made by PyTorch itself: fixtures/make-fixtures.py.
const fixture = (name: string): string => join(import.meta.dirname, 'fixtures', name);
const scratch = mkdtempSync(join(tmpdir(), 'torch-archive-'));
afterAll(() => rmSync(scratch, { recursive: true }));

async function refusalOf(file: string): Promise<string> {
  const error: unknown = await readTorchArchive(file).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof InputError)) throw new Error(`expected an InputError, got ${String(error)}`);
  expect(error.message.startsWith(file)).toBe(true);
  return error.message;
}

describe('readTorchStateDict', () => {
  test('reads every element type, whatever the strides', async () => {
    const state = await readTorchStateDict(fixture('state-dict.pt'));
    const values = Object.fromEntries([...state].map(([name, { data }]) => [name, [...data]]));
    expect(values).toEqual({
      'layer.weight': [0, 0.25, 0.5, 0.75, 1, 1.25],
      'layer.transposed': [0, 0.75, 0.25, 1, 0.5, 1.25],
      'layer.slice': [4, 6, 8, 10],
      scalar: [2.5],
      empty: [],
      half: [1.5, -2, 65504],
      bfloat16: [1.5, -3],
      double: [Math.fround(0.1)],
      integers: [-1, 2 ** 40],
      flags: [1, 0],
    });
    expect(state.get('layer.transposed')?.shape).toEqual([3, 2]);
    expect(state.get('scalar')?.shape).toEqual([]);
    expect(state.get('empty')?.shape).toEqual([0, 3]);
  });

  test('finds the weights in a checkpoint', async () => {
    const state = await readTorchStateDict(fixture('checkpoint.pt'));
    expect([...state].map(([name, { data }]) => [name, [...data]])).toEqual([
      ['weight', [1, 2]],
      ['bias', [3]],
    ]);
  });

  test('says what an archive without weights holds', async () => {
    const archive = readFileSync(fixture('checkpoint.pt'));
    const renamed = Buffer.from(
      archive.toString('latin1').replace('model_state_dict', 'other_state_dict'),
      'latin1',
    );
    const file = join(scratch, 'renamed.pt');
    writeFileSync(file, renamed);
    await expect(readTorchStateDict(file)).rejects.toThrow(/it holds epoch, loss, .*other_state_dict/);
  });
});

describe('readTorchArchive', () => {
  test.each(['checkpoint.pt', 'checkpoint-protocol-4.pt'])(
    'reads numbers, texts and lists of %s',
    async (name) => {
      const content = await readTorchArchive(fixture(name));
      if (!(content instanceof Map)) throw new Error('expected a dict');
      expect(content.get('epoch')).toBe(7);
      expect(content.get('loss')).toBe(0.25);
      expect(content.get('best')).toBeNull();
      expect(content.get('resumed')).toBe(false);
      expect(content.get('large')).toBe(2 ** 40);
      expect(content.get('name')).toBe('run ü');
      expect(content.get('betas')).toEqual([0.9, 0.999]);
      expect(content.get('parameters')).toMatchObject([{ type: 'F32', shape: [1] }]);
      const tied: unknown = content.get('tied');
      expect(Array.isArray(tied) && tied[0] === tied[1], 'what is shared stays one object').toBe(true);
    },
  );

  test('runs no code', async () => {
    expect(await refusalOf(fixture('attack.pt'))).toMatch(/it names '(posix|os|nt)\.system'/);
    expect(existsSync('pickle-ran-code')).toBe(false);
  });

  test('refuses objects of other classes', async () => {
    expect(await refusalOf(fixture('custom-class.pt'))).toContain("it names '__main__.Custom'");
  });

  test('refuses a tensor that has more elements than its storage', async () => {
    expect(await refusalOf(fixture('expanded.pt'))).toContain("doesn't fit into its storage");
  });

  test('refuses formats before PyTorch 1.6, compressed archives and other files', async () => {
    expect(await refusalOf(fixture('legacy-format.pt'))).toContain('it has no zip directory');
    expect(await refusalOf(fixture('compressed.pt'))).toContain('is compressed');
    expect(await refusalOf(fixture('make-fixtures.py'))).toContain('it has no zip directory');
    expect(await refusalOf(join(scratch, 'missing.pt'))).toContain("can't be opened");
  });

  test('an archive that is cut short, at any byte, is refused', async () => {
    const bytes = readFileSync(fixture('state-dict.pt'));
    const file = join(scratch, 'cut.pt');
    for (let length = 0; length < bytes.length; length += 97) {
      writeFileSync(file, bytes.subarray(0, length));
      expect(await refusalOf(file)).toMatch(/no archive of torch\.save/);
    }
  });

  test('a damaged byte of the pickle or the directory gives a value or an InputError, never anything else', async () => {
    const bytes = readFileSync(fixture('checkpoint.pt'));
    const file = join(scratch, 'damaged.pt');
    let refused = 0;
    for (let at = 0; at < bytes.length; at += 3) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0x55;
      writeFileSync(file, damaged);
      await readTorchArchive(file).catch((error: unknown) => {
        if (!(error instanceof InputError)) throw error;
        refused++;
      });
    }
    expect(refused).toBeGreaterThan(50);
  });
});
