/** Folders that stages read and write. */
export const FOLDERS = ['raw', 'processed', 'features', 'tensors', 'checkpoints'] as const;
export type Folder = (typeof FOLDERS)[number];

/** A stage of the flow: a command that reads folders and writes one. A new stage is one entry in {@link STAGES}. */
export interface Stage {
  /** Also its section in the config file. */
  readonly name: string;
  readonly command: string;
  /** Package whose `bin` holds the command. */
  readonly package: string;
  readonly reads: readonly Folder[];
  readonly writes: Folder;
  /** The flag for the folder that it writes, where it is not called like the folder. */
  readonly outFlag?: string;
  /** Whether it takes `--nrows` and `--split`, which are decided once. */
  readonly choosesRows?: boolean;
}

/** In the order in which data flows. */
export const STAGES = [
  {
    name: 'sample-data',
    command: 'retail-sample-data',
    package: '@retail-sim/sample-data',
    reads: [],
    writes: 'raw',
    outFlag: 'out',
  },
  {
    name: 'data-pipeline',
    command: 'retail-data-pipeline',
    package: '@retail-sim/data-pipeline',
    reads: ['raw'],
    writes: 'processed',
    choosesRows: true,
  },
  {
    name: 'feature-engineering',
    command: 'retail-feature-engineering',
    package: '@retail-sim/feature-engineering',
    reads: ['processed'],
    writes: 'features',
  },
  {
    name: 'build-tensors',
    command: 'retail-build-tensors',
    package: '@retail-sim/tensor-preparation',
    reads: ['processed', 'features'],
    writes: 'tensors',
  },
  {
    name: 'train',
    command: 'retail-train',
    package: '@retail-sim/training',
    reads: ['tensors'],
    writes: 'checkpoints',
  },
] as const satisfies readonly Stage[];

export type StageName = (typeof STAGES)[number]['name'];

/** Stages whose commands do their work in this release; the others say that they are not built yet. */
export const BUILT_STAGES: readonly [StageName, ...StageName[]] = ['sample-data'];
