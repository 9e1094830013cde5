import { type Manifest, readWholeTable, type Upstream } from '@retail-sim/artifacts';
import { formatNumber, formatTable } from '@retail-sim/cli';
import { pseudoBrands } from '../schemas/index.js';
import { percent, right } from './figures.js';

export interface BrandDescription {
  readonly products: number;
  readonly brands: number;
  readonly singletons: number;
  readonly meanSize: number;
  readonly tiers: Readonly<Record<string, { readonly products: number; readonly meanPrice: number }>>;
  /** Adjusted Rand index of brands made from a seeded 80 % of the stores: mean and lowest of three. */
  readonly stability: { readonly mean: number; readonly lowest: number } | null;
  /** The largest brands. */
  readonly largest: readonly {
    readonly brand: string;
    readonly products: number;
    readonly meanPrice: number;
    readonly marketShare: number;
    readonly promoFrequency: number;
  }[];
}

const LARGEST_BRANDS = 10;

export async function describeBrands(
  features: Upstream,
  counts: Manifest['counts'],
): Promise<BrandDescription> {
  const { columns, rows } = await readWholeTable(features.path(pseudoBrands), pseudoBrands);
  const members = new Map<string, number[]>();
  columns.pseudo_brand_id.forEach((brand, row) => {
    const known = members.get(brand);
    if (known === undefined) members.set(brand, [row]);
    else known.push(row);
  });
  const total = (values: ArrayLike<number>, places: readonly number[]) =>
    places.reduce((sum, row) => sum + (values[row] ?? 0), 0);
  const tiers = columns.price_tier.values.map((tier, code) => {
    const places = Array.from({ length: rows }, (_, row) => row).filter(
      (row) => columns.price_tier.codes[row] === code,
    );
    return [tier, { products: places.length, meanPrice: total(columns.mean_price, places) / places.length }];
  });
  const mean = counts['pseudo-brands.stabilityMeanAri'];
  const lowest = counts['pseudo-brands.stabilityLowestAri'];
  return {
    products: rows,
    brands: members.size,
    singletons: [...members.values()].filter((places) => places.length === 1).length,
    meanSize: rows / Math.max(members.size, 1),
    tiers: Object.fromEntries(tiers),
    stability: mean === undefined || lowest === undefined ? null : { mean, lowest },
    largest: [...members]
      .sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1))
      .slice(0, LARGEST_BRANDS)
      .map(([brand, places]) => ({
        brand,
        products: places.length,
        meanPrice: total(columns.mean_price, places) / places.length,
        marketShare: total(columns.market_share_proxy, places),
        promoFrequency: total(columns.promo_frequency, places) / places.length,
      })),
  };
}

export function brandText(brands: BrandDescription): string {
  const tiers = Object.entries(brands.tiers)
    .map(
      ([tier, { products, meanPrice }]) =>
        `${tier} ${formatNumber(products)} (mean price ${meanPrice.toFixed(2)})`,
    )
    .join(', ');
  const stability =
    brands.stability === null
      ? ''
      : `\nadjusted Rand index against brands from a seeded 80 % of the stores: mean ${brands.stability.mean.toFixed(4)}, lowest ${brands.stability.lowest.toFixed(4)} of three`;
  const table = formatTable(
    [
      { title: 'largest brands' },
      right('products'),
      right('mean price'),
      right('share of category'),
      right('on offer'),
    ],
    brands.largest.map(({ brand, products, meanPrice, marketShare, promoFrequency }) => [
      brand,
      formatNumber(products),
      meanPrice.toFixed(2),
      percent(marketShare),
      percent(promoFrequency),
    ]),
  );
  return `layer 1: ${formatNumber(brands.products)} products in ${formatNumber(brands.brands)} pseudo-brands, ${formatNumber(brands.singletons)} of one product, ${brands.meanSize.toFixed(2)} on average\n${tiers}${stability}\n${table.trimEnd()}`;
}
