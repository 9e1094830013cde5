import * as tf from '@tensorflow/tfjs';

/**
 * Copies the values of all variables to the host. A GPU behind WebGPU can't be read while a function waits, but tfjs keeps
 * what was read until the variable is assigned anew: after this, `stateDict()` works there too. Cheap on other backends.
 */
export async function fetchVariables(): Promise<void> {
  if (tf.getBackend() !== 'webgpu') return;
  await Promise.all(Object.values(tf.engine().registeredVariables).map((variable) => variable.data()));
}
