// Runs in a worker thread: gathers batches and sends them over, as many ahead as the other side asks for.

import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { buffersOf } from './batch-buffers.js';
import { loaderOptionsSchema, openBasketSource, openPairSource } from './batch-source.js';
import type { FromWorker } from './prefetch-messages.js';
import { describeError, toWorkerSchema } from './prefetch-messages.js';

const { kind, options } = z
  .strictObject({ kind: z.enum(['baskets', 'pairs']), options: loaderOptionsSchema })
  .parse(workerData);

const port = parentPort;
if (port === null) throw new Error('prefetch-worker runs in a worker thread only');

const post = (message: FromWorker, buffers: ArrayBuffer[] = []) => port.postMessage(message, buffers);

try {
  const source = await (kind === 'baskets' ? openBasketSource(options) : openPairSource(options));
  let run = -1;
  let batches: Generator<object> | undefined;
  post({ type: 'open', samples: source.samples, batchesPerEpoch: source.batchesPerEpoch });
  port.on('message', (raw: unknown) => {
    const message = toWorkerSchema.parse(raw);
    try {
      if (message.type === 'close') {
        source[Symbol.dispose]();
        port.close();
      } else if (message.type === 'start') {
        run = message.run;
        batches = source.batches(message.epoch, message.from);
      } else if (message.run === run && batches !== undefined) {
        const next = batches.next();
        if (next.done === true) post({ type: 'end', run });
        else post({ type: 'batch', run, batch: next.value }, buffersOf(next.value));
      }
    } catch (error) {
      post({ type: 'error', error: describeError(error) });
    }
  });
} catch (error) {
  post({ type: 'error', error: describeError(error) });
}
