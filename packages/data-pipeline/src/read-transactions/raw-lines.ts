import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { InputError } from '@retail-sim/errors';

const LF = 0x0a;
const CR = 0x0d;
const READ_BYTES = 1 << 18;

export interface RawLine {
  /** Without the LF; a CR before it is still there. */
  readonly bytes: Uint8Array;
  /** 1-based; the header is line 1. */
  readonly line: number;
  /** False for a last line without LF. */
  readonly terminated: boolean;
}

/** Every line after the header that is not blank, plain or .gz. Stops reading when the caller stops asking. */
export async function* dataLines(file: string): AsyncGenerator<RawLine> {
  const raw = createReadStream(file, { highWaterMark: READ_BYTES });
  const stream = file.endsWith('.gz') ? raw.pipe(createGunzip({ chunkSize: READ_BYTES })) : raw;
  // A pipe does not carry the error of its source.
  raw.on('error', (error) => stream.destroy(error));
  let rest: Buffer = Buffer.alloc(0);
  let line = 0;
  try {
    for await (const part of stream) {
      const chunk: Buffer = part;
      const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let from = 0;
      for (let end = bytes.indexOf(LF, from); end >= 0; end = bytes.indexOf(LF, from)) {
        const text = bytes.subarray(from, end);
        line += 1;
        if (line > 1 && !isBlank(text)) yield { bytes: text, line, terminated: true };
        from = end + 1;
      }
      rest = bytes.subarray(from);
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError({
      what: `cannot be read beyond line ${line}: ${reason}`,
      where: { file, line },
      remedy: 'the file is cut off or damaged: copy it again',
      cause,
    });
  } finally {
    raw.destroy();
  }
  line += 1;
  if (line > 1 && !isBlank(rest)) yield { bytes: rest, line, terminated: false };
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.length === 0 || (bytes.length === 1 && bytes[0] === CR);
}
