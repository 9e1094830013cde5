import { dataTable } from '../page/data-table.js';
import { html } from '../page/html.js';
import { count } from '../page/numbers.js';
import type { Section } from '../page/section.js';
import type { StageFolder } from '../run-folders.js';

/** Length of a hash that is enough to tell runs apart. */
const SHORT_HASH = 12;

/** What was made from what: the manifests of all stages. */
export function lineageSection(stages: readonly StageFolder[]): Section {
  const made = stages.flatMap(({ name, manifest }) => (manifest === undefined ? [] : [{ name, manifest }]));
  return {
    id: 'lineage',
    title: 'Lineage',
    body: html`<p>Every stage writes a manifest last; it names inputs, parameters and outputs with their hashes.</p>
${dataTable(
  'Stages',
  [
    { title: 'folder' },
    { title: 'made by' },
    { title: 'from' },
    { title: 'mode' },
    { title: 'seed', numeric: true },
    { title: 'fitted through', numeric: true },
    { title: 'finished' },
  ],
  made.map(({ name, manifest }) => [
    name,
    `${manifest.command} ${manifest.toolVersion}`,
    [
      ...manifest.upstream.map(({ command, contents }) => `${command} ${contents.slice(0, SHORT_HASH)}`),
      ...(manifest.inputs.length === 0 ? [] : [`${count(manifest.inputs.length)} raw files`]),
    ].join(', ') || 'nothing',
    manifest.mode,
    manifest.seed === null ? 'none' : String(manifest.seed),
    manifest.fitThroughWeek === null ? 'all weeks' : String(manifest.fitThroughWeek),
    manifest.finished.slice(0, 19).replace('T', ' '),
  ]),
)}
${made.map(
  ({ name, manifest }) => html`<details><summary>Files of ${name}</summary>
${dataTable(
  `Files of ${name}`,
  [
    { title: 'file' },
    { title: 'rows', numeric: true },
    { title: 'bytes', numeric: true },
    { title: 'SHA-256' },
  ],
  Object.entries(manifest.outputs).map(([file, { rows, bytes, sha256 }]) => [
    html`<code>${file}</code>`,
    rows === undefined ? '' : count(rows),
    count(bytes),
    html`<code>${sha256.slice(0, SHORT_HASH)}</code>`,
  ]),
)}</details>\n`,
)}`,
    finding: undefined,
  };
}
