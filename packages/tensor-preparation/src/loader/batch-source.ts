// The batches of a split in this thread: plan, gather, yield. The prefetching loader runs this in a worker.

import { InputError } from '@retail-sim/errors';
import { keyedStream } from '@retail-sim/random';
import { z } from 'zod';
import type { Batch, PairBatch } from '../batch.js';
import { SPLITS } from '../schemas/splits.js';
import { assembleBatch, sequenceLength } from './assemble-batch.js';
import { assemblePairs } from './assemble-pairs.js';
import { countBatches, DEFAULT_BUCKET_EDGES, planBatches } from './bucket-batches.js';
import { type OpenTensors, type OpenTensorsOptions, openTensors } from './open-tensors.js';

/** What a loader gives, as its callers write it. Plain data: it travels to the worker as it is. */
export const loaderOptionsSchema = z.strictObject({
  /** Folder that `retail-build-tensors` wrote. */
  folder: z.string(),
  split: z.enum(SPLITS),
  batchSize: z.int().min(1),
  seed: z.int(),
  /** False: ascending rows, for evaluation. */
  shuffle: z.boolean().default(true),
  /** Share of the items of each basket to hide; 0 hides nothing; left out, the share of the manifest. */
  maskProbability: z.number().min(0).max(1).optional(),
  /** Earlier baskets to give with each basket; 0 gives none. */
  history: z.int().min(0).default(0),
  /** Gives every product that the customer bought before. */
  repeats: z.boolean().default(false),
  /** Gives the customer's earlier baskets, compared with what is visible of each; needs `repeats`. */
  similarBaskets: z.boolean().default(false),
  /** Pads positions to a multiple of this. */
  padToMultiple: z.int().min(1).default(1),
  /** Leaves out short batches; with shards, also the last round that not every shard has a batch of. */
  dropLast: z.boolean().default(false),
  bucketEdges: z.array(z.int().min(1)).default([...DEFAULT_BUCKET_EDGES]),
  /** Takes every `count`-th batch, from `index`: data-parallel training runs one loader for each shard. */
  shard: z.strictObject({ index: z.int().min(0), count: z.int().min(1) }).default({ index: 0, count: 1 }),
  /** Uses a seeded choice of this many samples, spread over the whole split. */
  limit: z.int().min(1).optional(),
  /** Batches that the worker keeps ready; 0 gathers in the calling thread. */
  prefetch: z.int().min(0).default(4),
  /** Files up to this many bytes are held in memory, longer ones page by page. */
  residentBytes: z.int().min(0).optional(),
});

export type LoaderOptions = z.input<typeof loaderOptionsSchema>;
export type ResolvedLoaderOptions = z.output<typeof loaderOptionsSchema>;

/** A loader in the calling thread. */
export interface BatchSource<B> extends Disposable {
  readonly tensors: OpenTensors;
  /** Samples of an epoch, over all shards. */
  readonly samples: number;
  /** Batches of an epoch, over all shards: indices run from 0 to here. */
  readonly batchesPerEpoch: number;
  /** Batches of this shard in an epoch, from batch `from` on. */
  batches(epoch: number, from?: number): Generator<B>;
}

/** Opens the baskets of a split. */
export async function openBasketSource(options: ResolvedLoaderOptions): Promise<BatchSource<Batch>> {
  const tensors = await openTensors(options.folder, openOptions(options));
  const { maxSeqLen, longBaskets, maskProb, split } = tensors.manifest;
  const items = tensors.itemCounts(options.split);
  const usable = rowsWhere(items, (count) => longBaskets === 'truncate' || count < maxSeqLen);
  const rows = choose(usable, options);
  const lengths = Uint8Array.from(rows, (row) => sequenceLength(items[row] ?? 0, maxSeqLen));
  const firstRow = split.firstRow[options.split];
  return planned(tensors, options, lengths, (places, epoch, index) =>
    assembleBatch(
      tensors.tables,
      places.map((place) => firstRow + (rows[place] ?? 0)),
      {
        seed: options.seed,
        epoch,
        index,
        maskProbability: options.maskProbability ?? maskProb,
        history: options.history,
        repeats: options.repeats,
        similarBaskets: options.similarBaskets,
        padToMultiple: options.padToMultiple,
      },
    ),
  );
}

/** Opens the pairs whose target is in a split. */
export async function openPairSource(options: ResolvedLoaderOptions): Promise<BatchSource<PairBatch>> {
  const tensors = await openTensors(options.folder, openOptions(options));
  const pairs = tensors.pairs(options.split);
  const { tokens } = tensors.tables.samples;
  const { maxSeqLen } = tensors.manifest;
  const rows = choose(
    Uint32Array.from({ length: pairs.rows }, (_, row) => row),
    options,
  );
  const lengths = Uint8Array.from(rows, (row) =>
    sequenceLength(tokens(pairs.inputRow[row] ?? 0).length, maxSeqLen),
  );
  return planned(tensors, options, lengths, (places, epoch, index) =>
    assemblePairs(
      tensors.tables,
      pairs,
      places.map((place) => rows[place] ?? 0),
      { ...options, epoch, index },
    ),
  );
}

function openOptions({ residentBytes }: ResolvedLoaderOptions): OpenTensorsOptions {
  return residentBytes === undefined ? {} : { residentBytes };
}

function planned<B>(
  tensors: OpenTensors,
  options: ResolvedLoaderOptions,
  lengths: Uint8Array,
  assemble: (places: Uint32Array, epoch: number, index: number) => B,
): BatchSource<B> {
  const { shard, dropLast, split, folder } = options;
  if (shard.index >= shard.count) throw new RangeError(`there is no shard ${shard.index} of ${shard.count}`);
  if (lengths.length === 0) {
    tensors.close();
    throw new InputError({
      what: `the split ${split} has no samples`,
      where: { file: folder },
      remedy: 'build the tensors from data that covers the split, or name another split',
    });
  }
  const all = countBatches(lengths, options);
  const batchesPerEpoch = dropLast ? all - (all % shard.count) : all;
  return {
    tensors,
    samples: lengths.length,
    batchesPerEpoch,
    *batches(epoch, from = 0) {
      for (const { index, rows } of planBatches(lengths, { ...options, epoch })) {
        if (index >= batchesPerEpoch) return;
        if (index < from || index % shard.count !== shard.index) continue;
        yield assemble(rows, epoch, index);
      }
    },
    [Symbol.dispose]: () => tensors.close(),
  };
}

function rowsWhere(items: Uint16Array, accept: (count: number) => boolean): Uint32Array {
  const rows = new Uint32Array(items.length);
  let count = 0;
  for (let row = 0; row < items.length; row++) if (accept(items[row] ?? 0)) rows[count++] = row;
  return rows.subarray(0, count);
}

/** A seeded choice of `limit` rows, ascending (Floyd's algorithm: memory follows the choice). */
function choose(rows: Uint32Array, { limit, seed, split }: ResolvedLoaderOptions): Uint32Array {
  if (limit === undefined || limit >= rows.length) return rows;
  const { below } = keyedStream(seed, 'subset', split);
  const chosen = new Set<number>();
  for (let last = rows.length - limit; last < rows.length; last++) {
    const place = below(last + 1);
    chosen.add(chosen.has(place) ? last : place);
  }
  return Uint32Array.from(chosen, (place) => rows[place] ?? 0).sort();
}
