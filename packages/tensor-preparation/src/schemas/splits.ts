/** The three splits, in time order. */
export const SPLITS = ['train', 'val', 'test'] as const;

export type SplitName = (typeof SPLITS)[number];
