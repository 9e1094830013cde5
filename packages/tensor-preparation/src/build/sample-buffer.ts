// Rows of a sample table on their way to disk.

import type { BatchOf } from '@retail-sim/artifacts';
import type { trainTensors } from '../schemas/samples.js';
import { growingArray } from './growing-array.js';

export type SampleBatch = BatchOf<typeof trainTensors>;

/** One basket, but for its items. */
export interface SampleRow {
  readonly basketRow: number;
  readonly basketId: number;
  readonly customerRow: number;
  readonly stateRow: number;
  readonly timelinePosition: number;
  readonly storeRow: number;
  readonly week: number;
  readonly date: number;
  readonly isoWeekday: number;
  readonly hour: number;
  readonly recencyDays: number;
  /** Classes of type, focus, sensitivity and size. */
  readonly labels: readonly [number, number, number, number];
  readonly dropped: number;
  readonly totalSpend: number;
  readonly flags: number;
}

export interface SampleBuffer {
  readonly rows: number;
  /** Adds an item to the basket that the next `endBasket` closes. */
  addItem(token: number, priceRow: number, quantity: number): void;
  endBasket(row: SampleRow): void;
  /** The rows so far; the buffer is empty afterwards. */
  take(): SampleBatch;
}

export function sampleBuffer(): SampleBuffer {
  const columns = {
    basket_row: growingArray(Uint32Array),
    basket_id: growingArray(Float64Array),
    customer_row: growingArray(Uint32Array),
    state_row: growingArray(Uint32Array),
    timeline_pos: growingArray(Uint32Array),
    store_row: growingArray(Uint16Array),
    week: growingArray(Uint16Array),
    date: growingArray(Int32Array),
    iso_weekday: growingArray(Uint8Array),
    hour: growingArray(Uint8Array),
    recency_days: growingArray(Int16Array),
    label_type: growingArray(Uint8Array),
    label_focus: growingArray(Uint8Array),
    label_sensitivity: growingArray(Uint8Array),
    label_size: growingArray(Uint8Array),
    n_dropped: growingArray(Uint16Array),
    total_spend: growingArray(Float32Array),
    flags: growingArray(Uint16Array),
  };
  const tokens = growingArray(Uint16Array);
  const priceRows = growingArray(Uint32Array);
  const quantities = growingArray(Uint16Array);
  const ends = growingArray(Int32Array);

  return {
    get rows() {
      return ends.length;
    },
    addItem(token, priceRow, quantity) {
      tokens.push(token);
      priceRows.push(priceRow);
      quantities.push(quantity);
    },
    endBasket(row) {
      ends.push(tokens.length);
      columns.basket_row.push(row.basketRow);
      columns.basket_id.push(row.basketId);
      columns.customer_row.push(row.customerRow);
      columns.state_row.push(row.stateRow);
      columns.timeline_pos.push(row.timelinePosition);
      columns.store_row.push(row.storeRow);
      columns.week.push(row.week);
      columns.date.push(row.date);
      columns.iso_weekday.push(row.isoWeekday);
      columns.hour.push(row.hour);
      columns.recency_days.push(row.recencyDays);
      columns.label_type.push(row.labels[0]);
      columns.label_focus.push(row.labels[1]);
      columns.label_sensitivity.push(row.labels[2]);
      columns.label_size.push(row.labels[3]);
      columns.n_dropped.push(row.dropped);
      columns.total_spend.push(row.totalSpend);
      columns.flags.push(row.flags);
    },
    take() {
      const rows = ends.length;
      const offsets = new Int32Array(rows + 1);
      offsets.set(ends.take(), 1);
      return {
        rows,
        columns: {
          basket_row: columns.basket_row.take(),
          basket_id: columns.basket_id.take(),
          customer_row: columns.customer_row.take(),
          state_row: columns.state_row.take(),
          timeline_pos: columns.timeline_pos.take(),
          store_row: columns.store_row.take(),
          week: columns.week.take(),
          date: columns.date.take(),
          iso_weekday: columns.iso_weekday.take(),
          hour: columns.hour.take(),
          recency_days: columns.recency_days.take(),
          label_type: columns.label_type.take(),
          label_focus: columns.label_focus.take(),
          label_sensitivity: columns.label_sensitivity.take(),
          label_size: columns.label_size.take(),
          tokens: { offsets, values: tokens.take() },
          price_rows: { offsets, values: priceRows.take() },
          quantities: { offsets, values: quantities.take() },
          n_dropped: columns.n_dropped.take(),
          total_spend: columns.total_spend.take(),
          flags: columns.flags.take(),
        },
      };
    },
  };
}
