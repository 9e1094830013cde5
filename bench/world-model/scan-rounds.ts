// The selective scan alone, forward and backward, at B 32, L 51, E 1024, N 64; prints what a round took, as JSON. The
// first round is not counted.
import { parseArgs } from 'node:util';
import { DEVICE_CHOICES, resolveDevice, selectiveScan } from '@retail-sim/world-model';
import * as tf from '@tensorflow/tfjs';

const { values } = parseArgs({
  options: {
    threads: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    device: { type: 'string', default: 'wasm' },
  },
});
const [B, L, E, N] = [32, 51, 1024, 64];
const choice = DEVICE_CHOICES.find((name) => name === values.device) ?? 'auto';
const device = await resolveDevice(choice, { threads: Number(values.threads) });
const inputs = {
  x: tf.randomNormal([B, L, E]),
  dt: tf.randomUniform([B, L, E], 0.001, 0.7),
  aLog: tf.tile(
    tf
      .range(1, N + 1)
      .log()
      .reshape([1, N]),
    [E, 1],
  ), // [E, N]
  b: tf.randomNormal([B, L, N]),
  c: tf.randomNormal([B, L, N]),
  d: tf.ones([E]),
};
const gradient = tf.grads((x, dt, aLog, b, c, d) => {
  if (!x || !dt || !aLog || !b || !c || !d) throw new Error('the scan has six inputs');
  return selectiveScan({ x, dt, aLog, b, c, d });
});
const dy = tf.ones([B, L, E]);
const round = async () => {
  const gradients = gradient(Object.values(inputs), dy);
  await gradients[2]?.data();
  tf.dispose(gradients);
};
await round();
const cpu = process.cpuUsage();
const start = performance.now();
for (let i = 0; i < Number(values.rounds); i++) await round();
const wallSeconds = (performance.now() - start) / 1000 / Number(values.rounds);
const { user, system } = process.cpuUsage(cpu);
const cpuSeconds = (user + system) / 1e6 / Number(values.rounds);
process.stdout.write(`${JSON.stringify({ device: device.description, cpuSeconds, wallSeconds })}\n`);
await device.close();
