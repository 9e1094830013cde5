import { openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { openLoader } from '@retail-sim/tensor-preparation';
import { describe, expect, inject, it } from 'vitest';

const tensors = join(inject('preparedRun'), 'data', 'tensors');

describe('the tensors', () => {
  it.each(['train', 'val', 'test'])('%s is an Arrow file', (split) => {
    const start = Buffer.alloc(6);
    readSync(openSync(join(tensors, `${split}_tensors.arrow`), 'r'), start, 0, 6, 0);
    expect(start.toString()).toBe('ARROW1');
  });

  it('load as batches of the shapes that the model takes', async () => {
    await using loader = await openLoader({ folder: tensors, split: 'train', batchSize: 16, seed: 1 });
    for await (const batch of loader.batches(1, 0)) {
      expect(batch.denseContext).toHaveLength(batch.size * 400);
      expect(batch.productEmbeddings).toHaveLength(batch.size * batch.positions * 256);
      expect(batch.priceFeatures).toHaveLength(batch.size * batch.positions * 64);
      break;
    }
  });
});
