// Each case puts something wrong, odd or malicious before a command. It must answer with one clear error and exit code
// 2 (or take it as it is), never with a stack, and leave what was there untouched.
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { run } from '../prepared-run/commands.js';

const prepared = inject('preparedRun');

let base = '';
let cwd = '';
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'retail-sim-hostile-'));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));
beforeEach(() => {
  cwd = mkdtempSync(join(base, 'case-'));
});

/** A copy of parts of the prepared run; unchanged times keep manifests cheap to check. */
function copy(...parts: readonly string[]): void {
  for (const part of parts) {
    cpSync(join(prepared, part), join(cwd, part), { recursive: true, preserveTimestamps: true });
  }
}

/** Everything below a folder with its bytes: to see that nothing was touched. */
function snapshot(folder: string): Readonly<Record<string, string>> {
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path, readFileSync(path).toString('base64')];
    }),
  );
}

/** Runs a command that must refuse, with what it says matched and its folder as it was. */
function refuses(
  command: string,
  flags: readonly string[],
  message: RegExp,
  { output, status = 2 }: { readonly output?: string; readonly status?: number } = {},
): void {
  const before = output === undefined ? {} : snapshot(join(cwd, output));
  const result = run(command, flags, { cwd });
  expect(result.stderr).toMatch(/^error: /m);
  expect(result.stderr).toMatch(message);
  expect(result.stderr).not.toMatch(/^\s+at .*\(.*:\d+:\d+\)/m);
  expect(result.status).toBe(status);
  if (output !== undefined) expect(snapshot(join(cwd, output))).toEqual(before);
}

/** Commands that read a folder with a manifest: the flag's folder, what makes it, what they write. */
const readers = [
  {
    command: 'retail-feature-engineering',
    parts: ['data/processed'],
    broken: 'data/processed',
    maker: 'retail-data-pipeline',
  },
  {
    command: 'retail-build-tensors',
    parts: ['data/processed', 'data/features'],
    broken: 'data/features',
    maker: 'retail-feature-engineering',
  },
  { command: 'retail-train', parts: ['data/tensors'], broken: 'data/tensors', maker: 'retail-build-tensors' },
] as const;

describe.each(readers)('$command', ({ command, parts, broken, maker }) => {
  it('names the command to run where nothing is', () => {
    refuses(command, [], new RegExp(`run ${parts[0] === broken ? maker : 'retail-data-pipeline'}`));
  });

  it('refuses a file in place of the folder', () => {
    copy(...parts.filter((part) => part !== broken));
    mkdirSync(join(cwd, broken, '..'), { recursive: true });
    writeFileSync(join(cwd, broken), 'not a folder');
    refuses(command, [], new RegExp(`run ${maker}`));
  });

  it.each([
    ['empty', ''],
    ['no JSON', '{"manifestVersion": 1'],
    ['no manifest', '[1, 2, 3]'],
    ['a prototype in place of a manifest', '{"__proto__": {"manifestVersion": 1}}'],
    ['of a later version', '{"manifestVersion": 99}'],
  ])('refuses a manifest that is %s', (_, text) => {
    copy(...parts);
    writeFileSync(join(cwd, broken, 'manifest.json'), text);
    refuses(command, [], new RegExp(`manifest.json: .*[\\s\\S]*run ${maker}`));
  });

  it('refuses a file that is cut off', () => {
    copy(...parts);
    const file = readdirSync(join(cwd, broken)).find((name) => /\.(parquet|arrow)$/.test(name)) ?? '';
    truncateSync(join(cwd, broken, file), 100);
    refuses(command, [], new RegExp(`${file}: has 100 bytes, the manifest says`));
  });

  it('refuses a file whose bytes were changed in place', () => {
    copy(...parts);
    const file = readdirSync(join(cwd, broken)).find((name) => /\.(parquet|arrow)$/.test(name)) ?? '';
    const path = join(cwd, broken, file);
    const bytes = readFileSync(path);
    bytes.writeUInt8((bytes.readUInt8(bytes.length >> 1) + 1) % 256, bytes.length >> 1);
    writeFileSync(path, bytes);
    refuses(command, [], new RegExp(`${file}: is not the file that the manifest lists`));
  });

  it('refuses a file that is gone', () => {
    copy(...parts);
    const file = readdirSync(join(cwd, broken)).find((name) => /\.(parquet|arrow)$/.test(name)) ?? '';
    renameSync(join(cwd, broken, file), join(cwd, broken, `${file}.away`));
    refuses(command, [], new RegExp(`${file}: is listed in the manifest but missing`));
  });
});

