// Selective scan, forward and backward (spec section 5, 11.3). A thread is one state of one channel and walks through time;
// the states of a channel lie side by side in a group, which sums over them. Symbols as in ../selective-scan.ts.
//
// No state is kept in memory: the backward pass runs the recurrence again into private memory and walks it back.

export interface ScanSizes {
  readonly batch: number;
  readonly length: number;
  readonly channels: number;
  readonly states: number;
}

/** How a scan is spread over threads. */
export interface ScanLayout extends ScanSizes {
  /** Threads of a channel: a power of two, at least the states. */
  readonly lanes: number;
  /** Channels that a group computes at once. */
  readonly side: number;
  /** Threads of a group, lanes x side. */
  readonly threads: number;
  /** Time steps between two sums over the states. */
  readonly stride: number;
  /** Channels that a group computes one after another, in the backward pass. */
  readonly rounds: number;
  /** Groups per batch row, forward and backward. */
  readonly forwardChunks: number;
  readonly backwardChunks: number;
}

/** Longest sequence: each thread keeps three numbers per step. */
export const LONGEST_SCAN = 512;
/** WebGPU promises groups of this many threads. */
export const MOST_STATES = 256;

const LEAST_THREADS = 64;
/** Floats of shared memory per sum: two such arrays are the 16 KiB that WebGPU promises. */
const SHARED_FLOATS = 2048;
/** Enough groups to fill a GPU; each more costs a part of the gradients of b and c. */
const ENOUGH_GROUPS = 1024;

export function scanLayout(sizes: ScanSizes): ScanLayout {
  const { batch, channels, states } = sizes;
  const lanes = 2 ** Math.ceil(Math.log2(states));
  const side = Math.max(1, LEAST_THREADS / lanes);
  const threads = lanes * side;
  const forwardChunks = Math.ceil(channels / side);
  const wanted = Math.min(Math.ceil(ENOUGH_GROUPS / batch), forwardChunks);
  const rounds = Math.ceil(forwardChunks / wanted);
  const backwardChunks = Math.ceil(forwardChunks / rounds);
  return {
    ...sizes,
    lanes,
    side,
    threads,
    stride: SHARED_FLOATS / threads,
    rounds,
    forwardChunks,
    backwardChunks,
  };
}

export const FORWARD_INPUTS = ['x', 'dt', 'aLog', 'b', 'c', 'd'] as const;
export const BACKWARD_INPUTS = ['dy', ...FORWARD_INPUTS] as const;

/** y [B, L, E]. */
export function forwardCode(layout: ScanLayout): string {
  return `${constants(layout, layout.forwardChunks)}
    var<workgroup> terms : array<f32, ${SHARED_FLOATS}>;

    fn main(index : i32) {
      ${placeInGroup()}
      let firstChannel = (group % CHUNKS) * SIDE;
      ${placeOfChannel('firstChannel + column')}
      var state = 0.0;
      for (var start = 0; start < LENGTH; start += STRIDE) {
        for (var i = 0; i < STRIDE; i++) {
          let t = min(start + i, LENGTH - 1);
          let place = (row * LENGTH + t) * CHANNELS + e;
          let entry = (row * LENGTH + t) * STATES + n;
          state = exp(dt[place] * rate) * state + dt[place] * x[place] * b[entry];
          terms[i * THREADS + thread] = select(0.0, state * c[entry], present);
        }
        workgroupBarrier();
        for (var item = thread; item < STRIDE * SIDE; item += THREADS) {
          let t = start + item / SIDE;
          let channel = firstChannel + item % SIDE;
          if (t < LENGTH && channel < CHANNELS && inside) {
            ${sumOverLanes('scanned', 'terms')}
            let place = (row * LENGTH + t) * CHANNELS + channel;
            result[place] = scanned + d[channel] * x[place];
          }
        }
        workgroupBarrier();
      }
    }`;
}

/** Where the gradients lie in the backward pass' one output; lengths in elements. */
export function gradientPlaces({ batch, length, channels, states, side, backwardChunks }: ScanLayout) {
  const series = batch * length * channels;
  const parts = backwardChunks * side;
  const rows = parts * batch * length * states;
  const dt = series;
  const aLog = dt + series;
  const b = aLog + batch * channels * states;
  const c = b + rows;
  return { x: 0, dt, aLog, b, c, total: c + rows, parts };
}

