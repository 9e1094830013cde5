import type { FileHandle } from 'node:fs/promises';

/** A file as the Parquet engine asks for it: byte ranges on demand, never the whole file in memory. */
export class FileBlob extends Blob {
  readonly #file: FileHandle;
  readonly #from: number;
  override readonly size: number;

  constructor(file: FileHandle, from: number, size: number) {
    super([]);
    this.#file = file;
    this.#from = from;
    this.size = size;
  }

  override slice(from = 0, to = this.size): Blob {
    return new FileBlob(this.#file, this.#from + from, Math.min(to, this.size) - from);
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = new ArrayBuffer(this.size);
    const view = new Uint8Array(bytes);
    let filled = 0;
    while (filled < view.length) {
      const { bytesRead } = await this.#file.read(view, filled, view.length - filled, this.#from + filled);
      if (bytesRead === 0) throw new Error('the file ends before its contents do');
      filled += bytesRead;
    }
    return bytes;
  }
}
