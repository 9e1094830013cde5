import { type Html, html } from './html.js';

export interface DataColumn {
  readonly title: string;
  /** Numbers stand on the right. */
  readonly numeric?: boolean;
}

type Cell = string | Html;

/** A table that scrolls sideways on a narrow screen; the first cell of a row is its heading. */
export function dataTable(
  caption: string,
  columns: readonly DataColumn[],
  rows: readonly (readonly Cell[])[],
): Html {
  const attribute = (place: number): Html =>
    columns[place]?.numeric === true ? html` class="number"` : html``;
  const cells = (row: readonly Cell[]): readonly Html[] =>
    row.map((cell, place) =>
      place === 0 ? html`<th scope="row">${cell}</th>` : html`<td${attribute(place)}>${cell}</td>`,
    );
  // Scrollable areas need the keyboard too.
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${columns.map(({ title }, place) => html`<th scope="col"${attribute(place)}>${title}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${cells(row)}</tr>\n`)}</tbody></table></div>`;
}
