// One process of the tensor-access benchmark: `write|none|random|sorted|sequential ROWS PATH SAMPLES BATCH`.
import { openTensors, writeTensors } from '@retail-sim/artifacts';
import { makeSamples, samples } from './samples.js';

const [action = '', rowsText = '', path = '', samplesText = '', batchText = ''] = process.argv.slice(2);
const rows = Number(rowsText);
const batch = Number(batchText);

if (action === 'write') {
  await writeTensors(path, samples, makeSamples(rows));
} else {
  using tensors = openTensors(path, samples);
  let state = 1;
  for (let seen = 0; seen < Number(samplesText); seen += batch) {
    const wanted = Uint32Array.from({ length: batch }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * rows);
    });
    if (action === 'random') tensors.gather(wanted);
    if (action === 'sorted') tensors.gather(wanted.sort());
    if (action === 'sequential') tensors.read(seen % (rows - batch), (seen % (rows - batch)) + batch);
  }
}
