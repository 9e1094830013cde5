import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';

const raw = join(inject('preparedRun'), 'raw_data');

describe('sample data', () => {
  it('lies in weekly files with the columns of LGSR, a calendar, and its truth', () => {
    const files = readdirSync(raw);
    const weeks = files.filter((name) => /^transactions_\d{6}\.csv$/.test(name));
    expect(weeks.length).toBeGreaterThan(25);
    expect(files).toEqual(expect.arrayContaining(['time.csv', 'ground_truth', 'manifest.json']));
    const [header] = readFileSync(join(raw, weeks[0] ?? ''), 'utf8').split('\n');
    expect(header?.split(',')).toHaveLength(22);
    expect(header).toMatch(/^"?SHOP_WEEK"?,/);
  });
});
