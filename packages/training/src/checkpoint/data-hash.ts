import { createHash } from 'node:crypto';
import type { OpenTensors } from '@retail-sim/tensor-preparation';

/**
 * Identity of what a run is trained on: the files of the tensor folder, and how they are read. `--t6 none`, for one,
 * changes what the model sees but not one file.
 */
export function dataHash({ contents, manifest }: Pick<OpenTensors, 'contents' | 'manifest'>): string {
  return createHash('sha256')
    .update(JSON.stringify([contents, manifest]))
    .digest('hex');
}
