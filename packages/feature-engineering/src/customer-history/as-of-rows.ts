// What stages 3 and 4 knew of a customer, side by side: as of each week, and at the end of the fit window.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Upstream } from '@retail-sim/artifacts';
import {
  customerMissionPatterns,
  customerMissionPatternsWeekly,
  customerStoreAffinity,
  customerStoreAffinityWeekly,
  customers,
} from '@retail-sim/data-pipeline/schemas';
import { InputError } from '@retail-sim/errors';
import { parquet, streamNumbers } from '../engine/stream-numbers.js';
import { AFFINITY_COLUMNS, MISSION_COLUMNS } from './customer-statistics.js';

/** One row of the two tables. The arrays are filled anew for every row. */
export interface AsOfRow {
  /** Row in `customers.parquet`. */
  readonly customer: number;
  /** The state holds before this calendar week; undefined for the state at the end of the fit window. */
  readonly week: number | undefined;
  /** Values of `MISSION_COLUMNS`. */
  readonly missions: Float64Array;
  /** Values of `AFFINITY_COLUMNS`. */
  readonly affinity: Float64Array;
}

const VALUES = [
  ...MISSION_COLUMNS.map((name) => `m.${name}::DOUBLE`),
  ...AFFINITY_COLUMNS.map((name) => `coalesce(a.${name}, 0)::DOUBLE`),
].join(', ');

/** As-of rows ascending by customer, then week. Both tables hold the same keys in the same order. */
export function streamWeeklyRows(connection: DuckDBConnection, pipeline: Upstream): AsyncGenerator<AsOfRow> {
  const affinity = pipeline.path(customerStoreAffinityWeekly);
  const missions = pipeline.path(customerMissionPatternsWeekly);
  return rowsOf(
    connection,
    `SELECT a.customer, m.customer, a.week_idx, m.week_idx, ${VALUES}
     FROM ${parquet(affinity)} a POSITIONAL JOIN ${parquet(missions)} m`,
    missions,
  );
}

/** One row a customer of the fit window, ascending. */
export function streamFitRows(connection: DuckDBConnection, pipeline: Upstream): AsyncGenerator<AsOfRow> {
  const missions = pipeline.path(customerMissionPatterns);
  const place = `(SELECT (row_number() OVER () - 1)::UINTEGER AS customer, customer_id FROM ${parquet(pipeline.path(customers))})`;
  return rowsOf(
    connection,
    `SELECT c.customer, c.customer, 0::SMALLINT, 0::SMALLINT, ${VALUES}
     FROM ${parquet(pipeline.path(customerStoreAffinity))} a
     JOIN ${parquet(missions)} m USING (customer_id) JOIN ${place} c USING (customer_id) ORDER BY 1`,
    missions,
  );
}

async function* rowsOf(connection: DuckDBConnection, sql: string, path: string): AsyncGenerator<AsOfRow> {
  const missions = new Float64Array(MISSION_COLUMNS.length);
  const affinity = new Float64Array(AFFINITY_COLUMNS.length);
  let line = 0;
  for await (const { rows, columns } of streamNumbers(
    connection,
    sql,
    4 + missions.length + affinity.length,
  )) {
    const [customer, sameCustomer, week, sameWeek, ...values] = columns;
    if (!customer || !sameCustomer || !week || !sameWeek) throw new TypeError('the query lacks a column');
    for (let row = 0; row < rows; row++) {
      line++;
      if (customer[row] !== sameCustomer[row] || week[row] !== sameWeek[row]) throw unaligned(path, line);
      for (let k = 0; k < missions.length; k++) missions[k] = values[k]?.[row] ?? 0;
      for (let k = 0; k < affinity.length; k++) affinity[k] = values[missions.length + k]?.[row] ?? 0;
      const weekIdx = week[row] ?? 0;
      yield {
        customer: customer[row] ?? 0,
        week: weekIdx === 0 ? undefined : weekIdx,
        missions,
        affinity,
      };
    }
  }
}

function unaligned(path: string, line: number): InputError {
  return new InputError({
    what: 'has another customer or week than customer_store_affinity_weekly.parquet',
    where: { file: path, line },
    remedy: 'run retail-data-pipeline again',
  });
}
