import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { queryOne } from './read-with-duckdb.js';

const processed = join(inject('preparedRun'), 'data', 'processed');
const table = (name: string): string => `read_parquet('${join(processed, name)}')`;

describe('the data pipeline', () => {
  it('keeps every line of the raw data, and a price for each', async () => {
    const raw = `read_csv('${join(inject('preparedRun'), 'raw_data', 'transactions_*.csv')}')`;
    const row = await queryOne(`SELECT
      (SELECT count(*) FROM ${raw})::INT AS raw_lines,
      (SELECT count(*) FROM ${table('transactions.parquet')})::INT AS lines,
      (SELECT count(*) FROM ${table('rejects.parquet')})::INT AS rejects,
      (SELECT sum(lines) FROM ${table('baskets.parquet')})::INT AS basket_lines,
      (SELECT min(actual_price) FROM ${table('prices_derived.parquet')}) AS cheapest`);
    expect(row['lines']).toBe(Number(row['raw_lines']) - Number(row['rejects']));
    expect(row['basket_lines']).toBe(row['lines']);
    expect(row['cheapest']).toBeGreaterThan(0);
  });

  it('links products and describes customers', async () => {
    const row = await queryOne(`SELECT
      (SELECT count(*) FROM ${table('product_graph_edges.parquet')} WHERE edge_type = 'hierarchy')::INT AS hierarchy,
      (SELECT count(*) FROM ${table('customer_store_affinity.parquet')})::INT AS affinity,
      (SELECT count(*) FROM ${table('customer_mission_patterns.parquet')})::INT AS missions`);
    expect(row['hierarchy']).toBeGreaterThan(100);
    expect(row['affinity']).toBeGreaterThan(20);
    expect(row['missions']).toBe(row['affinity']);
  });
});
