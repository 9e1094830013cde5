import { createRequire } from 'node:module';
import { z } from 'zod';
import { type GemmForm, gemmModel } from './gemm-model.js';

/** Row-major operands as they are stored; the form says which are read transposed. */
export interface GemmOperands {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly bias: Float32Array | undefined;
  readonly target: Float32Array;
}

export interface GemmCall {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** target [m, n] = op(a) op(b) + bias. */
export type NativeGemm = (operands: GemmOperands, call: GemmCall) => void;

/** The release whose private, synchronous binding is known here; the public API is asynchronous only. */
const KNOWN_VERSION = '1.30.0';

interface InferenceSession {
  readonly loadModel: (buffer: ArrayBufferLike, offset: number, length: number, options: object) => void;
  readonly run: (feeds: object, fetches: object, options: object) => unknown;
}

const isConstructor = z.custom<new (...args: unknown[]) => unknown>((value) => typeof value === 'function');
const runtimeModule = z.object({ Tensor: isConstructor });
const bindingModule = z.object({
  initOrt: z.custom<() => void>((value) => typeof value === 'function'),
  binding: z.custom<{ InferenceSession: new () => InferenceSession }>(
    (value) => typeof value === 'object' && value !== null && 'InferenceSession' in value,
  ),
});
const manifest = z.object({ version: z.literal(KNOWN_VERSION) });

/**
 * Matrix products by onnxruntime-node, an optional package: native code with the widest vectors of the machine. Throws
 * when the package is missing, broken or another release.
 *
 * It can't read shared memory, so operands pass through staging buffers; copying is a tenth of the product's time.
 */
export function loadOnnxruntimeGemm(threads: number): NativeGemm {
  // Its telemetry, on by default, leaves a device id in the user's cache and would send what is run.
  process.env.ORT_DISABLE_TELEMETRY = '1';
  const require = createRequire(import.meta.url);
  manifest.parse(require('onnxruntime-node/package.json'));
  const { initOrt, binding } = bindingModule.parse(require('onnxruntime-node/dist/binding.js'));
  const { Tensor } = runtimeModule.parse(require('onnxruntime-node'));
  initOrt();
  const sessions = new Map<string, InferenceSession>();
  const sessionOf = (form: GemmForm): InferenceSession => {
    const name = `${form.transposeA} ${form.transposeB} ${form.bias}`;
    const session = sessions.get(name) ?? openSession(new binding.InferenceSession(), form, threads);
    sessions.set(name, session);
    return session;
  };
  const stages = [stagingBuffer(), stagingBuffer(), stagingBuffer(), stagingBuffer()] as const;

  const gemm: NativeGemm = ({ a, b, bias, target }, { m, n, k, transposeA, transposeB }) => {
    const result = stages[2](target.length);
    const feeds: Record<string, unknown> = {
      A: new Tensor('float32', copyTo(stages[0], a), transposeA ? [k, m] : [m, k]),
      B: new Tensor('float32', copyTo(stages[1], b), transposeB ? [n, k] : [k, n]),
    };
    if (bias !== undefined) feeds.C = new Tensor('float32', copyTo(stages[3], bias), [n]);
    const session = sessionOf({ transposeA, transposeB, bias: bias !== undefined });
    session.run(feeds, { Y: new Tensor('float32', result, [m, n]) }, {});
    target.set(result);
  };
  checkOnce(gemm);
  return gemm;
}

function openSession(session: InferenceSession, form: GemmForm, threads: number): InferenceSession {
  const model = gemmModel(form);
  session.loadModel(model.buffer, model.byteOffset, model.byteLength, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    enableCpuMemArena: false,
    enableMemPattern: false,
    // Idle threads sleep: between two products other kernels need the cores.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  return session;
}

/** A float buffer in memory that is not shared, replaced by a larger one when it is too small. */
function stagingBuffer(): (length: number) => Float32Array {
  let buffer = new Float32Array();
  return (length) => {
    if (buffer.length < length) buffer = new Float32Array(length);
    return buffer.subarray(0, length);
  };
}

function copyTo(stage: (length: number) => Float32Array, values: Float32Array): Float32Array {
  const target = stage(values.length);
  target.set(values);
  return target;
}

/** [1, 2] [[3], [4]] + [5] = [16]: a binding that loads may still be broken. */
function checkOnce(gemm: NativeGemm): void {
  const target = new Float32Array(1);
  const operands = { a: Float32Array.of(1, 2), b: Float32Array.of(3, 4), bias: Float32Array.of(5), target };
  gemm(operands, { m: 1, n: 1, k: 2, transposeA: false, transposeB: true });
  if (target[0] !== 16) throw new Error(`onnxruntime-node computes [1, 2] [3, 4]^T + 5 as ${target[0]}`);
}
