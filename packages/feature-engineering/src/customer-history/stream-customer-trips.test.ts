import { join } from 'node:path';
import { readWholeTable } from '@retail-sim/artifacts';
import { customers, products, transactions } from '@retail-sim/data-pipeline/schemas';
import { expect, test } from 'vitest';
import { openEngine } from '../engine/open-engine.js';
import { openProcessed } from '../read-processed/open-processed.js';
import { BASKET_LABELS, readLabelPositions } from '../read-processed/read-labels.js';
import { rawWorld } from '../testing/raw-world.js';
import { type RawLine, runPipeline, temporaryFolder, writeRaw } from '../testing/run-stages.js';
import { IN_TIME, sortCustomerLines, streamCustomerTrips } from './stream-customer-trips.js';

test('every customer has all trips in order of day, hour and number, each product once', async () => {
  await using folder = await temporaryFolder();
  const { lines, calendar } = rawWorld({ weeks: 4, baskets: 300 });
  // Numbers that run against time, and a product listed twice in its basket.
  const raw = lines.map((line) => ({ ...line, basket: 2_000_000_000 - line.basket }));
  const [first] = raw;
  const file = await writeRaw(folder.path, first === undefined ? raw : [...raw, first], calendar);
  const processed = join(folder.path, 'processed');
  await runPipeline({ input: [file], processed });
  const { pipeline } = await openProcessed({
    processed,
    mode: 'corrected',
    split: undefined,
    fitThroughWeek: undefined,
    nrows: undefined,
  });
  const customerIds = (await readWholeTable(pipeline.path(customers), customers)).columns.customer_id;
  const productIds = (await readWholeTable(pipeline.path(products), products)).columns.product_id;
  await using engine = await openEngine({ folder: folder.path, threads: 2, memoryLimit: '300MB' });
  await sortCustomerLines(engine.connection, pipeline.path(transactions), IN_TIME);

  const found = new Map<string, unknown[]>();
  const labels = await readLabelPositions(pipeline);
  for await (const trips of streamCustomerTrips(engine.connection, labels, IN_TIME)) {
    const list = Array.from({ length: trips.trips }, (_, trip) => ({
      products: Array.from(
        trips.products.subarray(trips.starts[trip], trips.starts[trip + 1]),
        (product) => productIds[product],
      ),
      type: BASKET_LABELS.basket_type[trips.labels.basket_type[trip] ?? -1] ?? 'XX',
    }));
    found.set(customerIds[trips.customer] ?? '', list);
  }
  expect(found).toEqual(expectedTrips(raw));
});

function expectedTrips(lines: readonly RawLine[]): Map<string, unknown[]> {
  const known = lines.filter(({ customer }) => customer !== '');
  const baskets = groupByBasket(known);
  const trips = [...baskets.values()].flatMap(([first, ...rest]) =>
    first === undefined
      ? []
      : [{ ...first, products: [first, ...rest].map(({ product }) => product).sort() }],
  );
  trips.sort((a, b) => a.date - b.date || a.hour - b.hour || a.basket - b.basket);
  const expected = new Map<string, unknown[]>();
  for (const { customer, products: items, type } of trips) {
    expected.set(customer, [...(expected.get(customer) ?? []), { products: items, type }]);
  }
  return expected;
}

function groupByBasket(lines: readonly RawLine[]): Map<number, RawLine[]> {
  const baskets = new Map<number, RawLine[]>();
  for (const line of lines) baskets.set(line.basket, [...(baskets.get(line.basket) ?? []), line]);
  return baskets;
}