/** dx, dDt [B, L, E]; daLog [B, E, N], to be summed over the batch; db, dc [parts, B, L, N], to be summed over the parts. */
export function backwardCode(layout: ScanLayout): string {
  const places = gradientPlaces(layout);
  return `${constants(layout, layout.backwardChunks)}
    const ROUNDS = ${layout.rounds};
    var<workgroup> throughB : array<f32, ${SHARED_FLOATS}>;
    var<workgroup> throughDecay : array<f32, ${SHARED_FLOATS}>;
    var<private> earlier : array<f32, LENGTH>;
    var<private> gradientB : array<f32, LENGTH>;
    var<private> gradientC : array<f32, LENGTH>;

    fn main(index : i32) {
      ${placeInGroup()}
      let chunk = group % CHUNKS;
      for (var round = 0; round < ROUNDS; round++) {
        let firstChannel = (chunk * ROUNDS + round) * SIDE;
        ${placeOfChannel('firstChannel + column')}
        var state = 0.0;
        for (var t = 0; t < LENGTH; t++) {
          let place = (row * LENGTH + t) * CHANNELS + e;
          earlier[t] = state;
          state = exp(dt[place] * rate) * state + dt[place] * x[place] * b[(row * LENGTH + t) * STATES + n];
        }
        var adjoint = 0.0;
        var gradientRate = 0.0;
        for (var done = 0; done < LENGTH; done += STRIDE) {
          for (var i = 0; i < STRIDE; i++) {
            let t = LENGTH - 1 - done - i;
            if (t >= 0) {
              let place = (row * LENGTH + t) * CHANNELS + e;
              let entry = (row * LENGTH + t) * STATES + n;
              gradientC[t] += select(0.0, state * dy[place], present);
              adjoint += dy[place] * c[entry];
              gradientB[t] += select(0.0, adjoint * dt[place] * x[place], present);
              throughB[i * THREADS + thread] = select(0.0, adjoint * b[entry], present);
              adjoint *= exp(dt[place] * rate);
              state = earlier[t];
              throughDecay[i * THREADS + thread] = select(0.0, adjoint * state * rate, present);
              gradientRate += adjoint * state * dt[place];
            }
          }
          workgroupBarrier();
          for (var item = thread; item < STRIDE * SIDE; item += THREADS) {
            let t = LENGTH - 1 - done - item / SIDE;
            let channel = firstChannel + item % SIDE;
            if (t >= 0 && channel < CHANNELS && inside) {
              ${sumOverLanes('sumB', 'throughB')}
              ${sumOverLanes('sumDecay', 'throughDecay')}
              let place = (row * LENGTH + t) * CHANNELS + channel;
              result[place] = sumB * dt[place] + d[channel] * dy[place];
              result[${places.dt} + place] = sumDecay + sumB * x[place];
            }
          }
          workgroupBarrier();
        }
        if (present && inside) {
          result[${places.aLog} + (row * CHANNELS + e) * STATES + n] = gradientRate * rate;
        }
      }
      if (lane < STATES && inside) {
        for (var t = 0; t < LENGTH; t++) {
          let entry = (((chunk * SIDE + column) * BATCH + row) * LENGTH + t) * STATES + lane;
          result[${places.b} + entry] = gradientB[t];
          result[${places.c} + entry] = gradientC[t];
        }
      }
    }`;
}

function constants(
  { batch, length, channels, states, lanes, side, threads, stride }: ScanLayout,
  chunks: number,
): string {
  const values = {
    BATCH: batch,
    LENGTH: length,
    CHANNELS: channels,
    STATES: states,
    LANES: lanes,
    SIDE: side,
    THREADS: threads,
    STRIDE: stride,
    CHUNKS: chunks,
  };
  return Object.entries(values)
    .map(([name, value]) => `const ${name} = ${value};`)
    .join('\n');
}

/** Groups beyond the last compute along, so that barriers meet all threads, and write nothing. */
function placeInGroup(): string {
  return `
      let thread = i32(localIndex);
      let lane = thread % LANES;
      let column = thread / LANES;
      let inside = index / THREADS < uniforms.groups;
      let group = min(index / THREADS, uniforms.groups - 1);
      let row = group / CHUNKS;`;
}

/** Threads without a state of their own repeat another's, and count as 0 in sums. */
function placeOfChannel(channel: string): string {
  return `
      let present = lane < STATES && ${channel} < CHANNELS;
      let e = min(${channel}, CHANNELS - 1);
      let n = min(lane, STATES - 1);
      let rate = -exp(aLog[e * STATES + n]);`;
}

/** Threads start at different lanes, so that they read different banks of the shared memory. */
function sumOverLanes(name: string, shared: string): string {
  return `
            var ${name} = 0.0;
            for (var k = 0; k < LANES; k++) {
              ${name} += ${shared}[(item / SIDE) * THREADS + (item % SIDE) * LANES + (k + item) % LANES];
            }`;
}
