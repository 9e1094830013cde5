// Nothing about a week depends on that week or a later one (spec section 3, defect LEAK; section 4, invariant 8). The raw
// rows behind a week are changed or removed, both stages run again, and what was made before must be the same byte by byte.

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  customerEmbeddings,
  customerStates,
  hierarchyEmbeddings,
  priceFeatures,
  productEmbeddings,
  pseudoBrands,
  storeFeatures,
} from './schemas/index.js';
import { rawWorld } from './testing/raw-world.js';
import {
  type AnyRow,
  type RawLine,
  readRows,
  runFeatures,
  runPipeline,
  temporaryFolder,
  writeRaw,
} from './testing/run-stages.js';

const world = rawWorld({ weeks: 12 });
/** With 80/10/10 of twelve even weeks, train ends here. */
const CUT_OFF = 10;
const weekOf = (index: number) => world.calendar[index - 1]?.week ?? 0;

interface Outcome {
  readonly fitThroughWeek: number;
  readonly tables: Readonly<Record<string, readonly AnyRow[]>>;
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let before: Outcome;

beforeAll(async () => {
  folder = await temporaryFolder();
  before = await outcomeOf('before', world.lines);
});
afterAll(() => folder[Symbol.asyncDispose]());

async function outcomeOf(name: string, lines: readonly RawLine[]): Promise<Outcome> {
  const root = join(folder.path, name);
  const [processed, features] = [join(root, 'processed'), join(root, 'features')];
  const { mkdir } = await import('node:fs/promises');
  await mkdir(root, { recursive: true });
  const raw = await writeRaw(root, lines, world.calendar);
  await runPipeline({ input: [raw], processed, split: '80/10/10', graph: { minCopurchaseCount: 2 } });
  const { fitThroughWeek } = await runFeatures({ processed, features });
  const tables = [
    pseudoBrands,
    priceFeatures,
    productEmbeddings,
    hierarchyEmbeddings,
    customerStates,
    customerEmbeddings,
    storeFeatures,
  ];
  const read = await Promise.all(
    tables.map(async (table) => [table.name, await readRows(features, table)] as const),
  );
  return { fitThroughWeek, tables: Object.fromEntries(read) };
}

const rowsOf = ({ tables }: Outcome, table: { readonly name: string }) => tables[table.name] ?? [];
const upTo = (rows: readonly AnyRow[], week: number) => rows.filter((row) => Number(row['week_idx']) <= week);

/** Other products, prices, labels and stores in every line of a later week; baskets stay what they are. */
function changed(line: RawLine, week: number): RawLine {
  if (line.week <= weekOf(week)) return line;
  const other = world.lines[(line.basket + line.hour) % world.lines.length] ?? line;
  return {
    ...line,
    quantity: line.quantity + 2,
    spend: (Number(line.spend) * 3 + 0.01).toFixed(2),
    product: other.product,
    categories: other.categories,
    type: 'Full Shop',
    focus: 'Nonfood',
    sensitivity: 'UM',
    size: 'L',
  };
}

describe('changing every row after the cut-off', () => {
  let after: Outcome;
  beforeAll(async () => {
    after = await outcomeOf(
      'changed',
      world.lines.map((line) => changed(line, CUT_OFF)),
    );
  });

  test('the cut-off is where the test thinks it is, and the change reaches the data', () => {
    expect(before.fitThroughWeek).toBe(weekOf(CUT_OFF));
    expect(after.fitThroughWeek).toBe(weekOf(CUT_OFF));
    expect(rowsOf(after, priceFeatures)).not.toEqual(rowsOf(before, priceFeatures));
    expect(rowsOf(after, customerStates)).not.toEqual(rowsOf(before, customerStates));
  });

  test.each([pseudoBrands, hierarchyEmbeddings, customerEmbeddings, storeFeatures])(
    'changes nothing fitted: $name',
    (table) => {
      expect(rowsOf(before, table).length).toBeGreaterThan(0);
      expect(rowsOf(after, table)).toEqual(rowsOf(before, table));
    },
  );

  test('changes nothing fitted: product embeddings of products sold before', () => {
    const known = new Set(rowsOf(before, pseudoBrands).map((row) => row['product_id']));
    const own = (outcome: Outcome) =>
      rowsOf(outcome, productEmbeddings).filter((row) => known.has(row['product_id']));
    expect(own(before).length).toBe(known.size);
    expect(own(after)).toEqual(own(before));
  });

  test('changes no price and no state up to the week behind it', () => {
    expect(upTo(rowsOf(after, priceFeatures), CUT_OFF)).toEqual(upTo(rowsOf(before, priceFeatures), CUT_OFF));
    const states = upTo(rowsOf(before, customerStates), CUT_OFF + 1);
    expect(states.some((row) => row['week_idx'] === CUT_OFF + 1)).toBe(true);
    expect(upTo(rowsOf(after, customerStates), CUT_OFF + 1)).toEqual(states);
  });
});

test('a state before a validation week does not know that week', async () => {
  const week = CUT_OFF + 2;
  const after = await outcomeOf(
    'later',
    world.lines.map((line) => changed(line, week - 1)),
  );
  const states = upTo(rowsOf(before, customerStates), week);
  expect(states.some((row) => row['week_idx'] === week)).toBe(true);
  expect(upTo(rowsOf(after, customerStates), week)).toEqual(states);
  expect(upTo(rowsOf(after, priceFeatures), week - 1)).toEqual(upTo(rowsOf(before, priceFeatures), week - 1));
});

test('the order of the raw rows changes nothing', async () => {
  const after = await outcomeOf('reversed', world.lines.toReversed());
  expect(after).toEqual(before);
});
