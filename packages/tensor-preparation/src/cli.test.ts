// The command as a process, on a world that the tests write, and everything that it must refuse.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { appendFile, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  type Folders,
  makeWorld,
  type UpstreamChange,
  type World,
  writeUpstream,
} from '../../../tests/tensor-preparation/upstream-fixture.js';
import { buildTensors } from './build/build-tensors.js';
import { openTensors } from './loader/open-tensors.js';

const bin = join(import.meta.dirname, '../bin/retail-build-tensors.js');

function run(folders: Folders, ...flags: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      bin,
      ...flags,
      '--tensors',
      folders.tensors,
      ...(flags[0] === 'describe' || flags[0] === 'inspect'
        ? []
        : ['--processed', folders.processed, '--features', folders.features]),
    ],
    { encoding: 'utf8', cwd: dirname(folders.tensors) },
  );
  return { status, stdout, stderr };
}

const made: string[] = [];
async function upstream(world: World, change: UpstreamChange = {}): Promise<Folders> {
  const folders = await writeUpstream(world, change);
  made.push(dirname(folders.tensors));
  return folders;
}
afterAll(async () => {
  for (const folder of made) await rm(folder, { recursive: true });
});

/** Names, sizes and contents of a folder. */
function contents(folder: string): Map<string, string> {
  return new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [name, readFileSync(join(folder, name), 'base64')]),
  );
}

