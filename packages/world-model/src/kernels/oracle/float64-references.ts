import { counterUniform } from '@retail-sim/random';
import type { Float64Inputs, Float64Tensor } from './gradient-check.js';

// Every op in plain loops over float64, written from the spec's formulas alone. Slow on purpose: read, don't run at size.

function input(inputs: Float64Inputs, name: string): Float64Tensor {
  const tensor = inputs[name];
  if (tensor === undefined) throw new Error(`the reference needs input '${name}'`);
  return tensor;
}

function axes(tensor: Float64Tensor, count: number): number[] {
  if (tensor.shape.length !== count)
    throw new Error(`the reference needs ${count} axes, got [${tensor.shape}]`);
  return [...tensor.shape];
}

/** An element; out of range is an error of the reference, not zero. */
function at(values: Float64Array, index: number): number {
  const value = values[index];
  if (value === undefined) throw new Error(`index ${index} is outside ${values.length} values`);
  return value;
}

/** a [G, m, k] or transposed, b [G, k, n] or transposed -> [G, m, n]. */
export function referenceMatrixMultiply(
  inputs: Float64Inputs,
  transposeA: boolean,
  transposeB: boolean,
): Float64Array {
  const a = input(inputs, 'a');
  const b = input(inputs, 'b');
  const [groups = 0, rowsA = 0, columnsA = 0] = axes(a, 3);
  const [, rowsB = 0, columnsB = 0] = axes(b, 3);
  const m = transposeA ? columnsA : rowsA;
  const k = transposeA ? rowsA : columnsA;
  const n = transposeB ? rowsB : columnsB;
  const out = new Float64Array(groups * m * n);
  for (let g = 0; g < groups; g++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let p = 0; p < k; p++) {
          const left = at(a.values, g * m * k + (transposeA ? p * m + i : i * k + p));
          const right = at(b.values, g * k * n + (transposeB ? j * k + p : p * n + j));
          sum += left * right;
        }
        out[(g * m + i) * n + j] = sum;
      }
    }
  }
  return out;
}

/** x [R, in], weight [out, in], bias [out] (optional) -> [R, out]. */
export function referenceLinear(inputs: Float64Inputs): Float64Array {
  const x = input(inputs, 'x');
  const weight = input(inputs, 'weight');
  const [outputs = 0, width = 0] = axes(weight, 2);
  const rows = x.values.length / width;
  const bias = inputs.bias?.values ?? new Float64Array(outputs);
  const out = new Float64Array(rows * outputs);
  for (let r = 0; r < rows; r++) {
    for (let o = 0; o < outputs; o++) {
      let sum = at(bias, o);
      for (let i = 0; i < width; i++) sum += at(x.values, r * width + i) * at(weight.values, o * width + i);
      out[r * outputs + o] = sum;
    }
  }
  return out;
}

/** Error function: Maclaurin series inside |x| < 3, continued fraction of erfc outside (Abramowitz and Stegun 7.1). */
export function referenceErf(x: number): number {
  const z = Math.abs(x);
  if (z < 3) {
    let term = z;
    let sum = z;
    for (let n = 1; n < 200; n++) {
      term *= (-z * z) / n;
      sum += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = z;
  for (let n = 120; n >= 1; n--) fraction = z + n / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-z * z) / (Math.sqrt(Math.PI) * fraction));
}

export function referenceGelu(inputs: Float64Inputs): Float64Array {
  return input(inputs, 'x').values.map((x) => (x / 2) * (1 + referenceErf(x / Math.SQRT2)));
}

export function referenceSilu(inputs: Float64Inputs): Float64Array {
  return input(inputs, 'x').values.map(siluOf);
}

/** y SiLU(z). */
export function referenceSiluGate(inputs: Float64Inputs): Float64Array {
  const z = input(inputs, 'z').values;
  return input(inputs, 'y').values.map((y, i) => y * siluOf(at(z, i)));
}

export function referenceSoftplus(inputs: Float64Inputs): Float64Array {
  return input(inputs, 'x').values.map((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))));
}

function siluOf(x: number): number {
  return x / (1 + Math.exp(-x));
}

/** x [R, C], gamma [C], beta [C] -> [R, C]. */
export function referenceLayerNorm(inputs: Float64Inputs): Float64Array {
  const x = input(inputs, 'x');
  const gamma = input(inputs, 'gamma').values;
  const beta = input(inputs, 'beta').values;
  const channels = gamma.length;
  const out = new Float64Array(x.values.length);
  for (let start = 0; start < out.length; start += channels) {
    const row = x.values.subarray(start, start + channels);
    const mean = row.reduce((sum, value) => sum + value, 0) / channels;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / channels;
    for (let c = 0; c < channels; c++) {
      out[start + c] = ((at(row, c) - mean) / Math.sqrt(variance + 1e-5)) * at(gamma, c) + at(beta, c);
    }
  }
  return out;
}

