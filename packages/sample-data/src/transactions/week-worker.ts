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
    (error: unknown) => parentPort?.postMessage({ error }),
  );
});
