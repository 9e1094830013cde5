import { expect, test } from 'vitest';
import * as schemas from './index.js';

test('every table names the command that makes it, and no two share a file', () => {
  const tables = Object.values(schemas).filter((value) => typeof value === 'object' && 'columns' in value);
  expect(tables).toHaveLength(7);
  expect(new Set(tables.map((table) => table.file)).size).toBe(tables.length);
  for (const table of tables) expect(table.madeBy).toBe('retail-feature-engineering');
});

test('the blocks of a store vector cover it without a gap', () => {
  const blocks = Object.values(schemas.STORE_EMBEDDING_BLOCKS);
  expect(blocks.map(([first]) => first)).toEqual([0, ...blocks.slice(0, -1).map(([, end]) => end)]);
  expect(blocks.at(-1)?.[1]).toBe(schemas.STORE_EMBEDDING_SIZE);
});