describe('a built folder', () => {
  const world = makeWorld();
  let folders: Folders;
  beforeAll(async () => {
    folders = await upstream(world);
    const { status, stderr } = run(folders, '--quiet');
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  test('the files are those of the specification, and nothing else', () => {
    expect([...contents(folders.tensors).keys()].sort()).toEqual([
      'entities/calendar.arrow',
      'entities/category_prices.arrow',
      'entities/customer_states.arrow',
      'entities/customer_timelines.arrow',
      'entities/customers.arrow',
      'entities/prices.arrow',
      'entities/products.arrow',
      'entities/stores.arrow',
      'entities/tables.json',
      'manifest.json',
      'test_pairs.arrow',
      'test_tensors.arrow',
      'train_pairs.arrow',
      'train_tensors.arrow',
      'val_pairs.arrow',
      'val_tensors.arrow',
    ]);
  });

  test('another process builds the same bytes', async () => {
    const tensors = join(dirname(folders.tensors), 'again');
    await buildTensors({
      ...folders,
      tensors,
      seed: 42,
      t6: 'prior',
      t2PositionEncoding: false,
      longBaskets: 'truncate',
    });
    const [here, there] = [contents(tensors), contents(folders.tensors)];
    expect([...here.keys()].sort()).toEqual([...there.keys()].sort());
    for (const [name, bytes] of here) {
      if (name !== 'manifest.json') expect(there.get(name) === bytes, name).toBe(true);
    }
  });

  test('inspect prints a basket in words, describe the whole folder', () => {
    const basket = world.baskets.findLast(({ customer }) => customer !== null);
    const inspected = run(folders, 'inspect', String(basket?.basketId), '--json');
    expect(inspected.status).toBe(0);
    const data = z.record(z.string(), z.json()).parse(JSON.parse(inspected.stdout));
    expect(data).toMatchObject({
      basketId: basket?.basketId,
      split: 'test',
      customer: `CUST${String(basket?.customer).padStart(4, '0')}`,
      store: `STORE${String(basket?.store).padStart(3, '0')}`,
      t3: { week: world.weeks, hour: basket?.hour },
    });
    expect(run(folders, 'inspect', String(basket?.basketId)).stdout).toContain('T6 trip');
    const described = run(folders, 'describe');
    expect(described.status).toBe(0);
    expect(described.stdout).toContain('cold start');
    expect(described.stdout).toContain('train_tensors.arrow');
  });

  test('an unknown basket, a word for a basket and an unknown folder are usage errors', () => {
    expect(run(folders, 'inspect', '1')).toMatchObject({ status: 2, stdout: '' });
    expect(run(folders, 'inspect', 'basket')).toMatchObject({ status: 2, stdout: '' });
    const nowhere = run({ ...folders, tensors: join(folders.tensors, 'nowhere') }, 'describe');
    expect(nowhere.status).toBe(2);
    expect(nowhere.stderr).toContain('retail-build-tensors');
  });
});

describe('refusals leave the last folder as it was', () => {
  const world = makeWorld({ baskets: 120 });
  let good: Folders;
  beforeAll(async () => {
    good = await upstream(world);
    expect(run(good, '--quiet').status).toBe(0);
  });

  async function refused(bad: Folders, ...flags: string[]): Promise<string> {
    const before = contents(good.tensors);
    const { status, stderr, stdout } = run({ ...bad, tensors: good.tensors }, ...flags);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(contents(good.tensors)).toEqual(before);
    return stderr;
  }

  test('features fitted on another cut-off', async () => {
    const message = await refused(await upstream(world, { fitThroughWeek: 200607 }));
    expect(message).toContain('200607');
    expect(message).toContain('retail-feature-engineering');
  });

  test('another split than the pipeline was run with', async () => {
    expect(await refused(await upstream(world), '--split', '70/15/15')).toContain('retail-data-pipeline');
  });

  test('another row limit than the pipeline was run with', async () => {
    expect(await refused(await upstream(world), '--nrows', '10000')).toContain('--nrows 10000');
  });

  test('features made in reference mode', async () => {
    expect(await refused(await upstream(world, { featureMode: 'reference' }))).toContain('mode');
  });

  test('a foreign vocabulary', async () => {
    expect(await refused(await upstream(world, { embeddedProducts: 39 }))).toContain('vocabulary');
  });

  test('embeddings of other dimensions, and one that is not a number', async () => {
    const narrow = await refused(await upstream(world, { embeddingSize: 128 }));
    expect(narrow).toContain('product_embeddings.parquet');
    expect(narrow).toContain('retail-feature-engineering');
    const broken = await refused(await upstream(world, { brokenProduct: 4 }));
    expect(broken).toContain('product_embeddings.parquet:5');
    expect(broken).toContain('not finite');
  });

  test('an empty validation split', async () => {
    const bad = await upstream(world, {
      split: { train: [1, 2, 3, 4, 5, 6, 7, 8, 9], validation: [], test: [10] },
    });
    expect(await refused(bad)).toContain('no basket for validation');
  });

  test('fewer than 10 baskets', async () => {
    expect(await refused(await upstream(makeWorld({ baskets: 9, weeks: 3 })))).toContain('9 baskets');
  });

  test('a manifest that is none, and one that is missing', async () => {
    const bad = await upstream(world);
    await truncate(join(bad.processed, 'manifest.json'), 40);
    expect(await refused(bad)).toContain('retail-data-pipeline');
    await rm(join(bad.features, 'manifest.json'));
    await rm(join(bad.processed, 'manifest.json'));
    expect(await refused(bad)).toContain('retail-data-pipeline');
  });

  test('an upstream table that was changed after its manifest', async () => {
    const bad = await upstream(world);
    await appendFile(join(bad.features, 'product_embeddings.parquet'), 'x');
    expect(await refused(bad)).toContain('retail-feature-engineering');
  });
});

describe('readers of a folder', () => {
  test('any file cut off, and a manifest with other dimensions, are refused', async () => {
    const folders = await upstream(makeWorld({ baskets: 120 }));
    expect(run(folders, '--quiet').status).toBe(0);
    const data = [...contents(folders.tensors).keys()].filter((name) => name !== 'manifest.json');
    expect(data.length).toBe(15);
    for (const file of data) {
      const path = join(folders.tensors, file);
      const whole = readFileSync(path);
      const { mtime, atime } = statSync(path);
      await truncate(path, whole.length - 1);
      await expect(openTensors(folders.tensors), file).rejects.toMatchObject({
        name: 'InputError',
        message: expect.stringContaining(file),
      });
      if (file === 'train_tensors.arrow') {
        const { status, stderr } = run(folders, 'describe');
        expect(status).toBe(2);
        expect(stderr).toContain(file);
      }
      await writeFile(path, whole);
      await utimes(path, atime, mtime);
    }
    (await openTensors(folders.tensors)).close();
    const manifest = join(folders.tensors, 'manifest.json');
    const text = await readFile(manifest, 'utf8');
    await writeFile(manifest, text.replace('"t1": 192', '"t1": 128'));
    expect(run(folders, 'describe')).toMatchObject({ status: 2, stderr: expect.stringContaining('dims.t1') });
    await writeFile(manifest, text.replace('"schemaVersion": "1.0.0"', '"schemaVersion": "2.0.0"'));
    expect(run(folders, 'describe')).toMatchObject({ status: 2, stderr: expect.stringContaining('2.0.0') });
  });
});
