// What it costs a command to import a schema or the whole artifacts API: start-up time that every command pays. The
// base is a Node process that does nothing.
import { compare, printComparison } from '../measure/compare.js';

function nodeCase(name: string, script: string) {
  return { name, command: process.execPath, arguments: ['--input-type=module', '--eval', script] };
}

const results = await compare(
  [
    nodeCase('node', ''),
    nodeCase('schema', "await import('@retail-sim/artifacts/schema')"),
    nodeCase('artifacts', "await import('@retail-sim/artifacts')"),
  ],
  { runs: 5 },
);
printComparison(results);
