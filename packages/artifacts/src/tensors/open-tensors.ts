import { closeSync, openSync } from 'node:fs';
import { InputError } from '@retail-sim/errors';
import { errorCode } from '../publish/storage-error.js';
import type { Batch, Columns, TableDefinition } from '../schema/define-table.js';
import { checkFileSchema } from '../table/check-file-schema.js';
import type { AnyData } from '../table/column-data.js';
import { columnLayouts } from './column-layout.js';
import { type FileLayout, readFileLayout } from './file-layout.js';
import { type BatchRange, readColumn } from './read-column.js';

export interface ReadTensorsOptions<C extends Columns, K extends keyof C> {
  /** Only these columns; nothing of the others is read. */
  readonly columns?: readonly K[];
  /** Numbers in `SharedArrayBuffer`s, so that worker threads use them without a copy. */
  readonly shared?: boolean;
}

/**
 * Tensors on disk, open for reading any rows in any order. Nothing is held in memory but where the record batches lie;
 * the system's page cache does the rest. Reads are synchronous: they are meant for the loop of a loader, in a worker.
 */
export interface TensorFile<C extends Columns = Columns> extends Disposable {
  readonly rows: number;
  /** First row of every record batch: a reader that goes by these reads each column in one piece. */
  readonly batchStarts: readonly number[];
  /** Rows `from` up to `to` (exclusive), each column in one array of its own. */
  read<K extends keyof C & string = keyof C & string>(
    from: number,
    to: number,
    options?: ReadTensorsOptions<C, K>,
  ): Batch<Pick<C, K>>;
  /** The rows given, in the order given; neighbours are read together. */
  gather<K extends keyof C & string = keyof C & string>(
    rows: ArrayLike<number>,
    options?: ReadTensorsOptions<C, K>,
  ): Batch<Pick<C, K>>;
  /** Closes the file; reading from it fails afterwards. */
  close(): void;
}

/**
 * Opens an Arrow IPC file of tensors after checking it against the schema.
 *
 * @throws InputError when the file is missing, cut off, of another schema or version; it names the command to run
 */
export function openTensors<C extends Columns>(path: string, table: TableDefinition<C>): TensorFile<C> {
  const file = openFile(path, table);
  let layout: FileLayout;
  try {
    layout = readFileLayout(file);
    checkFileSchema(table, { path, schema: layout.schema, metadata: layout.schema.metadata });
  } catch (error) {
    closeSync(file);
    throw readError(error, path, table);
  }
  const layouts = columnLayouts(columnsInFileOrder(table, layout));

  function readRanges<K extends keyof C & string>(
    ranges: readonly BatchRange[],
    { columns, shared = false }: ReadTensorsOptions<C, K>,
  ): Batch<Pick<C, K>> {
    const names: readonly string[] = columns ?? Object.keys(table.columns);
    const rows = ranges.reduce((sum, { from, to }) => sum + to - from, 0);
    const data: Record<string, AnyData> = {};
    for (const name of names) {
      const column = table.columns[name];
      const columnLayout = layouts.get(name);
      if (column === undefined || columnLayout === undefined) {
        throw new TypeError(`${table.name} has no column ${name}`);
      }
      try {
        data[name] = readColumn(column, { file, layout: columnLayout, ranges, rows, shared });
      } catch (error) {
        throw readError(error, path, table, name);
      }
    }
    return { rows, columns: data as Batch<Pick<C, K>>['columns'] };
  }

  const close = () => closeSync(file);
  return {
    rows: layout.rows,
    batchStarts: layout.batches.map(({ firstRow }) => firstRow),
    read: (from, to, options = {}) => readRanges([...rangesOf(layout, from, to)], options),
    gather: (rows, options = {}) => readRanges([...rangesOfRows(layout, rows)], options),
    close,
    [Symbol.dispose]: close,
  };
}

/** All rows of a tensor file in order, a record batch at a time. */
export async function* readTensors<C extends Columns, K extends keyof C & string = keyof C & string>(
  path: string,
  table: TableDefinition<C>,
  options: ReadTensorsOptions<C, K> = {},
): AsyncGenerator<Batch<Pick<C, K>>> {
  using tensors = openTensors(path, table);
  for (const [position, from] of tensors.batchStarts.entries()) {
    yield tensors.read(from, tensors.batchStarts[position + 1] ?? tensors.rows, options);
  }
}

function* rangesOf({ rows, batches }: FileLayout, from: number, to: number): Generator<BatchRange> {
  if (!(from >= 0 && from <= to && to <= rows))
    throw new RangeError(`no rows ${from} to ${to} among ${rows}`);
  for (let at = batchOf(batches, from); at < batches.length; at += 1) {
    const batch = batches[at];
    if (batch === undefined || batch.firstRow >= to) return;
    const first = Math.max(from, batch.firstRow) - batch.firstRow;
    const last = Math.min(to - batch.firstRow, batch.rows);
    if (first < last) yield { batch, from: first, to: last };
  }
}

/** Runs of neighbouring rows as one range each. */
function* rangesOfRows(layout: FileLayout, rows: ArrayLike<number>): Generator<BatchRange> {
  let start = 0;
  for (let at = 1; at <= rows.length; at += 1) {
    if (at < rows.length && rows[at] === (rows[at - 1] ?? 0) + 1) continue;
    const from = rows[start] ?? 0;
    yield* rangesOf(layout, from, from + at - start);
    start = at;
  }
}

/** Position of the record batch that holds a row, by halving. */
function batchOf(batches: FileLayout['batches'], row: number): number {
  let low = 0;
  let high = batches.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((batches[middle]?.firstRow ?? 0) <= row) low = middle;
    else high = middle;
  }
  return low;
}

/** Another writer may have ordered the columns otherwise: the buffers follow the file's order. */
function columnsInFileOrder(table: TableDefinition, { schema }: FileLayout): Columns {
  return Object.fromEntries(
    schema.fields.flatMap(({ name }) => {
      const column = table.columns[name];
      return column === undefined ? [] : [[name, column]];
    }),
  );
}

function openFile(path: string, table: TableDefinition): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new InputError({
      what:
        errorCode(error) === 'ENOENT'
          ? `does not exist (${table.name})`
          : `cannot be opened (${errorCode(error)})`,
      where: { file: path },
      remedy: `run ${table.madeBy} first`,
      cause: error,
    });
  }
}

function readError(error: unknown, path: string, table: TableDefinition, column?: string): unknown {
  if (error instanceof InputError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new InputError({
    what: column === undefined ? `is cut off or not an Arrow file (${reason})` : `is damaged (${reason})`,
    where: { file: path, ...(column === undefined ? {} : { column }) },
    remedy: `run ${table.madeBy} again`,
    cause: error,
  });
}
