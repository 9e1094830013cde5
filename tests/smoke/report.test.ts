import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';

const page = readFileSync(join(inject('preparedRun'), 'reports', 'demo.html'), 'utf8');

describe('the report', () => {
  it.each([
    'Data',
    'Prices and promotions',
    'Product graph',
    'Split and leakage',
    'Brands and neighbours',
    'Training',
    'Evaluation',
    'Calibration',
    'Time and memory',
    'Lineage',
  ])('has the section %s', (title) => {
    expect(page).toMatch(new RegExp(`<h2 id="[a-z]+">${title}</h2>`));
  });

  it('misses nothing and opens with six findings', () => {
    expect(page).not.toContain('Not there yet');
    const findings = /<ul class="findings">([\s\S]*?)<\/ul>/.exec(page)?.[1] ?? '';
    expect(findings.match(/<li>/g)).toHaveLength(6);
  });

  it('is one file: no script, nothing loaded', () => {
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(/i);
    expect(page.match(/https?:\/\/[^"'\s<]*/g) ?? []).toEqual(
      (page.match(/http:\/\/www\.w3\.org\/[^"'\s<]*/g) ?? []) as string[],
    );
  });

  it('says every drawing in words and every table in a caption', () => {
    const drawings = page.match(/<svg[^>]*>/g) ?? [];
    expect(drawings.length).toBeGreaterThan(8);
    for (const drawing of drawings.filter((tag) => tag.includes('role="img"'))) {
      expect(drawing).toMatch(/aria-label="[^"]{10,}"/);
    }
    expect(page.match(/<table>/g)).toHaveLength(page.match(/<caption>/g)?.length ?? -1);
  });
});
