// GraphSAGE reads more of the data pipeline than the spectral embedding does: prices, popularity and substitutes. None of
// it may know a row behind the cut-off.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hierarchyEmbeddings, productEmbeddings } from '../schemas/index.js';
import { rawWorld } from '../testing/raw-world.js';
import {
  type AnyRow,
  type RawLine,
  readRows,
  runFeatures,
  runPipeline,
  temporaryFolder,
  writeRaw,
} from '../testing/run-stages.js';

const world = rawWorld({ products: 40, baskets: 2500, weeks: 10 });
/** With 80/10/10 of ten even weeks, train ends here. */
const LAST_FITTED_WEEK = world.calendar[7]?.week ?? 0;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

async function embed(name: string, lines: readonly RawLine[]): Promise<Record<string, readonly AnyRow[]>> {
  const root = join(folder.path, name);
  await mkdir(root, { recursive: true });
  const input = [await writeRaw(root, lines, world.calendar)];
  const [processed, features] = [join(root, 'processed'), join(root, 'features')];
  await runPipeline({ input, processed, split: '80/10/10', graph: { minCopurchaseCount: 2 } });
  await runFeatures({ processed, features, layers: [1, 3], embedding: 'graphsage', device: 'wasm' });
  return {
    products: await readRows(features, productEmbeddings),
    categories: await readRows(features, hierarchyEmbeddings),
  };
}

test('other products, prices and units after the cut-off change no vector of GraphSAGE; before it, they do', async () => {
  const change = (isChanged: (line: RawLine) => boolean) =>
    world.lines.map((line, at) => {
      if (!isChanged(line)) return line;
      const { product, categories } = world.lines[(7 * at) % world.lines.length] ?? line;
      return { ...line, product, categories, quantity: line.quantity + 2, spend: '9.99' };
    });
  const before = await embed('before', world.lines);
  expect(before['products']?.every(({ source }) => source === 'graphsage')).toBe(true);
  const later = await embed(
    'later',
    change(({ week }) => week > LAST_FITTED_WEEK),
  );
  expect(later).toEqual(before);
  const last = await embed(
    'last',
    change(({ week }) => week === LAST_FITTED_WEEK),
  );
  expect(last['products']).not.toEqual(before['products']);
});
