import { readWholeTable, type Upstream } from '@retail-sim/artifacts';
import { formatNumber, formatTable } from '@retail-sim/cli';
import { InputError } from '@retail-sim/errors';
import { EMBEDDINGS } from '../product-embeddings/compute-product-embeddings.js';
import { type EmbeddingNorms, embeddingNorms } from '../product-embeddings/describe/embedding-norms.js';
import { nearestProducts } from '../product-embeddings/describe/nearest-products.js';
import { productMap, productMapSvg } from '../product-embeddings/describe/product-map.js';
import { productEmbeddings, pseudoBrands } from '../schemas/index.js';
import { spreadText } from './spread.js';

const NEAREST = 5;
const SHOWN_PRODUCTS = 10;

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

export async function describeProducts(
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
  // The others repeat the mean of their category.
  const hasOwnVector = (place: number) =>
    EMBEDDINGS.some((name) => name === source.values[source.codes[place] ?? 0]);
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
        near: nearestProducts(embedding, place, NEAREST, hasOwnVector).map(
          ({ product: other, similarity }) => {
            const id = ids[other] ?? '';
            return { product: id, category: category(id), similarity };
          },
        ),
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
export async function drawProducts(features: Upstream): Promise<string> {
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

export function productText({ norms, sources, nearest }: ProductDescription): string {
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
