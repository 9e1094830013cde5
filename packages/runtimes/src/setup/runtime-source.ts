import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError } from '@retail-sim/errors';
import { RUNTIME_MANIFEST, type RuntimeKind } from '@retail-sim/world-model';

/** Where a runtime's libraries come from. */
export type RuntimeSource =
  /** What the TensorFlow.js package installs by itself. */
  | { readonly from: 'stock' }
  /** The wheels of `wheel-list.ts`, by pip. */
  | { readonly from: 'pypi' }
  /** Wheels that lie in a folder already. */
  | { readonly from: 'wheels'; readonly folder: string; readonly files: readonly string[] }
  /** A folder with `include/` and `lib/`, as TensorFlow's C library is published. */
  | { readonly from: 'library'; readonly folder: string }
  /** A runtime that was finished elsewhere. */
  | { readonly from: 'runtime'; readonly folder: string };

/** Reads `--from`. @throws InputError when it names no source */
export function runtimeSource(text: string, kind: RuntimeKind): RuntimeSource {
  if (text === 'stock' || text === 'pypi') return { from: text };
  const folder = resolve(text);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new InputError({
      what: `--from ${text} is neither stock nor pypi nor a folder`,
      remedy:
        'name one of the two, or a folder with wheels, with include/ and lib/, or with a finished runtime',
    });
  }
  if (existsSync(join(folder, RUNTIME_MANIFEST))) return { from: 'runtime', folder };
  if (existsSync(join(folder, kind, RUNTIME_MANIFEST)))
    return { from: 'runtime', folder: join(folder, kind) };
  const files = readdirSync(folder).filter((name) => name.endsWith('.whl'));
  if (files.some((name) => name.startsWith('tensorflow'))) return { from: 'wheels', folder, files };
  if (existsSync(join(folder, 'include')) && existsSync(join(folder, 'lib')))
    return { from: 'library', folder };
  throw new InputError({
    what: `${folder} holds nothing to set a runtime up from`,
    remedy:
      'put the wheels into it (`retail-setup --dry-run` lists them), or a folder .runtimes of another machine',
  });
}
