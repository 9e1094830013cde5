import * as tf from '@tensorflow/tfjs';
import { inputsNamed, type TensorflowKernel, withTensors } from './kernel.js';

/** Without the one-hot matrix of the composition. */
export const segmentSum: TensorflowKernel = (run, inputs, { segments }) =>
  withTensors([tf.scalar(Number(segments), 'int32')], ([count]) =>
    run(
      'UnsortedSegmentSum',
      [...inputsNamed(inputs, ['values', 'ids']), count],
      [
        { name: 'T', dtype: 'float32' },
        { name: 'Tindices', dtype: 'int32' },
        { name: 'Tnumsegments', dtype: 'int32' },
      ],
      1,
    ),
  );
