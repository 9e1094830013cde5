import { parentPort, workerData } from 'node:worker_threads';
import { buildWorld } from '../world.js';
import { createWeekWriter, drawShoppers } from './write-week.js';
import type { WeekTask, WeekWorkerData } from './write-weeks.js';

// A worker draws the same world as every other and makes the weeks that it is told to.
const { parameters, segmentNames, gzip } = workerData as WeekWorkerData;
const world = buildWorld(parameters);
const writeWeek = createWeekWriter(world, drawShoppers(world), { segmentNames, gzip });

parentPort?.on('message', ({ weekIndex, path }: WeekTask) => {
  writeWeek(weekIndex, path).then(
    (counts) => parentPort?.postMessage({ counts }),
    (error: unknown) => parentPort?.postMessage({ error, code: errorCode(error) }),
  );
});

/** What the system calls the error; a message carries an error without it. */
const errorCode = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;
