/** Every buffer of a batch, so that it moves to another thread without a copy. */
export function buffersOf(value: unknown): ArrayBuffer[] {
  const buffers: ArrayBuffer[] = [];
  collect(value, buffers);
  return buffers;
}

function collect(value: unknown, buffers: ArrayBuffer[]): void {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) buffers.push(value.buffer);
  } else if (typeof value === 'object' && value !== null) {
    for (const field of Object.values(value)) collect(field, buffers);
  }
}
