import { readWholeTable, type Upstream } from '@retail-sim/artifacts';
import { formatNumber } from '@retail-sim/cli';
import { STORE_EMBEDDING_BLOCKS, STORE_EMBEDDING_SIZE, storeFeatures } from '../schemas/index.js';
import { normOf, type Spread, spread, spreadText } from './spread.js';

export interface StoreDescription {
  readonly stores: number;
  readonly formats: Readonly<Record<string, number>>;
  /** Dimensions of the vector that are the same for every store. */
  readonly constantDimensions: number;
  readonly norm: Spread;
}

export async function describeStores(features: Upstream): Promise<StoreDescription> {
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

export function storeText(stores: StoreDescription): string {
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
