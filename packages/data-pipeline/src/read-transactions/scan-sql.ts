import { identifier, literal, literals } from '../engine/sql.js';
import { RAW_COLUMNS } from './raw-columns.js';
import type { Header } from './read-header.js';

/** A raw file and what its header says. */
export interface RawFile {
  readonly file: string;
  readonly header: Header;
}

/**
 * All rows of the files as one table expression with the columns of RAW_COLUMNS: numbers as DOUBLE, the others as
 * text. The reading is strict: a line with a field too few or too many, a text where a number is due, an open quote,
 * bytes that are not UTF-8 or a mix of line endings is an error of the whole query. Of the texts that mean "no value" an
 * empty one is null; the others come as they are.
 */
export function scanFiles(files: readonly RawFile[]): string {
  const parts = groupByHeader(files).map((group) => scanGroup(group));
  return parts.length === 1 ? `(${parts[0]})` : `(${parts.map((part) => `(${part})`).join(' UNION ALL ')})`;
}

/** Files with the same columns in the same order are read together; neighbours only, so that the order is kept. */
function groupByHeader(files: readonly RawFile[]): RawFile[][] {
  const groups: RawFile[][] = [];
  let last = '';
  for (const raw of files) {
    const key = JSON.stringify(raw.header);
    if (key === last) groups.at(-1)?.push(raw);
    else groups.push([raw]);
    last = key;
  }
  return groups;
}

function scanGroup(files: readonly RawFile[]): string {
  const header = files[0]?.header ?? { columns: [], crlf: false };
  const types = header.columns.map((name, index) => {
    const kind = RAW_COLUMNS.find((column) => column.name === name)?.kind;
    return `${literal(name ?? `unused_${index}`)}: ${kind === 'number' ? "'DOUBLE'" : "'VARCHAR'"}`;
  });
  const selected = RAW_COLUMNS.map(({ name, kind }) => {
    if (header.columns.some((found) => found === name)) return identifier(name);
    return `NULL::${kind === 'number' ? 'DOUBLE' : 'VARCHAR'} AS ${identifier(name)}`;
  });
  return `SELECT ${selected.join(', ')} FROM read_csv(${literals(files.map(({ file }) => file))},
    auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', strict_mode = true,
    null_padding = false, nullstr = '', columns = {${types.join(', ')}})`;
}
