import { counterTensor } from '@retail-sim/random';
import { matrixMultiply, selectiveScan } from '@retail-sim/world-model';
import * as tf from '@tensorflow/tfjs';

const GEMM_SIZE = 1024;
const SCAN = { batch: 4, length: 50, channels: 512, states: 16 };

/** GFLOP/s of matrix products of 1024 x 1024, over about `seconds`. */
export async function timeGemm(seconds: number): Promise<number> {
  const shape = [1, GEMM_SIZE, GEMM_SIZE];
  const [a, b] = ['a', 'b'].map((name) => values(name, shape));
  const perSecond = await timesPerSecond(seconds, () =>
    matrixMultiply(a ?? tf.zeros(shape), b ?? tf.zeros(shape)),
  );
  tf.dispose([a ?? [], b ?? []]);
  return (2 * GEMM_SIZE ** 3 * perSecond) / 1e9;
}

/** Million states per second of the selective scan with its gradients, over about `seconds`. */
export async function timeScan(seconds: number): Promise<number> {
  const { batch, length, channels, states } = SCAN;
  const tokens = [batch, length, channels];
  const inputs = {
    x: values('x', tokens),
    dt: tf.tidy(() => values('dt', tokens).mul(0.1).add(0.11)),
    aLog: values('aLog', [channels, states]),
    b: values('b', [batch, length, states]),
    c: values('c', [batch, length, states]),
    d: values('d', [channels]),
  };
  const gradient = tf.grad((x: tf.Tensor) => selectiveScan({ ...inputs, x }));
  const perSecond = await timesPerSecond(seconds, () => gradient(inputs.x));
  tf.dispose(inputs);
  return (batch * length * channels * states * perSecond) / 1e6;
}

/** Runs `compute` again and again; a result is read now and then, since a GPU only queues what it is given. */
async function timesPerSecond(seconds: number, compute: () => tf.Tensor): Promise<number> {
  await finish(compute());
  const start = performance.now();
  let times = 0;
  for (let batch = 1; performance.now() - start < seconds * 1000; batch = Math.min(batch * 2, 32)) {
    for (let i = 1; i < batch; i++) compute().dispose();
    await finish(compute());
    times += batch;
  }
  return times / ((performance.now() - start) / 1000);
}

async function finish(tensor: tf.Tensor): Promise<void> {
  const first = tf.tidy(() => tensor.flatten().slice(0, 1));
  await first.data();
  tf.dispose([first, tensor]);
}

function values(name: string, shape: number[]): tf.Tensor {
  return tf.tensor(counterTensor(name, tf.util.sizeFromShape(shape), 1), shape);
}
