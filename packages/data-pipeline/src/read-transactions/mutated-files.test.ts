import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '@retail-sim/errors';
import { keyedStream, type RandomStream } from '@retail-sim/random';
import { expect, test } from 'vitest';
import { openEngine } from '../engine/open-engine.js';
import { temporaryFolder } from '../testing/pipeline-run.js';
import { CALENDAR, rawFile, rawRows } from '../testing/raw-file.js';
import { writeCleanCopy } from './clean-copy.js';
import { readHeader } from './read-header.js';
import { readTransactions } from './read-transactions.js';
import type { RuleContext } from './row-rules.js';

/**
 * Ten thousand damaged files. Whatever is in a file, reading it ends in one of two ways: it is refused with an error
 * that says why, or every line of it is either accepted or rejected. The line reader sees every file; what it accepts
 * goes to the engine, which must take all of it. The whole reader, which asks the engine first, sees a part of them
 * and must come to the same counts.
 */

const FILES = 10_000;
const BATCH = 500;
/** Files of each batch that the whole reader sees. */
const WHOLE = 25;
const ROWS = 8;

const weeks = CALENDAR.trim().split('\n').slice(1);
const context: RuleContext = {
  weeks: new Set(weeks.map((line) => Number(line.slice(0, 6)))),
  compat: false,
};
const base = Buffer.from(rawFile(rawRows(ROWS)));
/** Where damage lies most of the time: behind the header. */
const bodyStart = base.indexOf(0x0a) + 1;

const FRAGMENTS = [
  ...['"', '""', ',', ',,', ';', '\n', '\r', '\r\n', '\n\n', '\0', '\t', ' ', "'", '\\', '\\N', '#', '|'],
  ...['NaN', 'NA', 'NULL', 'None', 'inf', '-inf', '-', '+', '.', '1e400', '1e5', '0x10', '1_000', '-1', '0'],
  ...[
    '99999999999999999999',
    '2147483648',
    '0.001',
    '£',
    '\u{feff}',
    '\u{fffd}',
    '\u{1f6d2}',
    'ß',
    '\u{200b}',
  ],
  ...['SHOP_WEEK', '200607', '200699', '20060230', 'PRD0900001', '"x', 'x"', '"a,b"', '"a\nb"', '\u2028'],
].map((text) => Buffer.from(text));
const BYTES = [0xff, 0xc3, 0x80, 0xed, 0xa0, 0x00, 0x1a, 0x7f, 0x85].map((byte) => Buffer.of(byte));

function mutate(random: RandomStream): Buffer {
  let bytes: Buffer = base;
  const changes = 1 + random.below(3);
  for (let change = 0; change < changes; change += 1) {
    const from = random.uniform() < 0.97 ? bodyStart : 0;
    const at = Math.min(bytes.length, from + random.below(Math.max(1, bytes.length - from)));
    const length = random.below(40);
    const before = bytes.subarray(0, at);
    const after = bytes.subarray(at);
    const piece = (list: readonly Buffer[]) => list[random.below(list.length)] ?? Buffer.alloc(0);
    const kinds: readonly (() => Buffer)[] = [
      () => Buffer.concat([before, piece(FRAGMENTS), after]),
      () => Buffer.concat([before, piece(FRAGMENTS), after.subarray(length)]),
      () => Buffer.concat([before, piece(BYTES), after.subarray(1)]),
      () => Buffer.concat([before, Buffer.of(random.below(256)), after.subarray(1)]),
      () => Buffer.concat([before, after.subarray(length)]),
      () => Buffer.concat([before, after.subarray(0, length), after]),
      () => before,
    ];
    bytes = (kinds[random.below(kinds.length)] ?? kinds[0])?.() ?? bytes;
  }
  return bytes;
}

/** Lines behind the header that are not blank: what must come out as accepted or rejected. */
function countRows(bytes: Buffer): number {
  const lines = bytes.toString('latin1').split('\n').slice(1);
  return lines.filter((line) => line !== '' && line !== '\r').length;
}

test('rows in are rows out and rejects', { timeout: 600_000 }, async () => {
  await using folder = await temporaryFolder();
  await using engine = await openEngine({ folder: folder.path, threads: 1, memoryLimit: 4e8 });
  const calendar = join(folder.path, 'time.csv');
  await writeFile(calendar, CALENDAR);
  const random = keyedStream(42, 'mutated-files');
  const seen = { refused: 0, accepted: 0, rejected: 0, untouched: 0 };
  const reasons = new Set<string>();

  for (let batch = 0; batch < FILES / BATCH; batch += 1) {
    const scratch = join(folder.path, `batch-${batch}`);
    await mkdir(scratch);
    const read = (files: readonly string[]) =>
      readTransactions(engine.connection, {
        input: { files, calendar, ingested: null },
        nrows: undefined,
        maxRejectRate: 1,
        compat: false,
        scratch,
        warn: () => {},
      });
    const copies: string[] = [];
    const whole: string[] = [];
    let accepted = 0;
    let wholeAccepted = 0;
    let wholeRejected = 0;
    for (let index = 0; index < BATCH; index += 1) {
      const bytes = mutate(random);
      const file = join(scratch, `${index}.csv`);
      const copy = join(scratch, `${index}.copy`);
      await writeFile(file, bytes);
      let rejected = 0;
      try {
        const header = await readHeader(file);
        const reject = async ({ reason }: { reason: string }) => {
          rejected += 1;
          reasons.add(reason);
        };
        const maxRows = Number.POSITIVE_INFINITY;
        const found = await writeCleanCopy({ file, header, context, copy, maxRows, reject });
        expect(found.rows, file).toBe(countRows(bytes));
        expect(found.accepted + rejected, file).toBe(found.rows);
        copies.push(copy);
        accepted += found.accepted;
        seen.rejected += rejected;
        seen.untouched += rejected === 0 ? 1 : 0;
        if (whole.length < WHOLE) {
          whole.push(file);
          wholeAccepted += found.accepted;
          wholeRejected += rejected;
        }
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        seen.refused += 1;
      }
    }
    const taken = await read(copies);
    expect([taken.accepted, taken.rejects.count()]).toEqual([accepted, 0]);
    seen.accepted += accepted;
    const together = await read(whole);
    expect([together.accepted, together.rejects.count()]).toEqual([wholeAccepted, wholeRejected]);
    await rm(scratch, { recursive: true });
  }

  // The damage is neither too small to matter nor too large to get past the header.
  expect(seen.refused).toBeGreaterThan(20);
  expect(seen.refused).toBeLessThan(FILES / 4);
  expect(seen.untouched).toBeGreaterThan(FILES / 50);
  expect(seen.rejected).toBeGreaterThan(FILES / 2);
  expect([...reasons].sort()).toEqual(
    [
      ...['bad_date', 'bad_encoding', 'bad_number', 'bad_quote', 'byte_order_mark', 'control_character'],
      ...['extra_field', 'line_ending', 'missing_field', 'missing_value', 'negative_spend'],
      ...['out_of_range', 'unknown_week'],
    ].sort(),
  );
  expect(await readFile(calendar, 'utf8')).toBe(CALENDAR);
});
