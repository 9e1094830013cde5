// Collects customer states into batches.

import type { BatchOf } from '@retail-sim/artifacts';
import {
  CUSTOMER_EMBEDDING_SIZE,
  CUSTOMER_HISTORY_SIZE,
  CUSTOMER_STATISTICS_SIZE,
  type customerEmbeddings,
  type customerStates,
} from '../schemas/customer-states.js';

/** One batch in the making. The caller fills the columns at `rows` and counts up. */
export interface StateRows {
  rows: number;
  readonly capacity: number;
  /** Row in `customers.parquet`. */
  readonly customer: Uint32Array;
  readonly week: Int32Array;
  readonly weekIdx: Int16Array;
  readonly trips: Int32Array;
  /** `[capacity, 160]`, `[capacity, 128]`, `[capacity, 32]`. */
  readonly embedding: Float32Array;
  readonly history: Float32Array;
  readonly statistics: Float32Array;
}

export function stateRows(capacity: number): StateRows {
  return {
    rows: 0,
    capacity,
    customer: new Uint32Array(capacity),
    week: new Int32Array(capacity),
    weekIdx: new Int16Array(capacity),
    trips: new Int32Array(capacity),
    embedding: new Float32Array(capacity * CUSTOMER_EMBEDDING_SIZE),
    history: new Float32Array(capacity * CUSTOMER_HISTORY_SIZE),
    statistics: new Float32Array(capacity * CUSTOMER_STATISTICS_SIZE),
  };
}

export function stateBatch(
  filled: StateRows,
  customerIds: readonly string[],
): BatchOf<typeof customerStates> {
  const { rows } = filled;
  return {
    rows,
    columns: {
      customer_id: { codes: filled.customer.subarray(0, rows), values: customerIds },
      week: filled.week.subarray(0, rows),
      week_idx: filled.weekIdx.subarray(0, rows),
      ...vectors(filled),
    },
  };
}

export function embeddingBatch(
  filled: StateRows,
  customerIds: readonly string[],
): BatchOf<typeof customerEmbeddings> {
  const customers = filled.customer.subarray(0, filled.rows);
  return {
    rows: filled.rows,
    columns: {
      customer_id: Array.from(customers, (customer) => customerIds[customer] ?? ''),
      ...vectors(filled),
    },
  };
}

function vectors({ rows, trips, embedding, history, statistics }: StateRows) {
  return {
    trips: trips.subarray(0, rows),
    embedding: embedding.subarray(0, rows * CUSTOMER_EMBEDDING_SIZE),
    history: history.subarray(0, rows * CUSTOMER_HISTORY_SIZE),
    statistics: statistics.subarray(0, rows * CUSTOMER_STATISTICS_SIZE),
  };
}
