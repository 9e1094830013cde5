import { join } from 'node:path';
import { z } from 'zod';

/** Folders that stages read and write. */
export const FOLDERS = [
  'raw',
  'processed',
  'features',
  'tensors',
  'checkpoints',
  'results',
  'reports',
] as const;
export type Folder = (typeof FOLDERS)[number];
export type Folders = Readonly<Record<Folder, string>>;

/** A stage of the flow: a command that reads folders and writes one. A new stage is one entry in `STAGES`. */
export interface Stage {
  /** Also its section in the config file. */
  readonly name: string;
  readonly command: string;
  /** Package whose `bin` holds the command. */
  readonly package: string;
  readonly reads: readonly Folder[];
  readonly writes: Folder;
  /** The flag for what it writes, where it is not called like the folder. */
  readonly outFlag?: string;
  /** A file in the folder, where the flag names a file. */
  readonly outFile?: (run: string) => string;
  /** Whether it takes `--nrows` and `--split`, which are decided once. */
  readonly choosesRows?: boolean;
  /** Whether it takes `--run`, the name of the training run. */
  readonly namesRun?: boolean;
  /** Files that it has made, for stages whose folder has no manifest; from the folders and what it printed. */
  readonly files?: (folders: Folders, run: string, result: unknown) => readonly string[];
  /** The folder from which `--resume latest` goes on, for a stage that can be stopped inside. */
  readonly resumesFrom?: (folders: Folders, run: string) => string;
}

const evaluationShape = z.object({ files: z.array(z.string()) });

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
    namesRun: true,
    files: ({ checkpoints }, run) =>
      ['best', 'latest'].map((name) => join(checkpoints, run, name, 'model.safetensors')),
    resumesFrom: ({ checkpoints }, run) => join(checkpoints, run, 'latest'),
  },
  {
    name: 'evaluate',
    command: 'retail-evaluate',
    package: '@retail-sim/training',
    reads: ['tensors', 'checkpoints'],
    writes: 'results',
    outFlag: 'output',
    namesRun: true,
    files: (_folders, _run, result) => evaluationShape.parse(result).files,
  },
  {
    name: 'report',
    command: 'retail-report',
    package: '@retail-sim/report',
    reads: ['raw', 'processed', 'features', 'tensors', 'checkpoints', 'results'],
    writes: 'reports',
    outFlag: 'out',
    outFile: (run) => `${run}.html`,
    namesRun: true,
    files: ({ reports }, run) => [join(reports, `${run}.html`)],
  },
] as const satisfies readonly Stage[];

export type StageName = (typeof STAGES)[number]['name'];

export const STAGE_NAMES = STAGES.map(({ name }) => name) as unknown as readonly [StageName, ...StageName[]];
