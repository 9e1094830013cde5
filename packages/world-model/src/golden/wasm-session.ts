import * as tf from '@tensorflow/tfjs';
import { startWasmBackend } from '../kernels/index.js';

/** The wasm backend for the tests of a file, and a count of the tensors that each test leaves behind. */
export interface WasmSession {
  readonly open: () => Promise<void>;
  readonly close: () => Promise<void>;
  /** Before a test. */
  readonly mark: () => void;
  /** Tensors made since the mark that are still there. */
  readonly strayTensors: () => number;
}

export function wasmSession(): WasmSession {
  let close = async (): Promise<void> => {};
  let marked = 0;
  return {
    open: async () => {
      close = (await startWasmBackend()).close;
    },
    close: () => close(),
    mark: () => {
      marked = tf.memory().numTensors;
    },
    strayTensors: () => tf.memory().numTensors - marked,
  };
}
