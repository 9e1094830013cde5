// A map of the products on paper: the two directions in which their vectors differ most, as an SVG.

import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { PRODUCT_EMBEDDING_SIZE as WIDTH } from '../../schemas/product-embeddings.js';
import { blockProduct, gramMatrix } from '../dense-block.js';

export interface MapProduct {
  readonly productId: string;
  /** What colours the point: its department. */
  readonly group: string;
}

export interface ProductMap {
  /** First and second principal component of each product, `[P, 2]`. */
  readonly points: Float64Array;
  /** Share of the variance that the two show. */
  readonly explained: number;
}

/** @param vectors `[P, 256]` */
export function productMap(vectors: Float32Array): ProductMap {
  const products = vectors.length / WIDTH;
  const mean = new Float64Array(WIDTH);
  vectors.forEach((value, at) => {
    mean[at % WIDTH] = (mean[at % WIDTH] ?? 0) + value / products;
  });
  const centred = Float64Array.from(vectors, (value, at) => value - (mean[at % WIDTH] ?? 0));
  const covariance = gramMatrix(centred, centred, products, WIDTH); // [256, 256]
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
    Matrix.from1DArray(WIDTH, WIDTH, covariance),
    { assumeSymmetric: true },
  );
  // Ascending, so the last two matter most.
  const axes = [WIDTH - 1, WIDTH - 2].map((column) => positive(eigenvectorMatrix.getColumn(column)));
  const total = realEigenvalues.reduce((sum, value) => sum + Math.max(0, value), 0);
  const shown = [WIDTH - 1, WIDTH - 2].reduce(
    (sum, column) => sum + Math.max(0, realEigenvalues[column] ?? 0),
    0,
  );
  const projection = new Float64Array(2 * WIDTH);
  axes.forEach((axis, k) => {
    axis.forEach((value, i) => {
      projection[2 * i + k] = value;
    });
  });
  return {
    points: blockProduct(centred, projection, products, WIDTH, 2),
    explained: total > 0 ? shown / total : 0,
  };
}

/** The sign of a component is arbitrary: its largest entry becomes positive. */
function positive(axis: readonly number[]): readonly number[] {
  const largest = axis.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  return largest < 0 ? axis.map((value) => -value) : axis;
}

const SIZE = 720;
const MARGIN = 24;
const LEGEND_WIDTH = 130;
const LINE_HEIGHT = 20;
const RADIUS = 2.5;
/** Distinguishable with any colour vision (Okabe and Ito 2008), then lighter and darker companions. */
const COLOURS = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#d55e00',
  '#56b4e9',
  '#b8a800',
  '#000000',
  '#7f7f7f',
  '#8c564b',
  '#6a3d9a',
  '#a6d854',
] as const;

/** One point a product, coloured by group, with the product code as its tooltip. */
export function productMapSvg({ points, explained }: ProductMap, products: readonly MapProduct[]): string {
  const groups = [...new Set(products.map(({ group }) => group))].sort();
  const colour = (group: string) => COLOURS[groups.indexOf(group) % COLOURS.length] ?? COLOURS[0];
  const place = [axisScale(points, 0), axisScale(points, 1)] as const;
  const dots = products.map(({ productId, group }, product) => {
    const x = place[0](points[2 * product] ?? 0);
    const y = SIZE - place[1](points[2 * product + 1] ?? 0);
    const title = escaped(`${productId}, ${group}`);
    return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${RADIUS}" fill="${colour(group)}"><title>${title}</title></circle>`;
  });
  const legend = groups.map((group, line) => {
    const y = MARGIN + LINE_HEIGHT * line;
    return `<circle cx="${SIZE + 8}" cy="${y - 4}" r="5" fill="${colour(group)}"/><text x="${SIZE + 20}" y="${y}">${escaped(group)}</text>`;
  });
  const title = `${products.length} products, first two principal components, ${(100 * explained).toFixed(0)} % of the variance`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE + LEGEND_WIDTH} ${SIZE + MARGIN}" font-family="sans-serif" font-size="13" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<g fill-opacity="0.7">`,
    ...dots,
    '</g>',
    ...legend,
    `<text x="${MARGIN}" y="${SIZE + 8}">${escaped(title)}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

/** Maps the range of one coordinate onto the paper; a single point to the middle. */
function axisScale(points: Float64Array, axis: 0 | 1): (value: number) => number {
  const values = points.filter((_, at) => at % 2 === axis);
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  if (!(high > low)) return () => SIZE / 2;
  return (value) => MARGIN + ((value - low) / (high - low)) * (SIZE - 2 * MARGIN);
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
