// `entities/tables.json`: the fixed vectors of T1, T2, T3, T5 and T6, so that a reader in any language needs no generator
// and a model can start its own category vectors from them (spec section 4, D-31).

import { writeFile } from 'node:fs/promises';
import type { Stage } from '@retail-sim/artifacts';
import {
  FIRST_SEGMENTS,
  firstSegmentTable,
  SECOND_SEGMENTS,
  secondSegmentTable,
} from '../encoders/customer-context.js';
import type { LookupTable } from '../encoders/lookup-table.js';
import { specialVectors } from '../encoders/product-sequence.js';
import { formatTable, regionTable, STORE_FORMATS, STORE_REGIONS } from '../encoders/store-context.js';
import { hourTable, SEASONS, seasonTable, weekdayTable, weekTable } from '../encoders/temporal-context.js';
import {
  BASKET_SIZES,
  focusTable,
  MISSION_FOCUSES,
  MISSION_TYPES,
  PRICE_SENSITIVITIES,
  sensitivityTable,
  sizeTable,
  typeTable,
} from '../encoders/trip-context.js';

export const LOOKUP_TABLES_FILE = 'entities/tables.json';

export async function writeLookupTables(stage: Stage): Promise<void> {
  const { mask, eos } = specialVectors();
  const tables = {
    t1: { seg1: named(FIRST_SEGMENTS, firstSegmentTable), seg2: named(SECOND_SEGMENTS, secondSegmentTable) },
    t2: { mask: Array.from(mask), eos: Array.from(eos) },
    t3: {
      week: rows(weekTable),
      weekday: rows(weekdayTable),
      hour: rows(hourTable),
      season: named(SEASONS, seasonTable),
    },
    t5: { format: named(STORE_FORMATS, formatTable), region: named(STORE_REGIONS, regionTable) },
    t6: {
      type: named(MISSION_TYPES, typeTable),
      focus: named(MISSION_FOCUSES, focusTable),
      sensitivity: named(PRICE_SENSITIVITIES, sensitivityTable),
      size: named(BASKET_SIZES, sizeTable),
    },
  };
  await stage.file(LOOKUP_TABLES_FILE, (temporary) => writeFile(temporary, `${JSON.stringify(tables)}\n`));
}

function rows({ width, values }: LookupTable): number[][] {
  return Array.from({ length: values.length / width }, (_, row) =>
    Array.from(values.subarray(row * width, (row + 1) * width)),
  );
}

function named(names: readonly string[], table: LookupTable): Record<string, number[]> {
  const vectors = rows(table);
  return Object.fromEntries(names.map((name, row) => [name, vectors[row] ?? []]));
}
