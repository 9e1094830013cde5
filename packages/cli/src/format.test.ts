import { describe, expect, it } from 'vitest';
import { formatBytes, formatDuration, formatNumber } from './format.js';
import { formatTable } from './table.js';

describe('formats', () => {
  it('group digits and name units', () => {
    expect(formatNumber(1234567.891, 1)).toBe('1,234,567.9');
    expect(formatNumber(Number.NaN)).toBe('-');
    expect(formatBytes(1536)).toBe('1.5 KiB');
    expect(formatBytes(0)).toBe('0 B');
    expect(formatDuration(3.14)).toBe('3.1 s');
    expect(formatDuration(83)).toBe('1 min 23 s');
    expect(formatDuration(7265)).toBe('2 h 1 min');
  });

  it('align tables, wide characters included', () => {
    const table = formatTable(
      [{ title: 'name' }, { title: 'rows', align: 'right' }],
      [
        ['価格', '1,000'],
        ['graph', '7'],
      ],
    );
    expect(table).toBe(['name    rows', '-----  -----', '価格   1,000', 'graph      7', ''].join('\n'));
  });
});
