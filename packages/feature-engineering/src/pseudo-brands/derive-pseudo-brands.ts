// Layer 1: every product gets a brand-like cluster, (sub-commodity, price tier, substitution group) (spec section 3, 1).

import { createHash } from 'node:crypto';
import type { RowOf } from '@retail-sim/artifacts';
import { mean } from '../arithmetic/kahan-sum.js';
import { averageRanks, medianOfSorted } from '../arithmetic/quantile.js';
import type { GraphProduct, SubstitutionEdges } from '../read-processed/read-graph-products.js';
import type { pseudoBrands } from '../schemas/pseudo-brands.js';
import { type PriceTier, type TierLimits, tiersByQuantile, tiersByRank } from './price-tier.js';
import type { PriceStatistics } from './product-price-statistics.js';
import { referenceClusters, substitutionClusters } from './substitution-clusters.js';

export type PseudoBrand = RowOf<typeof pseudoBrands>;

export interface PseudoBrandInput {
  /** Ascending by id. */
  readonly products: readonly GraphProduct[];
  /** One a product; undefined where no price was observed. */
  readonly prices: readonly (PriceStatistics | undefined)[];
  readonly substitutes: SubstitutionEdges;
  readonly limits: TierLimits;
  readonly mode: 'corrected' | 'reference';
  /** `reference` mode: edges below do not join products. */
  readonly substitutionThreshold: number;
}

const LOWEST_PRICE = 0.01;
const LARGEST_CV = 2;

/** One row a product, in the order of the products. */
export function derivePseudoBrands(input: PseudoBrandInput): PseudoBrand[] {
  const { products, prices, substitutes, mode } = input;
  const levels = mode === 'corrected' ? standInPrices(input) : transactionPrices(input);
  const { tiers, percentiles, relative } = rankInCategories(input, levels);
  const categories = products.map(({ subCommodity }) => subCommodity);
  const clusters =
    mode === 'corrected'
      ? substitutionClusters(
          categories.map((category, place) => `${category}\0${tiers[place]}`),
          substitutes,
        )
      : referenceClusters(categories, substitutes, input.substitutionThreshold);
  const ids = products.map(({ subCommodity }, place) =>
    brandId(subCommodity, tiers[place] ?? 'mid', clusters[place] ?? 0),
  );
  const numbers = brandNumbers(ids, mode);
  const sizes = countOf(ids);
  const degrees = new Int32Array(products.length);
  for (const end of [...substitutes.from, ...substitutes.to]) degrees[end] = (degrees[end] ?? 0) + 1;
  const units = new Map<string, number>();
  for (const { subCommodity, totalQuantity } of products) {
    units.set(subCommodity, (units.get(subCommodity) ?? 0) + totalQuantity);
  }

  return products.map((product, place) => {
    const price = prices[place];
    const level = levels[place] ?? 0;
    const id = ids[place] ?? '';
    return {
      product_id: product.productId,
      sub_commodity: product.subCommodity,
      commodity: product.commodity,
      sub_department: product.subDepartment,
      department: product.department,
      pseudo_brand_id: id,
      pseudo_brand_idx: numbers.get(id) ?? 0,
      price_tier: tiers[place] ?? 'mid',
      category_price_percentile: percentiles[place] ?? 0.5,
      price_cv: priceVariation(price, mode),
      competitive_intensity: degrees[place] ?? 0,
      market_share_proxy: product.totalQuantity / Math.max(units.get(product.subCommodity) ?? 0, 1),
      relative_price: relative[place] ?? 1,
      brand_size: sizes.get(id) ?? 0,
      mean_price: level,
      base_price: price?.base ?? level,
      avg_discount: price?.discount ?? 0,
      promo_frequency: price?.promo ?? 0,
      substitution_cluster: clusters[place] ?? 0,
      median_price: price?.median ?? level,
      price_std: price?.std ?? 0,
      n_price_cells: price?.cells ?? 0,
      has_price: price !== undefined,
    };
  });
}

