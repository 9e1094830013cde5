import { z } from 'zod';

/** The line that `probe-process` prints. */
export const probeResult = z.union([
  z.object({
    engine: z.string(),
    gemm: z.number(),
    scan: z.number(),
    passedOver: z.array(z.object({ engine: z.string(), reason: z.string() })),
  }),
  z.object({ reason: z.string() }),
]);

export type ProbeResult = z.infer<typeof probeResult>;
