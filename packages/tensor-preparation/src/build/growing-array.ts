type NumberArray =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int16Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** A typed array that doubles when it is full. */
export interface GrowingArray<A extends NumberArray> {
  readonly length: number;
  push(value: number): void;
  /** The values so far, in an array of their own; the array is empty afterwards. */
  take(): A;
}

export function growingArray<A extends NumberArray>(type: { new (length: number): A }): GrowingArray<A> {
  let values = new type(1024);
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(value) {
      if (length === values.length) {
        const larger = new type(2 * length);
        larger.set(values);
        values = larger;
      }
      values[length++] = value;
    },
    take() {
      const taken = new type(length);
      taken.set(values.subarray(0, length));
      length = 0;
      return taken;
    },
  };
}