/** PB-3: the design wants stability over time; the reference mixes it with differences between stores. */
function priceVariation(price: PriceStatistics | undefined, mode: PseudoBrandInput['mode']): number {
  if (price === undefined) return 0;
  const cv = mode === 'corrected' ? price.weeklyCv : price.std / Math.max(price.mean, LOWEST_PRICE);
  return Math.min(cv, LARGEST_CV);
}

/** The reference's stand-in for a product without a price: spend over units, rejected rows included. */
function transactionPrices({ products, prices }: PseudoBrandInput): number[] {
  return products.map(
    ({ totalSpend, totalQuantity }, place) => prices[place]?.mean ?? totalSpend / Math.max(totalQuantity, 1),
  );
}

/** PB-4: a product without a price stands in the middle of the closest category that has prices. */
function standInPrices({ products, prices }: PseudoBrandInput): number[] {
  const paths = products.map(({ subCommodity, commodity, subDepartment, department }) => [
    `1 ${subCommodity}`,
    `2 ${commodity}`,
    `3 ${subDepartment}`,
    `4 ${department}`,
    'all',
  ]);
  const known = new Map<string, number[]>();
  const isMissing = prices.some((price) => price === undefined);
  if (isMissing) {
    prices.forEach((price, place) => {
      if (price === undefined) return;
      for (const category of paths[place] ?? []) {
        const list = known.get(category);
        if (list === undefined) known.set(category, [price.mean]);
        else list.push(price.mean);
      }
    });
  }
  return prices.map((price, place) => {
    if (price !== undefined) return price.mean;
    const closest = (paths[place] ?? []).map((category) => known.get(category)).find((list) => list);
    return closest === undefined ? LOWEST_PRICE : medianOfSorted(Float64Array.from(closest).sort());
  });
}

/** Tier, percentile and relative price of each product inside its sub-commodity. */
function rankInCategories({ products, prices, limits, mode }: PseudoBrandInput, levels: readonly number[]) {
  const tiers = new Array<PriceTier>(products.length).fill('mid');
  const percentiles = new Float64Array(products.length).fill(0.5);
  const relative = new Float64Array(products.length).fill(1);
  const members = new Map<string, number[]>();
  products.forEach(({ subCommodity }, place) => {
    const list = members.get(subCommodity);
    if (list === undefined) members.set(subCommodity, [place]);
    else list.push(place);
  });
  for (const places of members.values()) {
    const center = Math.max(mean(places.map((place) => levels[place] ?? 0)), LOWEST_PRICE);
    for (const place of places) relative[place] = (levels[place] ?? 0) / center;
    const ranked = mode === 'corrected' ? places.filter((place) => prices[place] !== undefined) : places;
    const values = ranked.map((place) => levels[place] ?? 0);
    const found = mode === 'corrected' ? tiersByRank(values, limits) : tiersByQuantile(values, limits);
    const ranks = averageRanks(values);
    ranked.forEach((place, index) => {
      tiers[place] = found[index] ?? 'mid';
      percentiles[place] = (ranks[index] ?? 0) / ranked.length;
    });
  }
  return { tiers, percentiles, relative };
}

/** `CL00072_mid_08bfb8cd`: readable, and the same in every run. */
export function brandId(category: string, tier: PriceTier, cluster: number): string {
  const digest = createHash('md5').update(`${category}_${tier}_${cluster}`).digest('hex');
  return `${category}_${tier}_${digest.slice(0, 8)}`;
}

/** PB-5: numbers of sorted names from 1, 0 being free for "unknown"; the reference counts by first appearance from 0. */
function brandNumbers(ids: readonly string[], mode: PseudoBrandInput['mode']): ReadonlyMap<string, number> {
  const distinct = [...new Set(ids)];
  if (mode === 'reference') return new Map(distinct.map((id, place) => [id, place]));
  return new Map(distinct.sort().map((id, place) => [id, place + 1]));
}

function countOf(ids: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}
