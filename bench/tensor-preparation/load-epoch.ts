// One process: `TENSORS HISTORY REPEATS PREFETCH SAMPLES`. Loads batches of 128 of the train split until SAMPLES baskets have
// come, after one batch of warming up; prints one JSON line with samples per CPU second and the share of padding.
import { openLoader } from '@retail-sim/tensor-preparation';

const [folder = '', history = '0', repeats = 'no', prefetch = '4', wanted = '100000'] = process.argv.slice(2);
await using loader = await openLoader({
  folder,
  split: 'train',
  batchSize: 128,
  seed: 42,
  history: Number(history),
  repeats: repeats === 'repeats',
  prefetch: Number(prefetch),
});
const opened = process.cpuUsage();
const start = performance.now();
let samples = 0;
let positions = 0;
let used = 0;
for (let epoch = 1; samples < Number(wanted); epoch++) {
  for await (const batch of loader.batches(epoch)) {
    samples += batch.size;
    positions += batch.size * batch.positions;
    used += batch.lengths.reduce((sum, length) => sum + length, 0);
    if (samples >= Number(wanted)) break;
  }
}
const { user, system } = process.cpuUsage(opened);
const cpuSeconds = (user + system) / 1e6;
process.stdout.write(
  `${JSON.stringify({
    samples,
    history: Number(history),
    repeats,
    prefetch: Number(prefetch),
    cpuSeconds,
    wallSeconds: (performance.now() - start) / 1000,
    samplesPerCpuSecond: Math.round(samples / cpuSeconds),
    paddingShare: Number((1 - used / positions).toFixed(4)),
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1000),
  })}\n`,
);
