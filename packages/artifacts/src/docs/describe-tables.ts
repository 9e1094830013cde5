import { z } from 'zod';
import { manifestSchema } from '../manifest/manifest.js';
import { type Column, typeName } from '../schema/column.js';
import type { TableDefinition } from '../schema/define-table.js';

/** The tables of one package, in the order in which the package exports them. */
export interface DocumentedPackage {
  /** `data-pipeline` */
  readonly name: string;
  readonly tables: readonly TableDefinition[];
}

/** Whether something that a `schemas` subpath exports is a table. */
export function isTable(candidate: unknown): candidate is TableDefinition {
  return tableShape.safeParse(candidate).success;
}

const tableShape = z.object({
  name: z.string(),
  file: z.string(),
  madeBy: z.string(),
  version: z.number(),
  description: z.string(),
  columns: z.record(z.string(), z.object({ type: z.object({ kind: z.string() }), nullable: z.boolean() })),
});

/** `docs/artifacts.md`: every table, column by column, and the manifest. */
export function describeArtifacts(packages: readonly DocumentedPackage[]): string {
  return [
    '# Artifacts',
    'Generated from the schemas by `pnpm docs:artifacts`; a test fails when they differ.',
    'Every stage writes into one folder: its tables, and `manifest.json` last. Tables are Parquet (zstd), tensors are ' +
      'uncompressed Arrow IPC (`.arrow`). Each file states its table and schema version in its metadata ' +
      '(`retail-sim:table`, `retail-sim:schema-version`). A column without "null" in the second column always has a value.',
    ...packages.filter(({ tables }) => tables.length > 0).flatMap(describePackage),
    '## manifest.json',
    ...describeManifest(),
  ].join('\n\n');
}

function describePackage({ name, tables }: DocumentedPackage): string[] {
  return [`## ${name}`, ...tables.flatMap(describeTable)];
}

function describeTable({ name, file, madeBy, version, description, columns }: TableDefinition): string[] {
  const rows = Object.entries(columns).map(([column, definition]) => columnRow(column, definition));
  return [
    `### ${file}`,
    `${description} Table \`${name}\`, schema version ${version}, made by \`${madeBy}\`.`,
    markdownTable(['column', 'type', 'unit', 'meaning'], rows),
  ];
}

function columnRow(name: string, { type, nullable, unit, description }: Column): string[] {
  return [`\`${name}\``, `${typeName(type)}${nullable ? ', null' : ''}`, unit ?? '', description];
}

function describeManifest(): string[] {
  const rows = Object.entries(manifestSchema.shape).map(([key, schema]) => [
    `\`${key}\``,
    schema.description ?? '',
  ]);
  return [
    'What a run made, from what and how. It is written last: a folder without one was never finished.',
    markdownTable(['key', 'meaning'], rows),
  ];
}

function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
