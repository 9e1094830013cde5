import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { queryOne } from './read-with-duckdb.js';

const features = join(inject('preparedRun'), 'data', 'features');
const table = (name: string): string => `read_parquet('${join(features, name)}')`;

describe('feature engineering', () => {
  it.each([
    ['product_embeddings.parquet', 'embedding', 256],
    ['customer_history_embeddings.parquet', 'embedding', 160],
    ['store_features.parquet', 'embedding', 96],
    ['price_features.parquet', 'encoding', 64],
  ])('%s holds vectors %s[%d] that are finite and differ', async (file, column, size) => {
    const row = await queryOne(`SELECT count(*)::INT AS rows, count(DISTINCT ${column})::INT AS different,
        min(len(${column}))::INT AS shortest, max(len(${column}))::INT AS longest,
        count_if(list_bool_or(list_transform(${column}, value -> NOT isfinite(value))))::INT AS broken
      FROM ${table(file)}`);
    expect(row).toMatchObject({ shortest: size, longest: size, broken: 0 });
    expect(row['different']).toBeGreaterThan(1);
  });

  it('gives each product of the fit window one brand', async () => {
    const row = await queryOne(
      `SELECT count(*)::INT AS rows, count(DISTINCT product_id)::INT AS products FROM ${table('pseudo_brands.parquet')}`,
    );
    expect(row['rows']).toBe(row['products']);
  });
});
