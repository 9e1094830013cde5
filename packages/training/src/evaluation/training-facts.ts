import type { OpenTensors } from '@retail-sim/tensor-preparation';
import { majorityLabel } from '../baselines/auxiliary-baselines.js';
import { countBasket, emptyProductCounts, type ProductCounts } from '../baselines/product-counts.js';
import { AUXILIARY_TASKS, type AuxiliaryTask } from './auxiliary-tasks.js';

/** What baselines and segments take from the training split, and from nothing later. */
export interface TrainingFacts {
  readonly counts: ProductCounts;
  /** By store row: 1 where the store has a training basket. */
  readonly storeSeen: Uint8Array;
  readonly majority: Readonly<Record<AuxiliaryTask, number>>;
}

/** Reads the training split once. */
export function trainingFacts({ tables, manifest }: OpenTensors): TrainingFacts {
  const { samples } = tables;
  const counts = emptyProductCounts(manifest.vocab.size);
  const storeSeen = new Uint8Array(2 ** 16);
  const { train: firstRow } = manifest.split.firstRow;
  const rows = Uint32Array.from({ length: manifest.split.baskets.train }, (_, index) => firstRow + index);
  for (const row of rows) {
    countBasket(counts, samples.tokens(row));
    storeSeen[samples.storeRow(row)] = 1;
  }
  const majority = Object.fromEntries(
    Object.entries(AUXILIARY_TASKS).map(([task, { classes, label }]) => [
      task,
      majorityLabel(Int32Array.from(rows, label(samples)), classes),
    ]),
  ) as Record<AuxiliaryTask, number>;
  return { counts, storeSeen, majority };
}
