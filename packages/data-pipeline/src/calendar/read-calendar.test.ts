import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runQuietly, temporaryFolder } from '../testing/pipeline-run.js';
import { rawFile, rawRows } from '../testing/raw-file.js';
import { calendarWithoutFile } from './read-calendar.js';

const weeksOf = (weeks: readonly number[]) =>
  calendarWithoutFile(weeks).map(({ week, weekIdx }) => [week, weekIdx]);

test('without a file, a year has 52 weeks and weeks without data keep their number', () => {
  expect(weeksOf([])).toEqual([]);
  expect(weeksOf([200607])).toEqual([[200607, 1]]);
  expect(weeksOf([200702, 200651])).toEqual([
    [200651, 1],
    [200652, 2],
    [200701, 3],
    [200702, 4],
  ]);
});

test('without a file, a year whose week 53 has data has 53', () => {
  expect(weeksOf([200652, 200653, 200701])).toEqual([
    [200652, 1],
    [200653, 2],
    [200701, 3],
  ]);
  expect(weeksOf([200653])).toEqual([[200653, 1]]);
  expect(calendarWithoutFile([200601, 200653, 200810])).toHaveLength(53 + 52 + 10);
});

test('without a file, a week that is written wrong does not make a calendar of a thousand years', () => {
  expect(() => weeksOf([200607, 900001])).toThrow(
    'SHOP_WEEK goes from 200607 to 900001: too many weeks to number without a calendar',
  );
});

test('data without a calendar is read whole, its week 53 too', async () => {
  await using folder = await temporaryFolder();
  const raw = join(folder.path, 'raw');
  await mkdir(raw);
  const weeks = [200652, 200653, 200701];
  const rows = rawRows(300).map((row, index) => `${weeks[index % 3]}${row.slice(6)}`);
  await writeFile(join(raw, 'transactions.csv'), rawFile(rows));
  const run = await runQuietly({ input: [raw], processed: join(folder.path, 'out'), stages: [] });
  expect(run.steps[0]).toMatchObject({ rows: 300, counts: { rejected: 0, weeks: 3 } });
  expect(run.warnings.join()).toContain('no time.csv');
});
