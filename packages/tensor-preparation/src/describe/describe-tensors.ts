// `retail-build-tensors describe`: what is in a tensor folder, from its manifest and its sample files.

import { formatBytes, formatNumber, formatTable } from '@retail-sim/cli';
import { BASKET_FLAGS } from '../batch.js';
import type { OpenTensors } from '../loader/open-tensors.js';
import { SPLITS, type SplitName } from '../schemas/splits.js';

export interface SplitDescription {
  readonly split: SplitName;
  readonly baskets: number;
  readonly share: number;
  readonly pairs: number;
  /** Shares of the baskets. */
  readonly anonymous: number;
  readonly coldStart: number;
  readonly novelProduct: number;
  readonly singleItem: number;
  readonly meanItems: number;
}

export interface TensorsDescription {
  readonly folder: string;
  readonly splits: readonly SplitDescription[];
  readonly rule: string;
  readonly granularity: string;
  readonly weeks: { readonly first: number; readonly last: number; readonly missing: readonly number[] };
  /** Baskets by sequence length, EOS included. */
  readonly lengths: readonly { readonly upTo: number; readonly baskets: number }[];
  readonly vocabulary: { readonly products: number; readonly tokens: number; readonly novel: number };
  readonly counts: Readonly<Record<string, number>>;
  readonly files: readonly { readonly file: string; readonly bytes: number }[];
  readonly bytes: number;
}

/** Upper bounds of the histogram of sequence lengths. */
const LENGTH_BOUNDS = [2, 3, 4, 5, 8, 12, 17, 24, 35, 50];

export function describeTensors(tensors: OpenTensors): TensorsDescription {
  const { manifest, stage, folder } = tensors;
  const lengths = new Array<number>(LENGTH_BOUNDS.length).fill(0);
  const splits = SPLITS.map((split) => describeSplit(tensors, split, lengths));
  const files = Object.entries(stage.outputs).map(([file, { bytes }]) => ({ file, bytes }));
  const { calendar, vocab } = manifest;
  return {
    folder,
    splits,
    rule: manifest.split.rule,
    granularity: manifest.split.granularity,
    weeks: { first: calendar.firstWeek, last: calendar.lastWeek, missing: calendar.missing },
    lengths: LENGTH_BOUNDS.map((upTo, place) => ({ upTo, baskets: lengths[place] ?? 0 })),
    vocabulary: { products: vocab.products, tokens: vocab.size, novel: stage.counts.novelProducts ?? 0 },
    counts: stage.counts,
    files,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
  };
}

function describeSplit(
  { manifest, tables, itemCounts }: OpenTensors,
  split: SplitName,
  lengths: number[],
): SplitDescription {
  const items = itemCounts(split);
  const first = manifest.split.firstRow[split];
  const counts = { anonymous: 0, coldStart: 0, novelProduct: 0, singleItem: 0 };
  let total = 0;
  for (const [row, count] of items.entries()) {
    const flags = tables.samples.flags(first + row);
    for (const name of ['anonymous', 'coldStart', 'novelProduct', 'singleItem'] as const) {
      if (flags & BASKET_FLAGS[name]) counts[name]++;
    }
    total += count;
    const length = Math.min(count, manifest.maxSeqLen - 1) + 1;
    const found = LENGTH_BOUNDS.findIndex((bound) => length <= bound);
    const bucket = found < 0 ? LENGTH_BOUNDS.length - 1 : found;
    lengths[bucket] = (lengths[bucket] ?? 0) + 1;
  }
  const share = (count: number) => (items.length === 0 ? 0 : count / items.length);
  return {
    split,
    baskets: items.length,
    share: manifest.split.shares[split],
    pairs: manifest.split.pairs[split],
    anonymous: share(counts.anonymous),
    coldStart: share(counts.coldStart),
    novelProduct: share(counts.novelProduct),
    singleItem: share(counts.singleItem),
    meanItems: share(total),
  };
}

/** The description as text for a terminal. */
export function descriptionText(description: TensorsDescription): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const right = (title: string) => ({ title, align: 'right' as const });
  const splits = formatTable(
    [
      { title: 'split' },
      right('baskets'),
      right('share'),
      right('pairs'),
      right('anonymous'),
      right('cold start'),
      right('novel product'),
      right('one item'),
      right('items'),
    ],
    description.splits.map((row) => [
      row.split,
      formatNumber(row.baskets),
      percent(row.share),
      formatNumber(row.pairs),
      percent(row.anonymous),
      percent(row.coldStart),
      percent(row.novelProduct),
      percent(row.singleItem),
      row.meanItems.toFixed(2),
    ]),
  );
  const baskets = description.splits.reduce((sum, row) => sum + row.baskets, 0);
  const lengths = formatTable(
    [right('length up to'), right('baskets'), right('share')],
    description.lengths.map(({ upTo, baskets: count }) => [
      String(upTo),
      formatNumber(count),
      percent(baskets === 0 ? 0 : count / baskets),
    ]),
  );
  const counts = formatTable(
    [{ title: 'count' }, right('')],
    Object.entries(description.counts).map(([name, value]) => [name, formatNumber(value)]),
  );
  const files = formatTable(
    [{ title: 'file' }, right('size')],
    [
      ...description.files.map(({ file, bytes }) => [file, formatBytes(bytes)]),
      ['all', formatBytes(description.bytes)],
    ],
  );
  const { weeks, vocabulary } = description;
  const missing = weeks.missing.length === 0 ? 'none missing' : `without ${weeks.missing.join(', ')}`;
  return [
    `split ${description.rule} by ${description.granularity}; weeks ${weeks.first} to ${weeks.last}, ${missing}`,
    `${formatNumber(vocabulary.products)} products (${vocabulary.novel} first sold after train), ${formatNumber(vocabulary.tokens)} tokens`,
    '',
    splits,
    lengths,
    counts,
    files,
  ].join('\n');
}
