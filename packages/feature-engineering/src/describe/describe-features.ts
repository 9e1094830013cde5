// `retail-feature-engineering describe`: what is in a features folder, layer by layer, from its files.

import {
  type Manifest,
  readTable,
  readWholeTable,
  type Upstream,
  verifyUpstream,
} from '@retail-sim/artifacts';
import { formatNumber, formatTable } from '@retail-sim/cli';
import { InputError } from '@retail-sim/errors';
import { type EmbeddingNorms, embeddingNorms } from '../product-embeddings/describe/embedding-norms.js';
import { nearestProducts } from '../product-embeddings/describe/nearest-products.js';
import { productMap, productMapSvg } from '../product-embeddings/describe/product-map.js';
import {
  CUSTOMER_EMBEDDING_SIZE,
  customerStates,
  priceFeatures,
  productEmbeddings,
  pseudoBrands,
  STORE_EMBEDDING_BLOCKS,
  STORE_EMBEDDING_SIZE,
  storeFeatures,
} from '../schemas/index.js';
import { MADE_BY } from '../schemas/made-by.js';

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

export interface PriceDescription {
  readonly rows: number;
  readonly encoded: number;
  /** Rows by where c and q come from. */
  readonly categorySources: Readonly<Record<string, number>>;
  readonly priorSources: Readonly<Record<string, number>>;
  readonly meanPrice: number;
  /** Share of the rows whose price moved by more than 5 % since the one before. */
  readonly moved: number;
  readonly discounted: number;
}

export interface ProductDescription {
  readonly norms: EmbeddingNorms;
  /** Products by where their vector comes from. */
  readonly sources: Readonly<Record<string, number>>;
  /** The products asked for, each with the products nearest to it. */
  readonly nearest: readonly {
    readonly product: string;
    readonly category: string;
    readonly near: readonly {
      readonly product: string;
      readonly category: string;
      readonly similarity: number;
    }[];
  }[];
}

export interface CustomerDescription {
  readonly states: number;
  readonly customers: number;
  readonly meanTrips: number;
  readonly coldStarts: number;
  readonly norm: Spread;
}

export interface StoreDescription {
  readonly stores: number;
  readonly formats: Readonly<Record<string, number>>;
  /** Dimensions of the vector that are the same for every store. */
  readonly constantDimensions: number;
  readonly norm: Spread;
}

interface Spread {
  readonly lowest: number;
  readonly mean: number;
  readonly highest: number;
}

export interface FeaturesDescription {
  readonly folder: string;
  readonly mode: Manifest['mode'];
  readonly split: string | null;
  readonly fitThroughWeek: number | null;
  /** A layer that has not run is null. */
  readonly brands: BrandDescription | null;
  readonly prices: PriceDescription | null;
  readonly products: ProductDescription | null;
  readonly customers: CustomerDescription | null;
  readonly stores: StoreDescription | null;
}

const LARGEST_BRANDS = 10;
const NEAREST = 5;
const SHOWN_PRODUCTS = 10;

/**
 * @param productIds products whose neighbours to show; left out, the leaders of ten categories
 * @throws InputError when the folder is missing, incomplete or out of date, or a product is unknown
 */
export async function describeFeatures(
  folder: string,
  productIds?: readonly string[],
): Promise<FeaturesDescription> {
  const features = await verifyUpstream(folder, { command: MADE_BY });
  const { mode, split, fitThroughWeek, outputs, counts } = features.manifest;
  const made = <T>(table: { readonly file: string }, describe: () => Promise<T>) =>
    outputs[table.file] === undefined ? null : describe();
  return {
    folder,
    mode,
    split,
    fitThroughWeek,
    brands: await made(pseudoBrands, () => describeBrands(features, counts)),
    prices: await made(priceFeatures, () => describePrices(features)),
    products: await made(productEmbeddings, () => describeProducts(features, productIds)),
    customers: await made(customerStates, () => describeCustomers(features)),
    stores: await made(storeFeatures, () => describeStores(features)),
  };
}

