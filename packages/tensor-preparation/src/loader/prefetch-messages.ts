// What the loader and its worker say to each other.

import { InputError } from '@retail-sim/errors';
import { z } from 'zod';

export const toWorkerSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('start'), run: z.int(), epoch: z.int(), from: z.int() }),
  /** Asks for one more batch of a run. */
  z.strictObject({ type: z.literal('next'), run: z.int() }),
  z.strictObject({ type: z.literal('close') }),
]);
export type ToWorker = z.infer<typeof toWorkerSchema>;

/** An error as it crosses threads: classes do not. */
const errorSchema = z.strictObject({
  message: z.string(),
  stack: z.string().optional(),
  input: z
    .strictObject({
      what: z.string(),
      remedy: z.string(),
      where: z
        .strictObject({
          file: z.string(),
          line: z.number().optional(),
          column: z.string().or(z.number()).optional(),
        })
        .optional(),
    })
    .optional(),
});
export type ErrorDescription = z.infer<typeof errorSchema>;

const batchSchema = z.custom<object>((value) => typeof value === 'object' && value !== null);
export const fromWorkerSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('open'), samples: z.int(), batchesPerEpoch: z.int() }),
  z.strictObject({ type: z.literal('batch'), run: z.int(), batch: batchSchema }),
  z.strictObject({ type: z.literal('end'), run: z.int() }),
  z.strictObject({ type: z.literal('error'), error: errorSchema }),
]);
export type FromWorker = z.infer<typeof fromWorkerSchema>;

export function describeError(error: unknown): ErrorDescription {
  if (error instanceof InputError) {
    const { what, remedy, where } = error;
    return {
      message: error.message,
      input: {
        what,
        remedy,
        ...(where === undefined
          ? {}
          : {
              where: {
                file: where.file,
                ...(where.line === undefined ? {} : { line: where.line }),
                ...(where.column === undefined ? {} : { column: where.column }),
              },
            }),
      },
    };
  }
  if (error instanceof Error) {
    return { message: error.message, ...(error.stack === undefined ? {} : { stack: error.stack }) };
  }
  return { message: String(error) };
}
