import type { DictionaryData } from '@retail-sim/artifacts';

/**
 * Translates a dictionary column, row by row, into numbers of this stage. Codes of a column mean the same in every batch, so
 * each value is looked up once. `undefined` for values that `rows` does not have.
 */
export function dictionaryRows(
  rows: ReadonlyMap<string, number>,
): (column: DictionaryData, row: number) => number | undefined {
  const known: (number | undefined)[] = [];
  return ({ codes, values }, row) => {
    const code = codes[row] ?? 0;
    if (code >= known.length) {
      for (let next = known.length; next < values.length; next++) known.push(rows.get(values[next] ?? ''));
    }
    return known[code];
  };
}
