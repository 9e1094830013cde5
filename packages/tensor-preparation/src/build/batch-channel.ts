/** Hands values from a loop that makes them to a writer that pulls them, one at a time. */
export interface BatchChannel<T> extends AsyncIterable<T> {
  /** Resolves when the reader is ready for the next value. Rejects when the reader has failed. */
  send(value: T): Promise<void>;
  /** No more values. */
  close(): void;
  /** Makes the reader throw. */
  fail(error: unknown): void;
}

/** A channel that holds at most one value. */
export function batchChannel<T>(): BatchChannel<T> {
  let waiting: { readonly value: T } | undefined;
  let ended = false;
  let failure: { readonly error: unknown } | undefined;
  let wakeReader: (() => void) | undefined;
  let wakeSender: (() => void) | undefined;
  let readerGone = false;

  const notify = () => {
    wakeReader?.();
    wakeSender?.();
  };

  async function* read(): AsyncGenerator<T> {
    try {
      for (;;) {
        if (failure !== undefined) throw failure.error;
        if (waiting !== undefined) {
          const { value } = waiting;
          waiting = undefined;
          wakeSender?.();
          yield value;
        } else if (ended) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            wakeReader = resolve;
          });
        }
      }
    } finally {
      readerGone = true;
      wakeSender?.();
    }
  }

  return {
    async send(value) {
      while (waiting !== undefined && !readerGone) {
        await new Promise<void>((resolve) => {
          wakeSender = resolve;
        });
      }
      if (readerGone) throw new Error('the writer has stopped');
      waiting = { value };
      wakeReader?.();
    },
    close() {
      ended = true;
      notify();
    },
    fail(error) {
      failure = { error };
      notify();
    },
    [Symbol.asyncIterator]: read,
  };
}
