// Writes docs/artifacts.md from the schemas of every package that has a `schemas` subpath; with --check, compares only.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '..');
const packagesFolder = join(root, 'packages');
const docs = join(root, 'docs', 'artifacts.md');

/** Packages in the order in which data flows; any other follows. */
const flow = ['sample-data', 'data-pipeline', 'feature-engineering', 'tensor-preparation', 'training'];
const rank = (name) => (flow.includes(name) ? flow.indexOf(name) : flow.length);

const { describeArtifacts, isTable } = await import(
  pathToFileURL(join(packagesFolder, 'artifacts', 'dist', 'docs', 'describe-tables.js')).href
);

const packages = [];
for (const name of readdirSync(packagesFolder).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))) {
  const { exports } = JSON.parse(readFileSync(join(packagesFolder, name, 'package.json'), 'utf8'));
  const schemas = exports?.['./schemas']?.default;
  if (schemas === undefined) continue;
  const exported = await import(pathToFileURL(join(packagesFolder, name, schemas)).href);
  const tables = Object.values(exported).filter(isTable);
  packages.push({ name, tables: tables.sort((a, b) => (a.file < b.file ? -1 : 1)) });
}

const text = `${describeArtifacts(packages)}\n`;
if (process.argv.includes('--check')) {
  const current = existsSync(docs) ? readFileSync(docs, 'utf8') : '';
  if (current !== text) {
    const lines = current.split('\n');
    const at = text.split('\n').findIndex((line, position) => line !== lines[position]);
    process.stderr.write(`docs/artifacts.md:${at + 1} differs from the schemas; run: pnpm docs:artifacts\n`);
    process.exit(1);
  }
} else {
  writeFileSync(docs, text);
}
