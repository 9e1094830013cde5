// Memory must follow the row group, not the table: peak memory of writing and reading a table is compared with the
// same at an eighth of the rows. Flags: --rows N (largest table), --runs N.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compare, printComparison } from '../measure/compare.js';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '4000000' },
    runs: { type: 'string', default: '3' },
    json: { type: 'boolean' },
  },
});
const folder = await mkdtemp(join(tmpdir(), 'table-memory-'));

function cases(kind: 'lines' | 'vectors', format: 'parquet' | 'arrow', largest: number) {
  return [largest / 8, largest].flatMap((rows) => {
    const path = join(folder, `${kind}-${rows}.${format}`);
    return ['none', 'write', 'read'].map((action) => ({
      name: `${action} ${kind} ${format} ${rows}`,
      command: process.execPath,
      arguments: [join(import.meta.dirname, 'write-or-read.js'), action, kind, format, String(rows), path],
    }));
  });
}

try {
  const rows = Number(values.rows);
  for (const [kind, format, largest] of [
    ['lines', 'parquet', rows],
    ['vectors', 'parquet', rows / 8],
    ['vectors', 'arrow', rows / 8],
  ] as const) {
    printComparison(await compare(cases(kind, format, largest), { runs: Number(values.runs) }));
    process.stdout.write('\n');
  }
} finally {
  await rm(folder, { recursive: true });
}
