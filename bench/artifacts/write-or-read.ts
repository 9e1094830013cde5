// One process of a benchmark: `write|read|none lines|vectors parquet|arrow ROWS PATH`. `none` makes the rows only.
import { readTable, readTensors, writeTable, writeTensors } from '@retail-sim/artifacts';
import { lines, makeLines, makeVectors, vectors } from './tables.js';

const [action = '', kind = '', format = '', rowsText = '', path = ''] = process.argv.slice(2);
const rows = Number(rowsText);

async function count(
  batches: AsyncIterable<{ readonly rows: number }> | Iterable<{ readonly rows: number }>,
) {
  let seen = 0;
  for await (const batch of batches) seen += batch.rows;
  return seen;
}

function run(): Promise<number> {
  const wide = kind === 'vectors';
  if (action === 'none') return count(wide ? makeVectors(rows) : makeLines(rows));
  if (action === 'write') {
    const write = format === 'arrow' ? writeTensors : writeTable;
    const written = wide ? write(path, vectors, makeVectors(rows)) : write(path, lines, makeLines(rows));
    return written.then((result) => result.rows);
  }
  const read = format === 'arrow' ? readTensors : readTable;
  return count(wide ? read(path, vectors) : read(path, lines));
}

const seen = await run();
if (seen !== rows) throw new Error(`${seen} rows of ${rows}`);
