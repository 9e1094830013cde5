import type { DuckDBConnection } from '@duckdb/node-api';
import { InputError } from '@retail-sim/errors';
import { literal } from '../engine/sql.js';
import { readNumber } from '../engine/typed-chunk.js';
import { MISSING, UNCLEAN_TEXT } from './raw-columns.js';

/** Basket attributes whose labels become codes: raw column and the column of transactions.parquet. */
export const LABELLED = [
  { raw: 'BASKET_SIZE', column: 'basket_size' },
  { raw: 'BASKET_PRICE_SENSITIVITY', column: 'basket_price_sensitivity' },
  { raw: 'BASKET_TYPE', column: 'basket_type' },
  { raw: 'BASKET_DOMINANT_MISSION', column: 'basket_dominant_mission' },
] as const;

/** What a code says about itself beside its id; one value for each id, whatever the rows say. */
const ENTITIES = [
  {
    table: 'products',
    raw: 'PROD_CODE',
    id: 'product_id',
    attributes: [
      ['PROD_CODE_10', 'sub_commodity'],
      ['PROD_CODE_20', 'commodity'],
      ['PROD_CODE_30', 'sub_department'],
      ['PROD_CODE_40', 'department'],
    ],
  },
  {
    table: 'stores',
    raw: 'STORE_CODE',
    id: 'store_id',
    attributes: [
      ['STORE_FORMAT', 'store_format'],
      ['STORE_REGION', 'store_region'],
    ],
  },
  {
    table: 'customers',
    raw: 'CUST_CODE',
    id: 'customer_id',
    attributes: [
      ['SEG_1', 'seg_1'],
      ['SEG_2', 'seg_2'],
    ],
  },
] as const;

/** Codes of labels are bytes. */
const MAX_LABELS = 256;

export type Entity = (typeof ENTITIES)[number];

/**
 * Reads the files once for every distinct text: tables `products`, `stores`, `customers` (ascending by id, `code`
 * from 0), `labels` and `label_sets` (the basket attributes as written, and their codes) in the engine. False where a
 * text holds what no code or label may hold.
 */
export async function buildDictionaries(connection: DuckDBConnection, scan: string): Promise<boolean> {
  const sets = [
    ...ENTITIES.map(({ raw, attributes }) => [raw, ...attributes.map(([name]) => name)]),
    LABELLED.map(({ raw }) => raw),
  ];
  const names = sets.flat();
  await connection.run(`CREATE OR REPLACE TEMP TABLE written_text AS
    SELECT ${names.join(', ')}, GROUPING(PROD_CODE) = 0 AS of_products, GROUPING(STORE_CODE) = 0 AS of_stores,
      GROUPING(CUST_CODE) = 0 AS of_customers, GROUPING(BASKET_SIZE) = 0 AS of_labels,
      count(*) AS lines, min(SHOP_WEEK) AS first_week
    FROM ${scan} GROUP BY GROUPING SETS (${sets.map((set) => `(${set.join(', ')})`).join(', ')})`);
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE distinct_text AS SELECT * REPLACE (${names.map((name) => `${known(name)} AS ${name}`).join(', ')}) FROM written_text`,
  );
  for (const entity of ENTITIES) await connection.run(entityTable(entity));
  await connection.run(`CREATE OR REPLACE TEMP TABLE labels AS
    SELECT attribute, row_number() OVER (PARTITION BY attribute ORDER BY label) - 1 AS code, label
    FROM (${LABELLED.map(
      ({ raw, column }) =>
        `SELECT DISTINCT ${literal(column)} AS attribute, ${raw} AS label FROM distinct_text WHERE of_labels AND ${raw} IS NOT NULL`,
    ).join(' UNION ALL ')})`);
  await refuseTooManyLabels(connection);
  await connection.run(`CREATE OR REPLACE TEMP TABLE label_sets AS
    SELECT ${LABELLED.map(({ raw, column }) => `written_text.${raw}, ${column}.code::UTINYINT AS ${column}_code`).join(', ')}
    FROM written_text ${LABELLED.map(
      ({
        raw,
        column,
      }) => `LEFT JOIN (SELECT code, label FROM labels WHERE attribute = ${literal(column)}) AS ${column}
        ON ${column}.label = ${known(`written_text.${raw}`)}`,
    ).join(' ')}
    WHERE of_labels`);
  const unclean = await readNumber(
    connection,
    `SELECT count(*) FROM distinct_text WHERE ${names
      .map((name) => `coalesce(regexp_matches(${name}, ${literal(UNCLEAN_TEXT)}), false)`)
      .join(' OR ')}`,
  );
  await connection.run('DROP TABLE distinct_text');
  await connection.run('DROP TABLE written_text');
  return unclean === 0;
}

/** A text, or null where it says "no value". The scan leaves them: few distinct texts are quicker to ask than all lines. */
function known(text: string): string {
  return `CASE WHEN ${text} NOT IN (${MISSING.map(literal).join(', ')}) THEN ${text} END`;
}

/**
 * Rows can disagree about an id: the value of the earliest week counts, of several the smallest. So nothing that is
 * sold later changes what a product or store was.
 */
function entityTable({ table, raw, id, attributes }: Entity): string {
  const first = attributes.map(
    ([attribute, column]) => `LEFT JOIN (
      SELECT ${raw}, ${attribute} AS ${column} FROM (
        SELECT ${raw}, ${attribute}, row_number() OVER (PARTITION BY ${raw} ORDER BY min(first_week), ${attribute}) AS place
        FROM distinct_text WHERE of_${table} AND ${attribute} IS NOT NULL GROUP BY ${raw}, ${attribute}
      ) WHERE place = 1) USING (${raw})`,
  );
  return `CREATE OR REPLACE TEMP TABLE ${table} AS
    SELECT (row_number() OVER (ORDER BY ${raw}) - 1)::UINTEGER AS code, ${raw} AS ${id},
      ${attributes.map(([, column]) => column).join(', ')}, lines
    FROM (SELECT ${raw}, sum(lines)::BIGINT AS lines FROM distinct_text
          WHERE of_${table} AND ${raw} IS NOT NULL GROUP BY ${raw})
    ${first.join(' ')} ORDER BY code`;
}

async function refuseTooManyLabels(connection: DuckDBConnection): Promise<void> {
  for (const { raw, column } of LABELLED) {
    const count = await readNumber(
      connection,
      `SELECT count(*) FROM labels WHERE attribute = ${literal(column)}`,
    );
    if (count <= MAX_LABELS) continue;
    throw new InputError({
      what: `${raw} has ${count} different values; a basket attribute has at most ${MAX_LABELS}`,
      remedy: 'check that the column holds what its name says',
    });
  }
}
