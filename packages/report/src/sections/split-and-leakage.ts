import { verifyUpstream } from '@retail-sim/artifacts';
import type { Split } from '@retail-sim/data-pipeline/schemas';
import { InputError } from '@retail-sim/errors';
import { dataTable } from '../page/data-table.js';
import { html } from '../page/html.js';
import { count } from '../page/numbers.js';
import type { Section } from '../page/section.js';
import type { StageFolder } from '../run-folders.js';

interface Check {
  readonly what: string;
  readonly passed: boolean;
  readonly found: string;
}

/** How the weeks are split, and whether anything fitted may have seen what it is judged on. */
export async function splitAndLeakageSection(split: Split, stages: readonly StageFolder[]): Promise<Section> {
  const made = stages.filter(({ name, manifest }) => name !== 'raw' && manifest !== undefined);
  const checks: Check[] = [];
  const later = Math.min(...split.validation, ...split.test);
  const fits = split.fitThroughWeek < later;
  checks.push({
    what: 'Fitted statistics end before validation and test begin',
    passed: fits || !Number.isFinite(later),
    found: `fitted through week ${split.fitThroughWeek}, first later week ${Number.isFinite(later) ? later : 'none'}`,
  });
  checks.push({
    what: 'Train, validation and test follow each other',
    passed: inOrder(split.train, split.validation) && inOrder(split.validation, split.test),
    found: [split.train, split.validation, split.test].map(range).join(', '),
  });
  const cutOffs = new Set(made.map(({ manifest }) => String(manifest?.fitThroughWeek ?? 'all weeks')));
  checks.push({
    what: 'All stages were fitted on the same cut-off',
    passed: cutOffs.size === 1,
    found: [...cutOffs].join(', '),
  });
  for (const { folder, command, name } of made) checks.push(await currentCheck(name, folder, command));
  const failed = checks.filter(({ passed }) => !passed).length;
  const total = split.train.length + split.validation.length + split.test.length;
  return {
    id: 'split',
    title: 'Split and leakage',
    body: html`${dataTable(
      `Weeks, split ${split.rule}`,
      [{ title: 'part' }, { title: 'weeks', numeric: true }, { title: 'calendar weeks' }],
      (['train', 'validation', 'test'] as const).map((part) => [
        part,
        count(split[part].length),
        range(split[part]),
      ]),
    )}
${dataTable(
  'Checks',
  [{ title: 'check' }, { title: 'result' }, { title: 'found' }],
  checks.map(({ what, passed, found }) => [what, passed ? '✓ holds' : '✗ does not hold', found]),
)}`,
    finding:
      failed === 0
        ? `Split of ${count(total)} weeks ${split.rule}; all ${checks.length} leakage and lineage checks hold.`
        : `${failed} of ${checks.length} leakage and lineage checks do not hold.`,
  };
}

/** Files as the manifest lists them, inputs unchanged since. */
async function currentCheck(name: string, folder: string, command: string): Promise<Check> {
  const what = `The folder of ${name} is complete and up to date`;
  try {
    const { manifest } = await verifyUpstream(folder, { command });
    return { what, passed: true, found: `${count(Object.keys(manifest.outputs).length)} files` };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { what, passed: false, found: error.what };
  }
}

const inOrder = (earlier: readonly number[], later: readonly number[]): boolean =>
  earlier.length === 0 || later.length === 0 || Math.max(...earlier) < Math.min(...later);

const range = (weeks: readonly number[]): string =>
  weeks.length === 0 ? 'none' : `${Math.min(...weeks)} to ${Math.max(...weeks)}`;
