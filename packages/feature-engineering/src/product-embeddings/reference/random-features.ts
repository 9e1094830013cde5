import { type MersenneTwister, mersenneTwister } from '@retail-sim/random';
import { referenceSeed } from '../../reference/string-hash.js';
import type { EmbeddingProduct } from '../read-embedding-input.js';

/** Widths of the four parts of a product's features. */
const SKU = 64;
const BRAND = 32;
const CATEGORY = 32;
const TIER = 16;
export const REFERENCE_FEATURES = SKU + BRAND + CATEGORY + TIER;

const SCALE = 0.1;
/** The stream of the tables, whatever the seed of the run. */
const TABLE_SEED = 42;
const TIERS = ['value', 'mid', 'premium'] as const;

export interface RandomFeatures {
  /** `[P, 144]`: product 64, brand 32, category 32, tier 16. */
  readonly features: Float32Array;
  /** The stream that neighbours are drawn from where there are too many: it was left by the last product. */
  readonly stream: MersenneTwister;
}

/** Input features of the reference: random numbers that stand for the product, its brand, category and tier. */
export function randomFeatures(products: readonly EmbeddingProduct[]): RandomFeatures {
  const tables = mersenneTwister(TABLE_SEED);
  const brands = table(
    products.flatMap(({ pseudoBrand }) => pseudoBrand ?? []),
    BRAND,
    tables,
  );
  const categories = table(
    products.flatMap(({ categories: { sub_commodity } }) => sub_commodity ?? []),
    CATEGORY,
    tables,
  );
  const tiers = table(TIERS, TIER, tables);
  const [firstBrand = ''] = brands.keys();
  const [firstCategory = ''] = categories.keys();
  const features = new Float32Array(products.length * REFERENCE_FEATURES);
  let stream = tables;
  products.forEach(({ productId, pseudoBrand, priceTier, categories: { sub_commodity } }, product) => {
    stream = mersenneTwister(referenceSeed(productId));
    const parts = [
      draw(SKU, stream),
      brands.get(pseudoBrand ?? firstBrand) ?? [],
      categories.get(sub_commodity ?? firstCategory) ?? [],
      tiers.get(priceTier ?? 'mid') ?? [],
    ];
    features.set(parts.flat(), product * REFERENCE_FEATURES);
  });
  return { features, stream };
}

/** One vector for each name, in the order of first appearance. */
function table(names: readonly string[], width: number, stream: MersenneTwister): Map<string, number[]> {
  return new Map([...new Set(names)].map((name) => [name, draw(width, stream)]));
}

function draw(width: number, { normal }: MersenneTwister): number[] {
  return Array.from({ length: width }, () => SCALE * normal());
}