describe('every command', () => {
  it.each([
    ['retail-data-pipeline', ['--nrows', '-1']],
    ['retail-data-pipeline', ['--nrows', '1e999']],
    ['retail-data-pipeline', ['--memory-limit', 'lots']],
    ['retail-data-pipeline', ['--split', '80/10']],
    ['retail-feature-engineering', ['--layers', '9']],
    ['retail-build-tensors', ['--mask-prob', 'NaN']],
    ['retail-train', ['--lr', 'fast']],
    ['retail-train', ['--preset', 'huge']],
    ['retail-train', ['--epochs', '0']],
    ['retail-evaluate', ['--split', 'tomorrow']],
    ['retail-report', ['--threads', '0']],
    ['retail-sample-data', ['--seed', 'x']],
    ['retail-sim', ['run', '--stages', 'everything']],
  ])('%s %j is refused', (command, flags) => {
    refuses(command, flags, /error: /);
  });

  it.each([
    ['an unknown key', 'train:\n  leraning-rate: 1\n', /wrong\.yaml:2:3: unknown key/],
    ['an unknown section', 'trian:\n  lr: 1\n', /wrong\.yaml:1:1: unknown key/],
    ['a wrong type', 'train:\n  epochs: many\n', /wrong\.yaml:2:11/],
    ['broken YAML', 'train: [\n', /wrong\.yaml:\d+:\d+: not valid YAML/],
    ['a tag that would make an object', 'train: !!js/function "function () {}"\n', /wrong\.yaml/],
    ['a list at the top', '- 1\n', /wrong\.yaml:1:1/],
  ])('refuses a config file with %s', (_, text, message) => {
    writeFileSync(join(cwd, 'wrong.yaml'), text);
    refuses('retail-train', ['--config', 'wrong.yaml'], message);
  });

  it('refuses a config file that is not there, or a folder', () => {
    refuses('retail-train', ['--config', 'nowhere.yaml'], /nowhere\.yaml: .*cannot be read/);
    mkdirSync(join(cwd, 'folder.yaml'));
    refuses('retail-train', ['--config', 'folder.yaml'], /folder\.yaml: .*cannot be read/);
  });

  it.each([
    ['retail-sample-data', ['--out', 'taken']],
    ['retail-data-pipeline', ['--raw', join(prepared, 'raw_data'), '--processed', 'taken']],
    ['retail-feature-engineering', ['--processed', join(prepared, 'data/processed'), '--features', 'taken']],
  ])('%s refuses to write where a file lies', (command, flags) => {
    writeFileSync(join(cwd, 'taken'), 'mine');
    const { status, stderr } = run(command, flags, { cwd });
    expect(stderr).toMatch(/^error: .*taken/m);
    expect(status).toBe(2);
    expect(readFileSync(join(cwd, 'taken'), 'utf8')).toBe('mine');
  });
});

