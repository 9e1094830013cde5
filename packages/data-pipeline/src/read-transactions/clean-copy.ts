import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { parseRow, type Reject } from './parse-row.js';
import { RAW_COLUMNS } from './raw-columns.js';
import { dataLines } from './raw-lines.js';
import type { Header } from './read-header.js';
import type { RuleContext } from './row-rules.js';

const WRITE_CHARACTERS = 262_144;

export interface CleanCopyOptions {
  readonly file: string;
  readonly header: Header;
  readonly context: RuleContext;
  /** The copy to write: the accepted rows with the columns of RAW_COLUMNS. */
  readonly copy: string;
  /** Stop after so many rows; the rest of the file is not read. */
  readonly maxRows: number;
  readonly reject: (reject: Reject) => Promise<void>;
}

/** Rows seen: every line after the header that is not blank. */
export interface CleanCopyResult {
  readonly rows: number;
  readonly accepted: number;
}

/** Reads a raw file line by line, writes the good rows to a copy and hands the others to `reject`. */
export async function writeCleanCopy(options: CleanCopyOptions): Promise<CleanCopyResult> {
  const { file, header, context, copy, maxRows, reject } = options;
  const target = createWriteStream(copy);
  let pending = `${RAW_COLUMNS.map(({ name }) => name).join(',')}\n`;
  let rows = 0;
  let accepted = 0;
  for await (const raw of dataLines(file)) {
    if (rows >= maxRows) break;
    rows += 1;
    const result = parseRow(raw, header, context);
    if ('fault' in result) {
      await reject({ file, line: raw.line, ...result.fault });
      continue;
    }
    accepted += 1;
    pending += `${result.fields.map(quoteWhereNeeded).join(',')}\n`;
    if (pending.length > WRITE_CHARACTERS) {
      if (!target.write(pending)) await once(target, 'drain');
      pending = '';
    }
  }
  target.end(pending);
  await finished(target);
  return { rows, accepted };
}

function quoteWhereNeeded(text: string): string {
  return /[, ]/.test(text) ? `"${text}"` : text;
}
