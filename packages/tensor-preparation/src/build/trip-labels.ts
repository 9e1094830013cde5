import {
  BASKET_SIZES,
  MISSION_FOCUSES,
  MISSION_TYPES,
  PRICE_SENSITIVITIES,
} from '../encoders/trip-context.js';
import type { Dictionaries } from './upstream.js';

/** Columns of the pipeline's baskets in the order of T6, with their classes. */
export const LABEL_COLUMNS = [
  { column: 'basket_type', classes: MISSION_TYPES },
  { column: 'basket_dominant_mission', classes: MISSION_FOCUSES },
  { column: 'basket_price_sensitivity', classes: PRICE_SENSITIVITIES },
  { column: 'basket_size', classes: BASKET_SIZES },
] as const;

interface NullableCodes {
  readonly data: Uint8Array;
  readonly valid: Uint8Array;
}
export type LabelBatch = { readonly [K in (typeof LABEL_COLUMNS)[number]['column']]: NullableCodes };

/** Reads the classes of a basket, 1-based, 0 for XX, empty and anything outside the lists. */
export function labelReader(
  labels: Dictionaries['labels'],
): (columns: LabelBatch, row: number) => [number, number, number, number] {
  const tables = LABEL_COLUMNS.map(({ column, classes }) => {
    const classOfCode = new Uint8Array(256);
    const names: readonly string[] = classes;
    for (const [place, attribute] of labels.attribute.entries()) {
      if (attribute !== column) continue;
      classOfCode[labels.code[place] ?? 0] = names.indexOf(labels.label[place] ?? '') + 1;
    }
    return classOfCode;
  });
  const [types, focuses, sensitivities, sizes] = tables;
  const read = (table: Uint8Array | undefined, { data, valid }: NullableCodes, row: number) =>
    valid[row] === 1 ? (table?.[data[row] ?? 0] ?? 0) : 0;
  return (columns, row) => [
    read(types, columns.basket_type, row),
    read(focuses, columns.basket_dominant_mission, row),
    read(sensitivities, columns.basket_price_sensitivity, row),
    read(sizes, columns.basket_size, row),
  ];
}

/** Class of BASKET_SIZE that a number of units belongs to: 1-2 S, 3-9 M, 10 and more L. */
export function sizeClassOfUnits(units: number): number {
  return units >= 10 ? 3 : units >= 3 ? 2 : 1;
}
