import { join } from 'node:path';
import { dot } from '@observablehq/plot';
import { readWholeTable } from '@retail-sim/artifacts';
import { products as productsTable } from '@retail-sim/data-pipeline/schemas';
import { productMap } from '@retail-sim/feature-engineering/product-embeddings';
import { productEmbeddings } from '@retail-sim/feature-engineering/schemas';
import { draw, seriesColour } from '../charts/draw.js';
import { figure } from '../page/figure.js';
import { type Html, html, trusted } from '../page/html.js';
import { count, percent } from '../page/numbers.js';

/** More points than this make the page heavy and the drawing no clearer: the best sellers are shown. */
const MOST_POINTS = 2500;

/** Products on the two directions in which their vectors differ most, coloured by department. */
export async function productMapFigure(folders: {
  readonly processed: string;
  readonly features: string;
}): Promise<Html | undefined> {
  const { rows, columns } = await readWholeTable(
    join(folders.features, productEmbeddings.file),
    productEmbeddings,
  );
  const sold = await readWholeTable(join(folders.processed, productsTable.file), productsTable, {
    columns: ['product_id', 'department', 'lines'],
  });
  const facts = new Map(
    Array.from({ length: sold.rows }, (_, row) => [
      sold.columns.product_id[row] ?? '',
      {
        department:
          sold.columns.department.valid[row] === 0 ? 'none' : (sold.columns.department.data[row] ?? 'none'),
        lines: sold.columns.lines[row] ?? 0,
      },
    ]),
  );
  const shown = Array.from({ length: rows }, (_, row) => row)
    .filter((row) => ['graphsage', 'spectral'].includes(sourceOf(columns.source, row)))
    .map((row) => ({ row, product: columns.product_id[row] ?? '' }))
    .map(({ row, product }) => ({
      row,
      product,
      ...(facts.get(product) ?? { department: 'none', lines: 0 }),
    }))
    .sort((left, right) => right.lines - left.lines || (left.product < right.product ? -1 : 1))
    .slice(0, MOST_POINTS);
  if (shown.length < 3) return undefined;
  const width = columns.embedding.length / rows;
  const vectors = new Float32Array(shown.length * width);
  shown.forEach(({ row }, place) => {
    vectors.set(columns.embedding.subarray(row * width, (row + 1) * width), place * width);
  });
  const { points, explained } = productMap(vectors);
  const departments = [...new Set(shown.map(({ department }) => department))].sort();
  const marks = shown.map(({ product, department }, place) => ({
    product: `${product}, ${department}`,
    department,
    x: points[2 * place],
    y: points[2 * place + 1],
  }));
  const legend = departments.map(
    (department, place) =>
      html`<li>${trusted(`<span style="background:${seriesColour(place)}"></span>`)}${department}</li>`,
  );
  return html`${figure(
    draw({
      ariaDescription: `Map of ${count(shown.length)} products of ${departments.length} departments by their vectors`,
      height: 560,
      x: { label: 'first component', ticks: [] },
      y: { label: 'second component', ticks: [] },
      color: {
        domain: departments,
        range: departments.map((_, place) => seriesColour(place)),
      },
      marks: [dot(marks, { x: 'x', y: 'y', fill: 'department', fillOpacity: 0.7, r: 2.5, title: 'product' })],
    }),
    `${count(shown.length)} products by their vectors, coloured by department; the two directions hold ${percent(explained)} of the variance.`,
  )}<ul class="legend" aria-label="Departments">${legend}</ul>`;
}

function sourceOf(
  source: { readonly codes: ArrayLike<number>; readonly values: readonly string[] },
  row: number,
): string {
  return source.values[source.codes[row] ?? 0] ?? '';
}
