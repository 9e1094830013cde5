import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { z } from 'zod';

const results = join(inject('preparedRun'), 'results');
const shape = z.object({
  hiddenProducts: z.number().int().positive(),
  rows: z.array(z.object({ scorer: z.string(), metrics: z.object({ 'hit@10': z.number().min(0).max(1) }) })),
});

describe('the evaluation', () => {
  it('judges the model beside baselines, as JSON and CSV', () => {
    const files = readdirSync(results).sort();
    const [csv, json] = files;
    expect(files).toHaveLength(2);
    const { rows } = shape.parse(JSON.parse(readFileSync(join(results, json ?? ''), 'utf8')));
    const scorers = new Set(rows.map(({ scorer }) => scorer));
    expect(scorers).toContain('model');
    expect(scorers).toContain('personal frequency');
    expect(readFileSync(join(results, csv ?? ''), 'utf8').split('\r\n')[0]).toMatch(/^scorer,segment,value,/);
  });
});