async function describeBrands(features: Upstream, counts: Manifest['counts']): Promise<BrandDescription> {
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

async function describePrices(features: Upstream): Promise<PriceDescription> {
  const categorySources: Record<string, number> = {};
  const priorSources: Record<string, number> = {};
  const sums = { rows: 0, price: 0, moved: 0, discounted: 0 };
  for await (const { rows, columns } of readTable(features.path(priceFeatures), priceFeatures, {
    columns: ['actual_price', 'prior_price', 'discount_depth', 'category_source', 'prior_source'],
  })) {
    sums.rows += rows;
    for (let row = 0; row < rows; row++) {
      const price = columns.actual_price[row] ?? 0;
      const prior = columns.prior_price[row] ?? price;
      sums.price += price;
      if (Math.abs(price - prior) > 0.05 * prior) sums.moved++;
      if ((columns.discount_depth[row] ?? 0) > 0.05) sums.discounted++;
      const category = columns.category_source.values[columns.category_source.codes[row] ?? 0] ?? '';
      categorySources[category] = (categorySources[category] ?? 0) + 1;
      const source = columns.prior_source.values[columns.prior_source.codes[row] ?? 0] ?? '';
      priorSources[source] = (priorSources[source] ?? 0) + 1;
    }
  }
  const rows = Math.max(sums.rows, 1);
  const isScalar = features.manifest.parameters['priceScalars'] === true;
  return {
    rows: sums.rows,
    encoded: isScalar ? 0 : sums.rows,
    categorySources,
    priorSources,
    meanPrice: sums.price / rows,
    moved: sums.moved / rows,
    discounted: sums.discounted / rows,
  };
}

async function describeProducts(
  features: Upstream,
  asked: readonly string[] | undefined,
): Promise<ProductDescription> {
  const { columns } = await readWholeTable(features.path(productEmbeddings), productEmbeddings);
  const { product_id: ids, embedding, source } = columns;
  const hierarchy = await readHierarchy(features);
  const category = (product: string) => hierarchy.get(product)?.subCommodity ?? 'unknown';
  const shown = asked ?? largestOf(hierarchy);
  const sources: Record<string, number> = {};
  for (const code of source.codes) {
    const name = source.values[code] ?? '';
    sources[name] = (sources[name] ?? 0) + 1;
  }
  return {
    norms: embeddingNorms(embedding),
    sources,
    nearest: shown.map((product) => {
      const place = ids.indexOf(product);
      if (place < 0) {
        throw new InputError({
          what: `has no product ${JSON.stringify(product)}`,
          where: { file: features.path(productEmbeddings) },
          remedy: 'give product codes as in the raw data',
        });
      }
      return {
        product,
        category: category(product),
        near: nearestProducts(embedding, place, NEAREST).map(({ product: other, similarity }) => {
          const id = ids[other] ?? '';
          return { product: id, category: category(id), similarity };
        }),
      };
    }),
  };
}

interface HierarchyPlace {
  readonly subCommodity: string;
  readonly department: string;
  readonly marketShare: number;
}

/** Categories of the products of the fit window; empty where layer 1 has not run. */
async function readHierarchy(features: Upstream): Promise<ReadonlyMap<string, HierarchyPlace>> {
  if (features.manifest.outputs[pseudoBrands.file] === undefined) return new Map();
  const { columns } = await readWholeTable(features.path(pseudoBrands), pseudoBrands, {
    columns: ['product_id', 'sub_commodity', 'department', 'market_share_proxy'],
  });
  return new Map(
    columns.product_id.map((id, row) => [
      id,
      {
        subCommodity: columns.sub_commodity.values[columns.sub_commodity.codes[row] ?? 0] ?? '',
        department: columns.department.values[columns.department.codes[row] ?? 0] ?? '',
        marketShare: columns.market_share_proxy[row] ?? 0,
      },
    ]),
  );
}

/** One product of each of ten sub-commodities: the one that sells most in it. */
function largestOf(hierarchy: ReadonlyMap<string, HierarchyPlace>): string[] {
  const leaders = new Map<string, string>();
  for (const [product, { subCommodity, marketShare }] of hierarchy) {
    const leader = hierarchy.get(leaders.get(subCommodity) ?? '');
    if (leader === undefined || marketShare > leader.marketShare) leaders.set(subCommodity, product);
  }
  const categories = [...leaders.keys()].sort();
  const step = Math.max(1, categories.length / SHOWN_PRODUCTS);
  return Array.from({ length: Math.min(SHOWN_PRODUCTS, categories.length) }, (_, place) =>
    leaders.get(categories[Math.floor(place * step)] ?? ''),
  ).filter((product) => product !== undefined);
}

/** A map of all products, coloured by department, as SVG. */
export async function productMapOf(folder: string): Promise<string> {
  const features = await verifyUpstream(folder, { command: MADE_BY, tables: [productEmbeddings] });
  const { columns } = await readWholeTable(features.path(productEmbeddings), productEmbeddings);
  const hierarchy = await readHierarchy(features);
  return productMapSvg(
    productMap(columns.embedding),
    columns.product_id.map((productId) => ({
      productId,
      group: hierarchy.get(productId)?.department ?? 'not in the fit window',
    })),
  );
}

async function describeCustomers(features: Upstream): Promise<CustomerDescription> {
  const norms = spread();
  const seen = new Set<string>();
  let states = 0;
  let trips = 0;
  let cold = 0;
  for await (const { rows, columns } of readTable(features.path(customerStates), customerStates, {
    columns: ['customer_id', 'trips', 'embedding'],
  })) {
    states += rows;
    for (let row = 0; row < rows; row++) {
      seen.add(columns.customer_id.values[columns.customer_id.codes[row] ?? 0] ?? '');
      const count = columns.trips[row] ?? 0;
      trips += count;
      if (count < 5) cold++;
      norms.add(normOf(columns.embedding, row * CUSTOMER_EMBEDDING_SIZE, CUSTOMER_EMBEDDING_SIZE));
    }
  }
  const all = Math.max(states, 1);
  return {
    states,
    customers: seen.size,
    meanTrips: trips / all,
    coldStarts: cold / all,
    norm: norms.of(),
  };
}

async function describeStores(features: Upstream): Promise<StoreDescription> {
  const { columns, rows } = await readWholeTable(features.path(storeFeatures), storeFeatures);
  const formats: Record<string, number> = {};
  const norms = spread();
  for (let row = 0; row < rows; row++) {
    const format = columns.format.values[columns.format.codes[row] ?? 0] ?? '';
    formats[format] = (formats[format] ?? 0) + 1;
    norms.add(normOf(columns.embedding, row * STORE_EMBEDDING_SIZE, STORE_EMBEDDING_SIZE));
  }
  let constantDimensions = 0;
  for (let dimension = 0; dimension < STORE_EMBEDDING_SIZE; dimension++) {
    const first = columns.embedding[dimension];
    let row = 1;
    while (row < rows && columns.embedding[row * STORE_EMBEDDING_SIZE + dimension] === first) row++;
    if (row >= rows) constantDimensions++;
  }
  return { stores: rows, formats, constantDimensions, norm: norms.of() };
}

function normOf(values: Float32Array, offset: number, length: number): number {
  let squares = 0;
  for (let k = 0; k < length; k++) squares += (values[offset + k] ?? 0) ** 2;
  return Math.sqrt(squares);
}

function spread() {
  let count = 0;
  let sum = 0;
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  return {
    add(value: number): void {
      count++;
      sum += value;
      lowest = Math.min(lowest, value);
      highest = Math.max(highest, value);
    },
    of: (): Spread =>
      count === 0 ? { lowest: 0, mean: 0, highest: 0 } : { lowest, mean: sum / count, highest },
  };
}

/** The description as text for a terminal. */
export function descriptionText(description: FeaturesDescription): string {
  const { folder, mode, split, fitThroughWeek, brands, prices, products, customers, stores } = description;
  return [
    `${folder}: ${mode} mode, split ${split ?? 'unknown'}, fitted through ${fitThroughWeek ?? 'all weeks'}`,
    brands === null ? 'layer 1 has not run' : brandText(brands),
    prices === null ? 'layer 2 has not run' : priceText(prices),
    products === null ? 'layer 3 has not run' : productText(products),
    customers === null ? 'layer 4 has not run' : customerText(customers),
    stores === null ? 'layer 5 has not run' : storeText(stores),
  ].join('\n\n');
}

const right = (title: string) => ({ title, align: 'right' as const });
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const spreadText = ({ lowest, mean, highest }: Spread) =>
  `${lowest.toFixed(3)} to ${highest.toFixed(3)}, mean ${mean.toFixed(3)}`;

function brandText(brands: BrandDescription): string {
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

function priceText(prices: PriceDescription): string {
  const shares = (sources: Readonly<Record<string, number>>) =>
    Object.entries(sources)
      .sort((a, b) => b[1] - a[1])
      .map(([source, rows]) => `${source} ${percent(rows / Math.max(prices.rows, 1))}`)
      .join(', ');
  return [
    `layer 2: ${formatNumber(prices.rows)} prices, ${prices.encoded === 0 ? 'scalars only' : 'with encoding'}, mean ${prices.meanPrice.toFixed(2)}`,
    `category average from ${shares(prices.categorySources)}`,
    `earlier price from ${shares(prices.priorSources)}`,
    `${percent(prices.moved)} moved by more than 5 % since, ${percent(prices.discounted)} discounted by more than 5 %`,
  ].join('\n');
}

function productText({ norms, sources, nearest }: ProductDescription): string {
  const from = Object.entries(sources)
    .sort((a, b) => b[1] - a[1])
    .map(([source, count]) => `${source} ${formatNumber(count)}`)
    .join(', ');
  const table = formatTable(
    [{ title: 'product' }, { title: 'category' }, { title: 'nearest products (category, cosine)' }],
    nearest.map(({ product, category, near }) => [
      product,
      category,
      near.map((other) => `${other.product} (${other.category}, ${other.similarity.toFixed(2)})`).join('  '),
    ]),
  );
  return [
    `layer 3: ${formatNumber(norms.products)} products (${from})`,
    `norm of a product vector ${spreadText({ lowest: norms.smallest, mean: norms.mean, highest: norms.largest })}; ${norms.zero} are zero`,
    table.trimEnd(),
  ].join('\n');
}

function customerText(customers: CustomerDescription): string {
  return [
    `layer 4: ${formatNumber(customers.states)} states of ${formatNumber(customers.customers)} customers, ${customers.meanTrips.toFixed(1)} earlier trips on average, ${percent(customers.coldStarts)} below five`,
    `norm of a customer vector ${spreadText(customers.norm)}`,
  ].join('\n');
}

function storeText(stores: StoreDescription): string {
  const formats = Object.entries(stores.formats)
    .map(([format, count]) => `${format} ${formatNumber(count)}`)
    .join(', ');
  const blocks = Object.entries(STORE_EMBEDDING_BLOCKS)
    .map(([block, [first, end]]) => `${block} ${first}-${end - 1}`)
    .join(', ');
  return [
    `layer 5: ${formatNumber(stores.stores)} stores (${formats})`,
    `norm of a store vector ${spreadText(stores.norm)}; ${stores.constantDimensions} of ${STORE_EMBEDDING_SIZE} dimensions are the same everywhere (${blocks})`,
  ].join('\n');
}