/** x [B, L, E], weight [E, 1, K], bias [E] -> [B, L, E]. */
export function referenceCausalDepthwiseConvolution(inputs: Float64Inputs): Float64Array {
  const x = input(inputs, 'x');
  const weight = input(inputs, 'weight');
  const bias = input(inputs, 'bias').values;
  const [batch = 0, length = 0, channels = 0] = axes(x, 3);
  const taps = axes(weight, 3)[2] ?? 0;
  const out = new Float64Array(x.values.length);
  for (let s = 0; s < batch; s++) {
    for (let t = 0; t < length; t++) {
      for (let e = 0; e < channels; e++) {
        let sum = at(bias, e);
        for (let j = 0; j < taps; j++) {
          const source = t - (taps - 1) + j;
          if (source >= 0)
            sum += at(weight.values, e * taps + j) * at(x.values, (s * length + source) * channels + e);
        }
        out[(s * length + t) * channels + e] = sum;
      }
    }
  }
  return out;
}

/** table [V, C], ids [R] -> [R, C]. */
export function referenceEmbeddingLookup(inputs: Float64Inputs): Float64Array {
  const table = input(inputs, 'table');
  const [, width = 0] = axes(table, 2);
  const ids = input(inputs, 'ids').values;
  const out = new Float64Array(ids.length * width);
  for (const [row, id] of ids.entries()) {
    for (let c = 0; c < width; c++) out[row * width + c] = at(table.values, id * width + c);
  }
  return out;
}

/** See selective-scan.ts for the shapes. */
export function referenceSelectiveScan(inputs: Float64Inputs): Float64Array {
  const x = input(inputs, 'x');
  const dt = input(inputs, 'dt').values;
  const aLog = input(inputs, 'aLog');
  const b = input(inputs, 'b').values;
  const c = input(inputs, 'c').values;
  const d = input(inputs, 'd').values;
  const [batch = 0, length = 0, channels = 0] = axes(x, 3);
  const states = axes(aLog, 2)[1] ?? 0;
  const out = new Float64Array(x.values.length);
  for (let s = 0; s < batch; s++) {
    for (let e = 0; e < channels; e++) {
      const state = new Float64Array(states);
      for (let t = 0; t < length; t++) {
        const place = (s * length + t) * channels + e;
        let y = at(d, e) * at(x.values, place);
        for (let n = 0; n < states; n++) {
          const decay = Math.exp(-at(dt, place) * Math.exp(at(aLog.values, e * states + n)));
          const drive = at(dt, place) * at(x.values, place) * at(b, (s * length + t) * states + n);
          state[n] = decay * at(state, n) + drive;
          y += at(state, n) * at(c, (s * length + t) * states + n);
        }
        out[place] = y;
      }
    }
  }
  return out;
}

export interface ReferenceAttentionOptions {
  readonly heads: number;
  readonly causal: boolean;
  readonly rate: number;
  readonly seed: number;
}

/** query [B, Lq, D], key and value [B, Lk, D], keyValid [B, Lk] (optional) -> [B, Lq, D]. */
export function referenceAttention(inputs: Float64Inputs, options: ReferenceAttentionOptions): Float64Array {
  const query = input(inputs, 'query');
  const key = input(inputs, 'key');
  const value = input(inputs, 'value').values;
  const keyValid = inputs.keyValid?.values;
  const [batch = 0, queries = 0, width = 0] = axes(query, 3);
  const keys = axes(key, 3)[1] ?? 0;
  const headWidth = width / options.heads;
  const out = new Float64Array(query.values.length);
  for (let s = 0; s < batch; s++) {
    for (let h = 0; h < options.heads; h++) {
      for (let i = 0; i < queries; i++) {
        const weights = new Float64Array(keys);
        for (let j = 0; j < keys; j++) {
          const ignored =
            (options.causal && j > i) || (keyValid !== undefined && at(keyValid, s * keys + j) === 0);
          let score = ignored ? Number.NEGATIVE_INFINITY : 0;
          for (let c = h * headWidth; c < (h + 1) * headWidth; c++) {
            score +=
              (at(query.values, (s * queries + i) * width + c) * at(key.values, (s * keys + j) * width + c)) /
              Math.sqrt(headWidth);
          }
          weights[j] = Math.exp(score);
        }
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        for (let j = 0; j < keys; j++) {
          const place = ((s * options.heads + h) * queries + i) * keys + j;
          const kept = counterUniform(options.seed, place) < options.rate ? 0 : 1 / (1 - options.rate);
          const probability = (at(weights, j) / total) * kept;
          for (let c = h * headWidth; c < (h + 1) * headWidth; c++) {
            const target = (s * queries + i) * width + c;
            out[target] = at(out, target) + probability * at(value, (s * keys + j) * width + c);
          }
        }
      }
    }
  }
  return out;
}

/** logits [R, V], targets [R] -> [R]. */
export function referenceTargetLogProbability(inputs: Float64Inputs): Float64Array {
  const logits = input(inputs, 'logits');
  const [, classes = 0] = axes(logits, 2);
  return input(inputs, 'targets').values.map((target, row) => {
    const values = logits.values.subarray(row * classes, (row + 1) * classes);
    const largest = values.reduce((max, value) => Math.max(max, value), Number.NEGATIVE_INFINITY);
    const sum = values.reduce((total, value) => total + Math.exp(value - largest), 0);
    return at(values, target) - largest - Math.log(sum);
  });
}

/** x [n] with the mask of `dropout`. */
export function referenceDropout(inputs: Float64Inputs, rate: number, seed: number): Float64Array {
  return input(inputs, 'x').values.map((x, i) => (counterUniform(seed, i) < rate ? 0 : x / (1 - rate)));
}
