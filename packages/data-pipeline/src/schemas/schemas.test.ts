import { expect, test } from 'vitest';
import * as schemas from './index.js';

test('every table says what it is, and no two share a file', () => {
  const tables = Object.values(schemas).filter((value) => typeof value === 'object' && 'file' in value);
  expect(new Set(tables.map((table) => table.file)).size).toBe(tables.length);
  for (const table of tables) expect(table.madeBy).toBe('retail-data-pipeline');
});
