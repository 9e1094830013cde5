import { type Batch, type Columns, readTable, type TableDefinition } from '@retail-sim/artifacts';

/** One row of a table after the other, without an object per row. */
export interface TableCursor<C extends Columns> {
  /** Columns of the batch that holds the current row. */
  readonly columns: Batch<C>['columns'];
  /** Place of the current row in `columns`. */
  readonly row: number;
  /** False behind the last row. */
  readonly live: boolean;
  /** Steps to the next row; when it says false, `load` has to be awaited. */
  step(): boolean;
  load(): Promise<void>;
}

/** Opens a cursor on the first row. */
export async function tableCursor<C extends Columns, K extends keyof C & string>(
  path: string,
  table: TableDefinition<C>,
  columns: readonly K[],
): Promise<TableCursor<Pick<C, K>>> {
  const batches = readTable(path, table, { columns });
  let batch: Batch<Pick<C, K>> | undefined;
  let row = 0;

  async function load(): Promise<void> {
    do {
      const next = await batches.next();
      batch = next.done === true ? undefined : next.value;
      row = 0;
    } while (batch !== undefined && batch.rows === 0);
  }

  await load();
  return {
    get columns() {
      if (batch === undefined) throw new RangeError('the cursor is behind the last row');
      return batch.columns;
    },
    get row() {
      return row;
    },
    get live() {
      return batch !== undefined;
    },
    step() {
      row++;
      return batch !== undefined && row < batch.rows;
    },
    load,
  };
}
