import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { z } from 'zod';

const folder = inject('preparedRun');
const stateShape = z.object({ epoch: z.number(), step: z.number().int().positive() });
const lineShape = z.object({ kind: z.string(), step: z.number() });

describe('training', () => {
  it.each(['best', 'latest', 'epoch_1'])('leaves the checkpoint %s: weights, optimizer, state', (name) => {
    const checkpoint = join(folder, 'checkpoints', 'demo', name);
    stateShape.parse(JSON.parse(readFileSync(join(checkpoint, 'state.json'), 'utf8')));
    for (const file of ['model.safetensors', 'optimizer.safetensors']) {
      const bytes = readFileSync(join(checkpoint, file));
      const headerLength = Number(bytes.readBigUInt64LE(0));
      const header = z
        .record(z.string(), z.unknown())
        .parse(JSON.parse(bytes.toString('utf8', 8, 8 + headerLength)));
      expect(Object.keys(header).length).toBeGreaterThan(10);
    }
  });

  it('logs its steps as JSON lines', () => {
    const lines = readFileSync(join(folder, 'logs', 'demo.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    const kinds = lines.map((line) => lineShape.parse(JSON.parse(line)).kind);
    expect(kinds).toEqual(expect.arrayContaining(['validation', 'epoch']));
  });
});
