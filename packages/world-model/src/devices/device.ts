export interface DeviceOptions {
  /** CPU threads that may compute at the same time, the calling one included. Default 1. GPUs ignore it. */
  readonly threads?: number;
}

/** A tfjs backend that is the current one and ready for use. */
export interface OpenBackend {
  /** Name of the tfjs backend: `wasm`, `tensorflow`, `webgpu`. */
  readonly backend: string;
  /** One line for people: engine, its version, hardware, threads. */
  readonly description: string;
  /** CPU threads that compute. */
  readonly threads: number;
  /** Gives back what the device holds beside tensors: worker threads, adapters. Dispose tensors first. */
  readonly close: () => Promise<void>;
}

/** One way to get a device. A device with several tries them in order, the fastest first. */
export interface Candidate {
  readonly title: string;
  /** Makes its backend the current one. Rejects when it can't be had; the error's message says why. */
  readonly open: (options: Required<DeviceOptions>) => Promise<OpenBackend>;
}

/** A kind of device: a file of this folder, and a line in `device-list.ts`. */
export interface DeviceKind {
  /** What a machine needs for it, one line. */
  readonly needs: string;
  /** What a user does to get it: a command, a package, hardware. */
  readonly remedy: string;
  readonly candidates: readonly Candidate[];
}