describe('names and values are data', () => {
  /** Whatever a shell, an engine or a pattern would make of it, it is a name. */
  const odd = `it's "odd"; $(touch pwned) \`touch pwned\` ' ); DROP TABLE x; -- & [a-b] {c} ü%20`;

  it('folders may have any name', () => {
    cpSync(join(prepared, 'raw_data'), join(cwd, odd, 'raw'), { recursive: true, preserveTimestamps: true });
    const { status, stderr } = run(
      'retail-data-pipeline',
      ['--quiet', '--raw', join(odd, 'raw'), '--processed', join(odd, 'processed')],
      { cwd },
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(existsSync(join(cwd, 'pwned'))).toBe(false);
    const report = run(
      'retail-report',
      ['--quiet', '--processed', join(odd, 'processed'), '--title', odd, '--out', 'page.html'],
      { cwd },
    );
    expect(report.status).toBe(0);
    expect(readFileSync(join(cwd, 'page.html'), 'utf8')).toContain(
      '<title>it&#39;s &quot;odd&quot;; $(touch',
    );
  });

  it('codes in the raw data may be anything', () => {
    copy('raw_data');
    const raw = join(cwd, 'raw_data');
    const week =
      readdirSync(raw)
        .filter((name) => name.startsWith('transactions_'))
        .sort()[0] ?? '';
    const lines = readFileSync(join(raw, week), 'utf8').trimEnd().split('\n');
    const product = `"PRD'); DROP TABLE products; --<script>alert(1)</script>"`;
    const line = lines.at(-1)?.replace(/,PRD\d+,/, `,${product},`) ?? '';
    expect(line).toContain('DROP TABLE');
    appendFileSync(join(raw, week), `${line}\n`);
    const { status, stderr } = run('retail-data-pipeline', ['--quiet'], { cwd });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const described = run('retail-report', ['--quiet', '--out', 'page.html'], { cwd });
    expect(described.status).toBe(0);
    expect(readFileSync(join(cwd, 'page.html'), 'utf8')).not.toContain('<script>');
  });

  it('raw data may be behind links; a link to itself is refused', () => {
    mkdirSync(join(cwd, 'links'));
    for (const name of readdirSync(join(prepared, 'raw_data')).filter((file) => file.endsWith('.csv'))) {
      symlinkSync(join(prepared, 'raw_data', name), join(cwd, 'links', name));
    }
    symlinkSync(join(cwd, 'links'), join(cwd, 'linked-folder'));
    const { status, stderr } = run('retail-data-pipeline', ['--quiet', '--raw', 'linked-folder'], { cwd });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    symlinkSync('loop', join(cwd, 'loop'));
    refuses('retail-data-pipeline', ['--raw', 'loop'], /loop/, { output: 'data/processed' });
  });
});

describe('checkpoints run no code and are checked', () => {
  const evaluateFlags = ['--run', 'demo', '--limit', '64'];

  it.each<[string, string, (file: string) => void, RegExp]>([
    [
      'a header longer than the file',
      'model.safetensors',
      (file) => {
        const bytes = readFileSync(file);
        bytes.writeBigUInt64LE(2n ** 60n, 0);
        writeFileSync(file, bytes);
      },
      /model\.safetensors/,
    ],
    ['weights cut off', 'model.safetensors', (file) => truncateSync(file, 5000), /model\.safetensors/],
    ['no weights', 'model.safetensors', (file) => rmSync(file), /model\.safetensors/],
    [
      'a pickle in place of weights',
      'model.safetensors',
      (file) => writeFileSync(file, Buffer.from('\x80\x04cposix\nsystem\n(S"touch pwned"\ntR.', 'latin1')),
      /model\.safetensors/,
    ],
    ['a state that is no JSON', 'state.json', (file) => writeFileSync(file, 'require("fs")'), /state\.json/],
    ['an empty state', 'state.json', (file) => writeFileSync(file, '{}'), /state\.json/],
  ])('%s is refused', (_, name, damage, message) => {
    copy('data/tensors', 'checkpoints');
    damage(join(cwd, 'checkpoints', 'demo', 'best', name));
    refuses('retail-evaluate', evaluateFlags, message);
    expect(existsSync(join(cwd, 'pwned'))).toBe(false);
    expect(existsSync(join(cwd, 'results'))).toBe(false);
  });

  it.each(['../../etc', 'no-such-run', ''])('the run %j is refused', (name) => {
    copy('data/tensors', 'checkpoints');
    refuses('retail-evaluate', ['--run', name], /error: /);
  });

  it('a checkpoint of other data is refused', () => {
    copy('data/tensors', 'checkpoints');
    refuses('retail-train', ['--run', 'demo', '--resume', 'nowhere'], /nowhere/, { output: 'checkpoints' });
  });
});
