import type { FileHandle } from 'node:fs/promises';

/** Told of the first read that failed; the engine itself cannot be told. */
export type OnReadFailure = (error: unknown) => void;

/**
 * A file as the Parquet engine asks for it: byte ranges on demand, never the whole file in memory. The engine does not
 * survive a read that fails, so it gets zeros instead, and whoever opened the file learns of the failure.
 */
export class FileBlob extends Blob {
  readonly #file: FileHandle;
  readonly #from: number;
  readonly #onFailure: OnReadFailure;
  override readonly size: number;

  constructor(file: FileHandle, from: number, size: number, onFailure: OnReadFailure) {
    super([]);
    this.#file = file;
    this.#from = from;
    this.#onFailure = onFailure;
    this.size = size;
  }

  override slice(from = 0, to = this.size): Blob {
    const end = Math.max(from, Math.min(to, this.size));
    return new FileBlob(this.#file, this.#from + from, end - from, this.#onFailure);
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = new ArrayBuffer(this.size);
    await this.#fill(new Uint8Array(bytes)).catch(this.#onFailure);
    return bytes;
  }

  async #fill(target: Uint8Array): Promise<void> {
    let filled = 0;
    while (filled < target.length) {
      const { bytesRead } = await this.#file.read(
        target,
        filled,
        target.length - filled,
        this.#from + filled,
      );
      if (bytesRead === 0) throw new Error('the file ends before its contents do');
      filled += bytesRead;
    }
  }
}
