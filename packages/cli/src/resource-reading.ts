/** What a process has taken, from its start or since an earlier reading. */
export interface ResourceReading {
  /** Wall seconds. */
  readonly seconds: number;
  /** CPU seconds of all threads, user and system. */
  readonly cpuSeconds: number;
  /** Highest resident memory of the process so far, bytes. */
  readonly peakBytes: number;
}

const START: ResourceReading = { seconds: 0, cpuSeconds: 0, peakBytes: 0 };

/** Reads time, CPU and memory of this process; with an earlier reading, the time and CPU since then. */
export function readResources(since: ResourceReading = START): ResourceReading {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return {
    seconds: performance.now() / 1000 - since.seconds,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 - since.cpuSeconds,
    peakBytes: maxRSS * 1024,
  };
}
