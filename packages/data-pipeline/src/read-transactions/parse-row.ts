import { MISSING, RAW_COLUMNS, type RawKind, type RawName } from './raw-columns.js';
import type { RawLine } from './raw-lines.js';
import type { Header } from './read-header.js';
import {
  NUMBER_RULES,
  type NumberRule,
  parseNumber,
  type RejectReason,
  type RuleContext,
} from './row-rules.js';
import { splitFields } from './split-fields.js';

export interface Reject {
  readonly file: string;
  readonly line: number;
  readonly column: string | null;
  readonly value: string | null;
  readonly reason: RejectReason;
}

export type Fault = Pick<Reject, 'column' | 'value' | 'reason'>;

/** A row in the order of RAW_COLUMNS, as canonical text: numbers in plain notation, missing values empty. */
export type RowResult = { readonly fields: readonly string[] } | { readonly fault: Fault };

const MAX_VALUE_CHARACTERS = 200;
/** The engine's own limit. */
const MAX_LINE_BYTES = 2_097_152;
const CR = 0x0d;
const kinds: ReadonlyMap<string, RawKind> = new Map(RAW_COLUMNS.map(({ name, kind }) => [name, kind]));
const rules: ReadonlyMap<string, NumberRule> = new Map(NUMBER_RULES.map((rule) => [rule.column, rule]));
const missing: ReadonlySet<string> = new Set(MISSING);
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL = /[\x00-\x1f\x7f]/;

/**
 * Checks one line of a raw file (without its LF) and names the first thing wrong. This is the slow, exact reading:
 * the engine's own CSV reader takes whole files that have no fault.
 */
export function parseRow(
  { bytes, terminated }: Pick<RawLine, 'bytes' | 'terminated'>,
  header: Header,
  context: RuleContext,
): RowResult {
  if (bytes.length > MAX_LINE_BYTES) return fault('line_too_long', null, null);
  const endsWithCr = bytes.at(-1) === CR;
  // The last line of a file may end without any line ending.
  if (endsWithCr !== header.crlf && (terminated || endsWithCr)) return fault('line_ending', null, null);
  let line: string;
  try {
    line = decoder.decode(endsWithCr ? bytes.subarray(0, -1) : bytes);
  } catch {
    return fault('bad_encoding', null, Buffer.from(bytes).toString('latin1'));
  }
  if (line.includes('\u{feff}')) return fault('byte_order_mark', null, line);
  if (line.includes('\u{fffd}')) return fault('bad_encoding', null, line);
  const fields = splitFields(line);
  if (fields === undefined) return fault('bad_quote', null, line);
  const width = header.columns.length;
  // One empty field too many is a comma at the end of the line.
  if (fields.length === width + 1 && fields[width] === '') fields.pop();
  if (fields.length < width) return fault('missing_field', null, line);
  if (fields.length > width) return fault('extra_field', null, line);
  return checkFields(fields, header, context);
}

function checkFields(fields: readonly string[], header: Header, context: RuleContext): RowResult {
  const clean: string[] = [];
  for (const { name } of RAW_COLUMNS) {
    const position = header.columns.indexOf(name);
    const text = position < 0 ? '' : (fields[position] ?? '');
    const result = checkField(name, text, context);
    if (typeof result !== 'string') return { fault: result };
    clean.push(result);
  }
  return { fields: clean };
}

function checkField(name: RawName, text: string, context: RuleContext): string | Fault {
  const kind = kinds.get(name);
  if (missing.has(text)) {
    return kind === 'label' ? '' : { column: name, value: null, reason: 'missing_value' };
  }
  const because = (reason: RejectReason): Fault => ({
    column: name,
    value: text.slice(0, MAX_VALUE_CHARACTERS),
    reason,
  });
  if (kind !== 'number') {
    if (text.includes('"')) return because('bad_quote');
    return CONTROL.test(text) ? because('control_character') : text;
  }
  if (text.trim().toUpperCase() === name) return because('repeated_header');
  const value = parseNumber(text);
  if (value === undefined) return because('bad_number');
  const reason = rules.get(name)?.check(value, context);
  return reason === undefined ? String(value) : because(reason);
}

function fault(reason: RejectReason, column: string | null, value: string | null): RowResult {
  return { fault: { column, value: value === null ? null : value.slice(0, MAX_VALUE_CHARACTERS), reason } };
}
