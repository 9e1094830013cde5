import { mersenneTwister } from '@retail-sim/random';
import type { TensorTarget } from './tensor-target.js';

/** A table of fixed vectors, one row per category: row `i` is `values[i * width]` up to `values[(i + 1) * width]`. */
export interface LookupTable {
  readonly width: number;
  readonly values: Float64Array;
}

/** Seed of every table of the reference (spec section 4, 0.5). */
const TABLE_SEED = 42;
/** Every table entry is a standard normal times this. */
const TABLE_SCALE = 0.1;

/**
 * Tables drawn one after the other from the stream seeded with 42, row by row (spec section 4, 0.5). Each tensor restarts
 * the stream, so tables of different tensors share numbers (defect D-31, kept: a model may start from them and learn).
 */
export function drawTables<const S extends readonly { readonly rows: number; readonly width: number }[]>(
  shapes: S,
): { readonly [K in keyof S]: LookupTable } {
  return drawTablesFrom(TABLE_SEED, shapes);
}

/** Like {@link drawTables}, from the stream of another seed. */
export function drawTablesFrom<const S extends readonly { readonly rows: number; readonly width: number }[]>(
  seed: number,
  shapes: S,
): { readonly [K in keyof S]: LookupTable } {
  const { normal } = mersenneTwister(seed);
  const tables = shapes.map(({ rows, width }) => ({
    width,
    values: Float64Array.from({ length: rows * width }, () => TABLE_SCALE * normal()),
  }));
  // `map` keeps the length of the tuple, which its type does not say.
  return tables as { readonly [K in keyof S]: LookupTable };
}

/** `first` with the rows of `more` after its own. */
export function appendRows(first: LookupTable, ...more: readonly LookupTable[]): LookupTable {
  const values = [first, ...more].flatMap((table) => Array.from(table.values));
  return { width: first.width, values: Float64Array.from(values) };
}

/** Copies one row; a row below 0 (unknown category) writes zeros. */
export function writeRow({ out, offset }: TensorTarget, table: LookupTable, row: number): void {
  if (row < 0) {
    out.fill(0, offset, offset + table.width);
    return;
  }
  out.set(table.values.subarray(row * table.width, (row + 1) * table.width), offset);
}
