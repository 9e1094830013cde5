/**
 * Waits for the Parquet engine. On damaged pages parquet-wasm 0.8 fails inside a microtask of its own: the promise
 * that it has handed out is never settled, and the failure reaches Node as an uncaught exception. While an answer is
 * pending, such a failure becomes the answer; uncaught exceptions of any other kind still end the process.
 */
export async function answerOf<T>(pending: Promise<T>): Promise<T> {
  let onUncaught: (error: unknown) => void = () => undefined;
  const panic = new Promise<never>((_, reject) => {
    onUncaught = (error) => {
      if (!isWebAssemblyFailure(error)) throw error;
      reject(new Error('its pages are damaged', { cause: error }));
    };
  });
  process.on('uncaughtException', onUncaught);
  try {
    return await Promise.race([pending, panic]);
  } finally {
    process.off('uncaughtException', onUncaught);
  }
}

function isWebAssemblyFailure(error: unknown): boolean {
  return error instanceof Error && error.name === 'RuntimeError';
}
