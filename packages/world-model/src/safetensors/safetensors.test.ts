import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@retail-sim/errors';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  openSafetensors,
  readStateDict,
  type TensorToWrite,
  toFloat32,
  writeSafetensors,
  writeStateDict,
} from './index.js';

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'safetensors-'));
});
afterAll(() => rmSync(scratch, { recursive: true }));

const MADE_BY_PYTHON = join(import.meta.dirname, 'fixtures', 'made-by-python.safetensors');

/** A file with this header text and this many bytes behind it. */
function fileOf(header: string | Buffer, dataBytes: number, announced?: bigint): string {
  const json = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(announced ?? BigInt(json.length));
  const file = join(scratch, 'header.safetensors');
  writeFileSync(file, Buffer.concat([length, json, Buffer.alloc(dataBytes)]));
  return file;
}

function tensor(
  values: ArrayBufferView,
  type: TensorToWrite['type'],
  shape: readonly number[],
): TensorToWrite {
  return { type, shape, data: () => values };
}

describe('openSafetensors', () => {
  test('reads what the library of the format wrote', async () => {
    await using file = await openSafetensors(MADE_BY_PYTHON);
    expect(file.metadata).toEqual({ format: 'pt' });
    const values: Record<string, number[]> = {};
    for (const name of file.tensors.keys()) values[name] = [...(await file.readFloat32(name))];
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
    expect(file.tensors.get('empty')?.shape).toEqual([0, 3]);
  });

  test('names the tensors that are there when one is not', async () => {
    await using file = await openSafetensors(MADE_BY_PYTHON);
    await expect(file.readBytes('bias')).rejects.toMatchObject({
      message: `${MADE_BY_PYTHON}: there is no tensor 'bias'`,
      remedy: expect.stringContaining('layer.weight'),
    });
  });

  const entry = (begin: number, end: number, shape = '[1]', dtype = 'F32') =>
    `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;

  test.each<[string, string | Buffer, number, RegExp]>([
    ['is no JSON', '{"a":', 0, /not JSON/],
    ['is no object', '[]', 0, /doesn't start with '\{'/],
    ['starts with a space', ' {}', 0, /doesn't start with '\{'/],
    ['is no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 0, /not JSON in UTF-8/],
    ['has a name twice', `{"a":${entry(0, 4)},"a":${entry(0, 4)}}`, 4, /'a' twice/],
    ['has a name twice in two spellings', `{"a":${entry(0, 4)},"\\u0061":${entry(0, 4)}}`, 4, /'a' twice/],
    [
      'has a field twice',
      '{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      4,
      /'dtype' twice/,
    ],
    ['has an unknown type', `{"a":${entry(0, 4, '[1]', 'F33')}}`, 4, /'a': dtype no element type/],
    [
      'names a method as its type',
      `{"a":${entry(0, 4, '[1]', 'toString')}}`,
      4,
      /'a': dtype no element type/,
    ],
    ['has an unknown field', '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}', 4, /'a'/],
    ['lacks a field', '{"a":{"dtype":"F32","shape":[1]}}', 4, /'a': data_offsets/],
    ['has a negative length', `{"a":${entry(0, 4, '[-1]')}}`, 4, /'a': shape\.0/],
    ['has a broken length', `{"a":${entry(0, 4, '[1.5]')}}`, 4, /'a': shape\.0/],
    [
      'has a shape that overflows',
      `{"a":${entry(0, 4, '[4503599627370496,4096]')}}`,
      4,
      /can't lie in 4 bytes/,
    ],
    ['has a range that is too short', `{"a":${entry(0, 4, '[2]')}}`, 4, /F32 \[2\] can't lie in 4 bytes/],
    ['has a range that ends before it begins', `{"a":${entry(4, 0)}}`, 4, /can't lie in -4 bytes/],
    ['has half bytes', `{"a":${entry(0, 1, '[1]', 'F4')}}`, 1, /can't lie/],
    ['has ranges that overlap', `{"a":${entry(0, 4)},"b":${entry(2, 6)}}`, 6, /'b': byte 2 overlaps/],
    ['leaves a gap', `{"a":${entry(0, 4)},"b":${entry(8, 12)}}`, 12, /'b': byte 8 leaves a gap/],
    ['leaves bytes at the end', `{"a":${entry(0, 4)}}`, 5, /take 4 bytes, but 5 follow/],
    ['ends outside the file', `{"a":${entry(0, 8, '[2]')}}`, 4, /take 8 bytes, but 4 follow/],
    ['has metadata other than texts', '{"__metadata__":{"a":1}}', 0, /metadata is not a table of texts/],
  ])('refuses a header that %s', async (_, header, dataBytes, message) => {
    const error: unknown = await openSafetensors(fileOf(header, dataBytes)).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
  });

  test('refuses a length that is not there, without allocating it', async () => {
    await expect(openSafetensors(fileOf('{}', 0, 3n))).rejects.toThrow(/3 bytes long, the file has 10/);
    await expect(openSafetensors(fileOf('{}', 0, 2n ** 64n - 1n))).rejects.toThrow(/no safetensors file/);
    writeFileSync(join(scratch, 'short'), '{}');
    await expect(openSafetensors(join(scratch, 'short'))).rejects.toThrow(/it has 2 bytes/);
    await expect(openSafetensors(join(scratch, 'missing'))).rejects.toThrow(/can't be opened/);
  });

  test('accepts padding, no tensors at all, and names that objects have of their own', async () => {
    await using empty = await openSafetensors(fileOf('{}      ', 0));
    expect(empty.tensors.size).toBe(0);
    await using odd = await openSafetensors(
      fileOf(`{"__proto__":${entry(0, 4)},"toString":${entry(4, 8)}}`, 8),
    );
    expect([...odd.tensors.keys()]).toEqual(['__proto__', 'toString']);
  });
});

describe('writeSafetensors', () => {
  test('gives back what was written, in any element type', async () => {
    const file = join(scratch, 'written.safetensors');
    await writeSafetensors(
      file,
      new Map([
        ['bytes', tensor(Uint8Array.of(1, 2, 3), 'U8', [3])],
        ['wide', tensor(Float64Array.of(0.1), 'F64', [])],
        ['empty', tensor(new Float32Array(), 'F32', [2, 0])],
        ['matrix', tensor(Float32Array.of(1, 2, 3, 4), 'F32', [2, 2])],
      ]),
      { b: '2', a: 'ü' },
    );
    await using opened = await openSafetensors(file);
    expect(opened.metadata).toEqual({ a: 'ü', b: '2' });
    expect([...opened.tensors.keys()], 'wide types first').toEqual(['wide', 'empty', 'matrix', 'bytes']);
    expect([...(await opened.readFloat32('matrix'))]).toEqual([1, 2, 3, 4]);
    expect([...(await opened.readBytes('bytes'))]).toEqual([1, 2, 3]);
    expect(readFileSync(file).readBigUInt64LE(0) % 8n, 'the data is aligned').toBe(0n);
  });

  test('gives the same bytes for tensors in another order', async () => {
    const state = new Map([
      ['b', { shape: [2], data: Float32Array.of(1, 2) }],
      ['a', { shape: [1], data: Float32Array.of(3) }],
    ]);
    const files = ['first', 'second'].map((name) => join(scratch, name));
    await writeStateDict(files[0] ?? '', state);
    await writeStateDict(files[1] ?? '', new Map([...state].reverse()));
    expect(readFileSync(files[1] ?? '')).toEqual(readFileSync(files[0] ?? ''));
    expect([...(await readStateDict(files[0] ?? ''))].map(([name, { data }]) => [name, [...data]])).toEqual([
      ['a', [3]],
      ['b', [1, 2]],
    ]);
  });

  test('asks for one tensor at a time', async () => {
    const order: string[] = [];
    const lazy = (name: string): TensorToWrite => ({
      type: 'F32',
      shape: [1],
      data: async () => {
        order.push(`start ${name}`);
        await new Promise((resolve) => setTimeout(resolve, 1));
        order.push(`end ${name}`);
        return Float32Array.of(1);
      },
    });
    await writeSafetensors(
      join(scratch, 'lazy'),
      new Map([
        ['a', lazy('a')],
        ['b', lazy('b')],
      ]),
    );
    expect(order).toEqual(['start a', 'end a', 'start b', 'end b']);
  });

  test('leaves nothing behind when data and shape disagree', async () => {
    const file = join(scratch, 'wrong.safetensors');
    const before = readdirSync(scratch);
    const wrong = new Map([['a', tensor(new Float32Array(3), 'F32', [2])]]);
    await expect(writeSafetensors(file, wrong)).rejects.toThrow(
      "tensor 'a' has 12 bytes, its type and shape need 8",
    );
    expect(existsSync(file)).toBe(false);
    expect(readdirSync(scratch)).toEqual(before);
  });
});

describe('toFloat32', () => {
  test('reads 8-bit floats as their papers define them', () => {
    expect([...(toFloat32('F8_E4M3', Uint8Array.of(0x38, 0x7e, 0x01, 0xff, 0x80)) ?? [])]).toEqual([
      1,
      448,
      2 ** -9,
      Number.NaN,
      -0,
    ]);
    expect([...(toFloat32('F8_E5M2', Uint8Array.of(0x3c, 0x7b, 0x01, 0x7c, 0xfd)) ?? [])]).toEqual([
      1,
      57344,
      2 ** -16,
      Number.POSITIVE_INFINITY,
      Number.NaN,
    ]);
  });

  test('reads half precision down to its smallest number', () => {
    const halves = new Uint8Array(Uint16Array.of(0x0001, 0x3555, 0xfc00, 0x7e00).buffer);
    expect([...(toFloat32('F16', halves) ?? [])]).toEqual([
      2 ** -24,
      0.333251953125,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    ]);
  });

  test('has no reading of complex numbers', () => {
    expect(toFloat32('C64', new Uint8Array(8))).toBeUndefined();
  });
});
