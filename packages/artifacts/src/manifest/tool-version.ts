import { createRequire } from 'node:module';
import { z } from 'zod';

/** Version of the tool chain: all packages carry the same one. */
export const TOOL_VERSION: string = z
  .object({ version: z.string() })
  .parse(createRequire(import.meta.url)('../../package.json')).version;
