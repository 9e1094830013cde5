// Which baskets make which batch (spec section 4, part 7): baskets of like length together, in an order that is a pure
// function of (seed, epoch).
//
// The rows are cut into blocks of consecutive rows, the blocks are permuted, and a window of blocks is shuffled row by row
// and dealt into length buckets. Memory is one window, whatever the length of the file, and a reader touches the file block
// by block. A file no longer than a window is shuffled completely.

import { keyedStream, shuffledOrder } from '@retail-sim/random';

/** Upper bounds of the buckets, in positions with EOS. Padding to the longest of a batch wastes less the finer they are. */
export const DEFAULT_BUCKET_EDGES: readonly number[] = [2, 3, 4, 5, 6, 8, 10, 12, 14, 17, 20, 24, 29, 36, 50];

/** Rows of a block, and of a window: at least 16 batches (spec section 4, 8.6). */
export const BLOCK_ROWS = 1024;
export const WINDOW_ROWS = 256 * BLOCK_ROWS;

export interface BatchPlanOptions {
  readonly batchSize: number;
  readonly seed: number;
  readonly epoch: number;
  /** False: ascending rows, for evaluation. */
  readonly shuffle: boolean;
  /** Leaves out batches of fewer than `batchSize` baskets. */
  readonly dropLast: boolean;
  readonly bucketEdges?: readonly number[];
  readonly windowRows?: number;
}

/** Rows of one batch, all of one bucket. */
export interface PlannedBatch {
  /** Number of the batch in the epoch. */
  readonly index: number;
  readonly rows: Uint32Array;
}

/**
 * The batches of one epoch over rows whose sequence lengths are `lengths`. Every row is in exactly one batch, but for
 * `dropLast`.
 */
export function* planBatches(lengths: Uint8Array, options: BatchPlanOptions): Generator<PlannedBatch> {
  const { batchSize, seed, epoch, shuffle, dropLast } = options;
  const edges = options.bucketEdges ?? DEFAULT_BUCKET_EDGES;
  const windowRows = Math.max(options.windowRows ?? WINDOW_ROWS, BLOCK_ROWS);
  const bucketOfLength = bucketsByLength(edges);
  const pending = edges.map(() => ({ rows: new Uint32Array(batchSize), count: 0 }));
  let index = 0;

  for (const [number, rows] of windows(lengths.length, windowRows, options).entries()) {
    const full: Uint32Array[] = [];
    for (const row of rows()) {
      const bucket = pending[bucketOfLength[lengths[row] ?? 0] ?? 0];
      if (bucket === undefined) continue;
      bucket.rows[bucket.count++] = row;
      if (bucket.count < batchSize) continue;
      full.push(bucket.rows);
      bucket.rows = new Uint32Array(batchSize);
      bucket.count = 0;
    }
    yield* inOrder(full, shuffle ? keyedStream(seed, 'batch-order', epoch, number) : undefined);
  }
  if (dropLast) return;
  const rest = pending.filter(({ count }) => count > 0).map(({ rows, count }) => rows.slice(0, count));
  yield* inOrder(rest, shuffle ? keyedStream(seed, 'batch-order', epoch, 'last') : undefined);

  function* inOrder(batches: readonly Uint32Array[], stream: ReturnType<typeof keyedStream> | undefined) {
    const order = stream ? shuffledOrder(stream, batches.length) : batches.keys();
    for (const place of order) {
      const rows = batches[place];
      if (rows !== undefined) yield { index: index++, rows };
    }
  }
}

/** Batches of an epoch, without planning it: it does not depend on the order. */
export function countBatches(
  lengths: Uint8Array,
  {
    batchSize,
    dropLast,
    bucketEdges = DEFAULT_BUCKET_EDGES,
  }: Pick<BatchPlanOptions, 'batchSize' | 'dropLast' | 'bucketEdges'>,
): number {
  const bucketOfLength = bucketsByLength(bucketEdges);
  const counts = new Float64Array(bucketEdges.length);
  for (const length of lengths) {
    const bucket = bucketOfLength[length] ?? 0;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  const round = dropLast ? Math.floor : Math.ceil;
  return counts.reduce((sum, count) => sum + round(count / batchSize), 0);
}

/** Bucket of each length 0..255; what is longer than the last edge goes into the last bucket. */
function bucketsByLength(edges: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, length) => {
    const bucket = edges.findIndex((edge) => length <= edge);
    return bucket < 0 ? edges.length - 1 : bucket;
  });
}

/** Windows of rows, each a function that walks its rows in the order of the epoch. */
function windows(
  rows: number,
  windowRows: number,
  { seed, epoch, shuffle }: BatchPlanOptions,
): (() => Iterable<number>)[] {
  const blocks = Math.ceil(rows / BLOCK_ROWS);
  const blocksOfWindow = Math.floor(windowRows / BLOCK_ROWS);
  const order = shuffle
    ? shuffledOrder(keyedStream(seed, 'block-order', epoch), blocks)
    : Uint32Array.from({ length: blocks }, (_, block) => block);
  return Array.from({ length: Math.ceil(blocks / blocksOfWindow) }, (_, number) => () => {
    const mine = order.subarray(number * blocksOfWindow, (number + 1) * blocksOfWindow);
    const taken = rowsOfBlocks(mine, rows);
    if (!shuffle) return taken;
    const places = shuffledOrder(keyedStream(seed, 'row-order', epoch, number), taken.length);
    for (let i = 0; i < places.length; i++) places[i] = taken[places[i] ?? 0] ?? 0;
    return places;
  });
}

function rowsOfBlocks(blocks: Uint32Array, rows: number): Uint32Array {
  const taken = new Uint32Array(blocks.length * BLOCK_ROWS);
  let count = 0;
  for (const block of blocks) {
    const end = Math.min((block + 1) * BLOCK_ROWS, rows);
    for (let row = block * BLOCK_ROWS; row < end; row++) taken[count++] = row;
  }
  return taken.subarray(0, count);
}
