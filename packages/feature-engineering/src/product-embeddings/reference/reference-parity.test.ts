// Layer 3 in reference mode against the reference's own arrays on real rows, which are not part of the project; where
// they are absent the values that the specification prints stand for them.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { referenceSeed } from '../../reference/string-hash.js';
import { neighbourLists } from '../graphsage/neighbours.js';
import type { EmbeddingProduct } from '../read-embedding-input.js';
import { randomFeatures } from './random-features.js';
import { randomGraphSage } from './random-graph-sage.js';
import { tensorLibraryNormals } from './tensor-library-normals.js';

test('hashes and normals are those of the specification (section 3, A.4 and A.5)', () => {
  expect(referenceSeed('PRD0900121')).toBe(2076560650);
  expect(referenceSeed('STORE00002')).toBe(505940014);
  expect(referenceSeed('a')).toBe(949688339 % 2 ** 31);
  expect(referenceSeed('')).toBe(0);
  const draw = tensorLibraryNormals(42);
  const first = draw(576 * 256);
  for (const [at, value] of [
    [0, 1.9269153],
    [1, 1.4872841],
    [3, -2.105521],
    [8, -0.7521353],
    [9, 1.648723],
  ] as const) {
    expect(first[at]).toBeCloseTo(value, 5);
  }
  expect(draw(1024 * 256)[0]).toBeCloseTo(-0.9167477, 5);
});

function product(
  productId: string,
  category: string,
  pseudoBrand: string,
  priceTier: string,
): EmbeddingProduct {
  const none = { commodity: undefined, sub_department: undefined, department: undefined };
  return {
    productId,
    categories: { sub_commodity: category, ...none },
    pseudoBrand,
    priceTier,
    price: undefined,
  };
}

test('the worked example of the specification (section 3, 7)', () => {
  const products = [
    product('PRD0900001', 'CL1', 'CL1_value_9ff59834', 'value'),
    product('PRD0900002', 'CL1', 'CL1_mid_18b2464c', 'mid'),
    product('PRD0900003', 'CL1', 'CL1_premium_acfa3789', 'premium'),
    product('PRD0910001', 'CL2', 'CL2_mid_0914630f', 'mid'),
  ];
  const lift = 7 / 6;
  const vectors = randomGraphSage({
    ...randomFeatures(products),
    copurchase: neighbourLists(products.length, [0, 1], [2, 3], [lift, lift]),
    substitution: neighbourLists(products.length, [], [], []),
  });
  for (const [row, expected] of [
    [0, 0, 0, 0.018876, 0.14637, 0],
    [0.155006, 0, 0, 0, 0, 0],
    [0, 0, 0.007198, 0.109719, 0.031731, 0],
    [0.00064, 0.048632, 0, 0, 0.00612, 0.044695],
  ].entries()) {
    expected.forEach((value, k) => {
      expect(vectors[row * 256 + k]).toBeCloseTo(value, 5);
    });
  }
});

const shared = join(import.meta.dirname, '../../../../../../shared/golden/reference');
const isPresent = existsSync(shared);
if (!isPresent) process.stderr.write('reference-parity of layer 3: skipped, ../shared is absent\n');

describe.runIf(isPresent).each(['first10k', 'dev'])('%s', (slice) => {
  const folder = join(shared, slice);
  const rows = (name: string) => readCsv(join(folder, `${name}.csv.gz`));

  test('features and embeddings, from the golden graph and brands', () => {
    const brands = new Map(rows('layer1_pseudo_brands').map((row) => [row['product_id'], row]));
    const products = rows('layer3_products').map((row): EmbeddingProduct => {
      const brand = brands.get(row['product_id']);
      return {
        productId: row['product_id'] ?? '',
        categories: {
          sub_commodity: brand?.['sub_commodity'],
          commodity: undefined,
          sub_department: undefined,
          department: undefined,
        },
        pseudoBrand: brand?.['pseudo_brand_id'],
        priceTier: brand?.['price_tier'],
        price: undefined,
      };
    });
    const place = new Map(products.map(({ productId }, at) => [productId, at]));
    const lists = (type: string) => {
      const edges = rows('stage2_edges').filter((row) => row['edge_type'] === type);
      const end = (name: string) => edges.map((row) => place.get(row[name] ?? '') ?? -1);
      return neighbourLists(
        products.length,
        end('source'),
        end('target'),
        edges.map((row) => Number(row['weight'])),
      );
    };
    const made = randomFeatures(products);
    expect(
      largestDifference(made.features, readNpy(join(folder, 'layer3_node_features_f32.npy'))),
    ).toBeLessThan(1e-7);
    const vectors = randomGraphSage({
      ...made,
      copurchase: lists('copurchase'),
      substitution: lists('substitution'),
    });
    expect(largestDifference(vectors, readNpy(join(folder, 'layer3_embeddings_f32.npy')))).toBeLessThan(2e-6);
  });
});

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  a.forEach((value, at) => {
    largest = Math.max(largest, Math.abs(value - (b[at] ?? Number.NaN)));
  });
  return largest;
}

function readCsv(path: string): Readonly<Record<string, string>>[] {
  const [header = '', ...lines] = gunzipSync(readFileSync(path)).toString().trimEnd().split(/\r?\n/);
  const names = header.split(',');
  return lines.map((line) => {
    const fields = line.split(',');
    return Object.fromEntries(names.map((name, at) => [name, fields[at] ?? '']));
  });
}

/** Version 1.0, little-endian float32, row-major. */
function readNpy(path: string): Float32Array {
  const bytes = readFileSync(path);
  const start = 10 + bytes.readUInt16LE(8);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length));
}
