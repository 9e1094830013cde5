// The loader that training uses: batches gathered ahead in a worker thread, so that the model never waits.

import { Worker } from 'node:worker_threads';
import { InputError } from '@retail-sim/errors';
import { z } from 'zod';
import type { Batch, PairBatch } from '../batch.js';
import {
  type BatchSource,
  type LoaderOptions,
  loaderOptionsSchema,
  openBasketSource,
  openPairSource,
  type ResolvedLoaderOptions,
} from './batch-source.js';
import {
  type ErrorDescription,
  type FromWorker,
  fromWorkerSchema,
  type ToWorker,
} from './prefetch-messages.js';

/** Yields the batches of one split, epoch by epoch. */
export interface Loader<B> extends AsyncDisposable {
  /** Samples of an epoch, over all shards. */
  readonly samples: number;
  /** Batches of an epoch, over all shards; `batch.index` runs from 0 to here. */
  readonly batchesPerEpoch: number;
  /**
   * Batches of this shard in an epoch, from batch `from` on: resuming at `from` yields what an uninterrupted epoch yields
   * from there, byte for byte. One epoch at a time: a new call ends the one before.
   */
  batches(epoch: number, from?: number): AsyncGenerator<B, void, void>;
  /** Ends the worker; a loader that is not closed keeps the process alive. */
  close(): Promise<void>;
}

/**
 * Opens the baskets of a split for masked-product training or evaluation.
 *
 * @throws InputError when the folder is missing, damaged or of another release, or when the split is empty
 */
export function openLoader(options: LoaderOptions): Promise<Loader<Batch>> {
  const resolved = loaderOptionsSchema.parse(options);
  return resolved.prefetch === 0
    ? inThisThread(openBasketSource(resolved))
    : inWorker('baskets', resolved, z.custom<Batch>(hasField('originalIds')));
}

/**
 * Opens the next-basket pairs whose target is in a split.
 *
 * @throws InputError as {@link openLoader}
 */
export function openPairLoader(options: LoaderOptions): Promise<Loader<PairBatch>> {
  const resolved = loaderOptionsSchema.parse(options);
  return resolved.prefetch === 0
    ? inThisThread(openPairSource(resolved))
    : inWorker('pairs', resolved, z.custom<PairBatch>(hasField('inputBasketRow')));
}

const hasField = (name: string) => (value: unknown) =>
  typeof value === 'object' && value !== null && name in value;

async function inThisThread<B>(opened: Promise<BatchSource<B>>): Promise<Loader<B>> {
  const source = await opened;
  const close = async () => source[Symbol.dispose]();
  return {
    samples: source.samples,
    batchesPerEpoch: source.batchesPerEpoch,
    async *batches(epoch, from = 0) {
      yield* source.batches(epoch, from);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The compiled worker; this file's tests run from source and find it in the same place. */
const WORKER_FILE = new URL('../../dist/loader/prefetch-worker.js', import.meta.url);

async function inWorker<B>(
  kind: 'baskets' | 'pairs',
  options: ResolvedLoaderOptions,
  batchSchema: z.ZodType<B>,
): Promise<Loader<B>> {
  const worker = new Worker(WORKER_FILE, { workerData: { kind, options } });
  const inbox = messagesOf(worker);
  const send = (message: ToWorker) => worker.postMessage(message);
  let runs = 0;
  let closed = false;

  async function close(): Promise<void> {
    if (closed) return;
    closed = true;
    send({ type: 'close' });
    await worker.terminate();
  }

  const first = await inbox.next();
  if (first.type !== 'open') {
    await close();
    throw first.type === 'error' ? errorOf(first.error) : new Error(`the loader began with ${first.type}`);
  }
  return {
    samples: first.samples,
    batchesPerEpoch: first.batchesPerEpoch,
    async *batches(epoch, from = 0) {
      const run = runs++;
      send({ type: 'start', run, epoch, from });
      for (let ahead = 0; ahead < options.prefetch; ahead++) send({ type: 'next', run });
      for (;;) {
        const message = await inbox.next();
        if (message.type === 'error') throw errorOf(message.error);
        // What an abandoned epoch had asked for still arrives.
        if (message.type === 'open' || message.run !== run) continue;
        if (message.type === 'end') return;
        send({ type: 'next', run });
        yield batchSchema.parse(message.batch);
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Messages of a worker in order; a worker that dies is an error message. */
function messagesOf(worker: Worker) {
  const arrived: FromWorker[] = [];
  let wake: (() => void) | undefined;
  const take = (message: FromWorker) => {
    arrived.push(message);
    wake?.();
  };
  worker.on('message', (message: unknown) => take(fromWorkerSchema.parse(message)));
  worker.on('error', (error) => take({ type: 'error', error: { message: String(error) } }));
  worker.on('exit', (code) =>
    take({ type: 'error', error: { message: `the loader's worker ended (${code})` } }),
  );
  return {
    async next(): Promise<FromWorker> {
      for (;;) {
        const message = arrived.shift();
        if (message !== undefined) return message;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

function errorOf({ message, stack, input }: ErrorDescription): Error {
  if (input !== undefined) {
    const { what, remedy, where } = input;
    if (where === undefined) return new InputError({ what, remedy });
    const { file, line, column } = where;
    return new InputError({
      what,
      remedy,
      where: {
        file,
        ...(line === undefined ? {} : { line }),
        ...(column === undefined ? {} : { column }),
      },
    });
  }
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
