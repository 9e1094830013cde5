import { z } from 'zod';

/** File that holds the split, in the folder of the data pipeline. */
export const SPLIT_FILE = 'split.json';

const weeks = z.array(z.int());

/**
 * `split.json`: which weeks are train, validation and test, decided once, before anything is fitted. Weeks are
 * calendar positions (week_idx); only weeks with data are listed. `fitThroughWeek` is the last week whose rows a
 * fitted statistic may read.
 */
export const splitSchema = z.strictObject({
  version: z.literal(1),
  /** As given to `--split`: `80/10/10`, `none`, or `override` where only `--fit-through-week` decided. */
  rule: z.string(),
  train: weeks,
  validation: weeks,
  test: weeks,
  fitThroughWeek: z.int(),
  /** The same week as the till writes it, YYYYWW. */
  fitThroughShopWeek: z.int(),
});

export type Split = z.infer<typeof splitSchema>;
