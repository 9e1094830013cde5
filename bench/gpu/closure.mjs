// `node closure.mjs FOLDER...`: the folders of node_modules/.pnpm that hold the packages linked in these node_modules folders,
// and theirs, one a line. For pack.sh.
import { existsSync, lstatSync, readdirSync, realpathSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

/** Large packages that a GPU machine doesn't need: other engines, compilers. */
const LEFT_OUT = /^(onnxruntime-node|assemblyscript|typescript|@biomejs|@duckdb)/;

const store = resolve('node_modules/.pnpm');
const found = new Set();

/** Symbolic links in a node_modules folder, scopes included. */
function linksIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .map((name) => join(folder, name))
    .flatMap((path) => {
      if (lstatSync(path).isSymbolicLink()) return [path];
      return path.includes('@') && lstatSync(path).isDirectory() ? linksIn(path) : [];
    });
}

function visit(link) {
  if (!existsSync(link)) return;
  const [name] = relative(store, realpathSync(link)).split('/');
  if (name === '..' || found.has(name) || LEFT_OUT.test(name)) return;
  found.add(name);
  for (const next of linksIn(join(store, name, 'node_modules'))) visit(next);
}

for (const folder of process.argv.slice(2)) for (const link of linksIn(resolve(folder))) visit(link);
process.stdout.write([...found].map((name) => `node_modules/.pnpm/${name}\n`).join(''));
