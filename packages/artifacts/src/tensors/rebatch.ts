import type { Batch, Columns, TableDefinition } from '../schema/define-table.js';
import { checkBatch } from '../table/check-batch.js';
import { concatBatches } from '../table/concat-batches.js';
import { sliceBatch } from '../table/slice-batch.js';

/** The same rows in batches of exactly `batchRows`, but for the last one. */
export async function* rebatch<C extends Columns>(
  table: TableDefinition<C>,
  batches: Iterable<Batch<C>> | AsyncIterable<Batch<C>>,
  batchRows: number,
): AsyncGenerator<Batch<C>> {
  let pending: Batch<C>[] = [];
  let pendingRows = 0;
  for await (const batch of batches) {
    checkBatch(table, batch);
    for (let from = 0; from < batch.rows; ) {
      const to = Math.min(batch.rows, from + batchRows - pendingRows);
      pending.push(sliceBatch(table, batch, from, to));
      pendingRows += to - from;
      from = to;
      if (pendingRows === batchRows) {
        yield concatBatches(table, pending);
        pending = [];
        pendingRows = 0;
      }
    }
  }
  if (pendingRows > 0) yield concatBatches(table, pending);
}
