// Selective scan, forward and backward (spec section 5, 2.4 and 11). Symbols as in ../src/kernels/selective-scan.ts.
// Nothing of size [B, L, E, N] ever exists: the backward pass recomputes the states of one channel, [L, N], in memory
// that fits the processor's second cache, and walks them back.

#include <algorithm>
#include <cmath>

#include "functions.h"
#include "op.h"
#include "parallel.h"

namespace retail {
namespace {

enum Input { kX, kDt, kALog, kB, kC, kD };

/** Channels whose [L] series are brought side by side at once: a cache line of each time step. */
constexpr int64_t kChannelBlock = 16;
/** A batch smaller than this is split by channels as well, so that all threads have work. */
constexpr int64_t kEnoughItems = 64;

struct Sizes {
  int64_t batch, length, channels, states;
  int64_t padded;   // states, as whole vectors
  int64_t vectors;  // of a row of states
  // Groups of channels per batch row. They follow from the shapes alone: the order of sums must not know the threads.
  int64_t groups, groupChannels;

  Sizes(const Call& call, int first)
      : batch(call.axis(first + kX, 0)),
        length(call.axis(first + kX, 1)),
        channels(call.axis(first + kX, 2)),
        states(call.axis(first + kALog, 1)),
        padded((states + kLanes - 1) / kLanes * kLanes),
        vectors(padded / kLanes) {
    const int64_t blocks = (channels + kChannelBlock - 1) / kChannelBlock;
    const int64_t wanted = std::min((kEnoughItems + batch - 1) / std::max<int64_t>(batch, 1), blocks);
    groupChannels = (blocks + wanted - 1) / wanted * kChannelBlock;
    groups = (channels + groupChannels - 1) / groupChannels;
  }
};

/** [L, N] -> [L, N'] with zeros behind. */
void copyRowsPadded(const float* source, float* target, int64_t rows, int64_t states, int64_t padded) {
  for (int64_t r = 0; r < rows; r++) {
    std::copy_n(source + r * states, states, target + r * padded);
    std::fill_n(target + r * padded + states, padded - states, 0.0f);
  }
}

void copyRowsTrimmed(const float* source, float* target, int64_t rows, int64_t states, int64_t padded) {
  for (int64_t r = 0; r < rows; r++) std::copy_n(source + r * padded, states, target + r * states);
}

/** `count` neighbouring channels of [L, channels] -> [count, L]. */
void gatherSeries(const float* source, float* target, int64_t length, int64_t channels, int64_t count) {
  for (int64_t t = 0; t < length; t++) {
    for (int64_t k = 0; k < count; k++) target[k * length + t] = source[t * channels + k];
  }
}

void scatterSeries(const float* source, float* target, int64_t length, int64_t channels, int64_t count) {
  for (int64_t t = 0; t < length; t++) {
    for (int64_t k = 0; k < count; k++) target[t * channels + k] = source[k * length + t];
  }
}

/** A = -exp(aLog); the padding gets 0, which keeps its states at 0. */
void decayRates(const float* aLog, float* decay, int64_t states, int64_t padded) {
  for (int64_t n = 0; n < padded; n += kLanes) {
    const int64_t count = std::min(states - n, kLanes);
    Vector rates = -exponential(loadSome(aLog + n, count));
    for (int64_t lane = count; lane < kLanes; lane++) rates[lane] = 0;
    store(decay + n, rates);
  }
}

// The loops over a channel's states, for a number of vectors known to the compiler (R, N = 16 R) or any number (0).

template <int R>
void forwardSeries(const float* x, const float* dt, const float* b, const float* c, const float* decay, float* state,
                   float d, float* y, int64_t length, int64_t vectors) {
  const int64_t count = R > 0 ? R : vectors;
  std::fill_n(state, count * kLanes, 0.0f);
  for (int64_t t = 0; t < length; t++) {
    const float step = dt[t];
    const float drive = step * x[t];
    Vector sum = {};
    for (int64_t v = 0; v < count; v++) {
      const int64_t n = v * kLanes;
      const Vector h = exponential(load(decay + n) * step) * load(state + n) + load(b + n) * drive;
      store(state + n, h);
      sum += h * load(c + n);
    }
    y[t] = d * x[t] + sumOfLanes(sum);
    b += count * kLanes;
    c += count * kLanes;
  }
}

/** decays exp(dt_t A) [L, N'] and states h_{-1}, h_0 .. h_{L-1} [L + 1, N']. */
template <int R>
void replaySeries(const float* x, const float* dt, const float* b, const float* decay, float* decays, float* history,
                  int64_t length, int64_t vectors) {
  const int64_t count = R > 0 ? R : vectors;
  std::fill_n(history, count * kLanes, 0.0f);
  for (int64_t t = 0; t < length; t++) {
    const float step = dt[t];
    const float drive = step * x[t];
    float* next = history + count * kLanes;
    for (int64_t v = 0; v < count; v++) {
      const int64_t n = v * kLanes;
      const Vector a = exponential(load(decay + n) * step);
      store(decays + n, a);
      store(next + n, a * load(history + n) + load(b + n) * drive);
    }
    b += count * kLanes;
    decays += count * kLanes;
    history = next;
  }
}

/** The table of spec section 5, 11.3, for one channel, t descending; returns the channel's part of dD. */
template <int R>
float backwardSeries(const float* dy, const float* x, const float* dt, float d, const float* b, const float* c,
                     const float* decay, const float* decays, const float* history, float* adjoint, float* dx,
                     float* dDt, float* dB, float* dC, float* dDecay, int64_t length, int64_t vectors) {
  const int64_t count = R > 0 ? R : vectors;
  const int64_t row = count * kLanes;
  std::fill_n(adjoint, row, 0.0f);
  std::fill_n(dDecay, row, 0.0f);
  float gradientD = 0;
  for (int64_t t = length - 1; t >= 0; t--) {
    const float step = dt[t];
    const float drive = step * x[t];
    const float upstream = dy[t];
    Vector throughB = {};
    Vector throughDecay = {};
    for (int64_t v = 0; v < count; v++) {
      const int64_t n = v * kLanes;
      const int64_t here = t * row + n;
      store(dC + here, load(dC + here) + load(history + row + here) * upstream);
      const Vector g = load(adjoint + n) + load(c + here) * upstream;
      throughB += g * load(b + here);
      store(dB + here, load(dB + here) + g * drive);
      const Vector earlier = g * load(decays + here);
      store(adjoint + n, earlier);
      const Vector q = earlier * load(history + here);
      throughDecay += q * load(decay + n);
      store(dDecay + n, load(dDecay + n) + q * step);
    }
    const float gb = sumOfLanes(throughB);
    dDt[t] = sumOfLanes(throughDecay) + gb * x[t];
    dx[t] = gb * step + d * upstream;
    gradientD += upstream * x[t];
  }
  return gradientD;
}

/** Calls function(std::integral_constant) with the number of vectors, 0 where there is no loop of its own for it. */
template <typename Function>
void withVectors(int64_t vectors, Function function) {
  switch (vectors) {
    case 1: return function(std::integral_constant<int, 1>());
    case 2: return function(std::integral_constant<int, 2>());
    case 4: return function(std::integral_constant<int, 4>());
    default: return function(std::integral_constant<int, 0>());
  }
}

void forward(Call& call) {
  const Sizes s(call, 0);
  const float* in[6];
  for (int i = 0; i < 6; i++) in[i] = call.floats(i);
  float* y = call.output(0, call.shape(kX));
  if (y == nullptr) return;
  parallelFor(s.batch * s.groups, 1, [&](int64_t begin, int64_t end) {
    const int64_t rowsSize = s.length * s.padded;
    const int64_t seriesSize = kChannelBlock * s.length;
    std::vector<float> scratch(2 * rowsSize + 2 * s.padded + 3 * seriesSize);
    float* b = scratch.data();
    float* c = b + rowsSize;
    float* decay = c + rowsSize;
    float* state = decay + s.padded;
    float* xs = state + s.padded;
    float* dts = xs + seriesSize;
    float* ys = dts + seriesSize;
    for (int64_t item = begin; item < end; item++) {
      const int64_t row = item / s.groups;
      copyRowsPadded(in[kB] + row * s.length * s.states, b, s.length, s.states, s.padded);
      copyRowsPadded(in[kC] + row * s.length * s.states, c, s.length, s.states, s.padded);
      const int64_t firstChannel = item % s.groups * s.groupChannels;
      const int64_t lastChannel = std::min(firstChannel + s.groupChannels, s.channels);
      for (int64_t block = firstChannel; block < lastChannel; block += kChannelBlock) {
        const int64_t count = std::min(kChannelBlock, lastChannel - block);
        const int64_t place = row * s.length * s.channels + block;
        gatherSeries(in[kX] + place, xs, s.length, s.channels, count);
        gatherSeries(in[kDt] + place, dts, s.length, s.channels, count);
        for (int64_t k = 0; k < count; k++) {
          decayRates(in[kALog] + (block + k) * s.states, decay, s.states, s.padded);
          const int64_t series = k * s.length;
          withVectors(s.vectors, [&](auto R) {
            forwardSeries<R.value>(xs + series, dts + series, b, c, decay, state, in[kD][block + k], ys + series,
                                   s.length, s.vectors);
          });
        }
        scatterSeries(ys, y + place, s.length, s.channels, count);
      }
    }
  });
}

/** Adds `count` rows of `size` in order. */
void sumParts(const float* parts, int64_t count, int64_t size, float* sum) {
  parallelFor(size, 1024, [&](int64_t begin, int64_t end) {
    std::copy(parts + begin, parts + end, sum + begin);
    for (int64_t part = 1; part < count; part++) {
      for (int64_t i = begin; i < end; i++) sum[i] += parts[part * size + i];
    }
  });
}

/** dy, x, dt, aLog, b, c, d -> their gradients. Parts of dA and dD are kept per batch row, of dB and dC per group. */
void gradient(Call& call) {
  const Sizes s(call, 1);
  const float* dy = call.floats(0);
  const float* in[6];
  for (int i = 0; i < 6; i++) in[i] = call.floats(1 + i);
  float* out[6];
  for (int i = 0; i < 6; i++) {
    out[i] = call.output(i, call.shape(1 + i));
    if (out[i] == nullptr) return;
  }
  const int64_t stateSize = s.channels * s.states;
  const int64_t rowSize = s.batch * s.length * s.states;
  std::vector<float> partsA(s.batch * stateSize);  // [B, E, N]
  std::vector<float> partsB(s.groups * rowSize);   // [groups, B, L, N]
  std::vector<float> partsC(s.groups * rowSize);   // [groups, B, L, N]
  std::vector<float> partsD(s.batch * s.channels); // [B, E]
  parallelFor(s.batch * s.groups, 1, [&](int64_t begin, int64_t end) {
    const int64_t rowsSize = s.length * s.padded;
    const int64_t seriesSize = kChannelBlock * s.length;
    std::vector<float> scratch(6 * rowsSize + 4 * s.padded + 5 * seriesSize);
    float* b = scratch.data();
    float* c = b + rowsSize;
    float* dB = c + rowsSize;
    float* dC = dB + rowsSize;
    float* decays = dC + rowsSize;
    float* history = decays + rowsSize;
    float* decay = history + rowsSize + s.padded;
    float* adjoint = decay + s.padded;
    float* dDecay = adjoint + s.padded;
    float* xs = dDecay + s.padded;
    float* dts = xs + seriesSize;
    float* dys = dts + seriesSize;
    float* dxs = dys + seriesSize;
    float* dDts = dxs + seriesSize;
    for (int64_t item = begin; item < end; item++) {
      const int64_t row = item / s.groups;
      const int64_t group = item % s.groups;
      copyRowsPadded(in[kB] + row * s.length * s.states, b, s.length, s.states, s.padded);
      copyRowsPadded(in[kC] + row * s.length * s.states, c, s.length, s.states, s.padded);
      std::fill_n(dB, 2 * rowsSize, 0.0f);
      const int64_t firstChannel = group * s.groupChannels;
      const int64_t lastChannel = std::min(firstChannel + s.groupChannels, s.channels);
      for (int64_t block = firstChannel; block < lastChannel; block += kChannelBlock) {
        const int64_t count = std::min(kChannelBlock, lastChannel - block);
        const int64_t place = row * s.length * s.channels + block;
        gatherSeries(in[kX] + place, xs, s.length, s.channels, count);
        gatherSeries(in[kDt] + place, dts, s.length, s.channels, count);
        gatherSeries(dy + place, dys, s.length, s.channels, count);
        for (int64_t k = 0; k < count; k++) {
          const int64_t channel = block + k;
          const int64_t series = k * s.length;
          decayRates(in[kALog] + channel * s.states, decay, s.states, s.padded);
          float gradientD = 0;
          withVectors(s.vectors, [&](auto R) {
            replaySeries<R.value>(xs + series, dts + series, b, decay, decays, history, s.length, s.vectors);
            gradientD = backwardSeries<R.value>(dys + series, xs + series, dts + series, in[kD][channel], b, c, decay,
                                                decays, history, adjoint, dxs + series, dDts + series, dB, dC, dDecay,
                                                s.length, s.vectors);
          });
          std::copy_n(dDecay, s.states, partsA.data() + (row * s.channels + channel) * s.states);
          partsD[row * s.channels + channel] = gradientD;
        }
        scatterSeries(dxs, out[kX] + place, s.length, s.channels, count);
        scatterSeries(dDts, out[kDt] + place, s.length, s.channels, count);
      }
      const int64_t part = (group * s.batch + row) * s.length * s.states;
      copyRowsTrimmed(dB, partsB.data() + part, s.length, s.states, s.padded);
      copyRowsTrimmed(dC, partsC.data() + part, s.length, s.states, s.padded);
    }
  });
  sumParts(partsA.data(), s.batch, stateSize, out[kALog]);
  // With respect to A so far; dA/daLog = A = -exp(aLog).
  for (int64_t i = 0; i < stateSize; i += kLanes) {
    const int64_t count = std::min(stateSize - i, kLanes);
    storeSome(out[kALog] + i, loadSome(out[kALog] + i, count) * -exponential(loadSome(in[kALog] + i, count)), count);
  }
  sumParts(partsB.data(), s.groups, rowSize, out[kB]);
  sumParts(partsC.data(), s.groups, rowSize, out[kC]);
  sumParts(partsD.data(), s.batch, s.channels, out[kD]);
}

}  // namespace

const std::vector<Op> kSelectiveScanOps = {
    {"SelectiveScan",
     {"x: float", "dt: float", "a_log: float", "b: float", "c: float", "d: float"},
     {"y: float"},
     {},
     forward},
    {"SelectiveScanGradient",
     {"dy: float", "x: float", "dt: float", "a_log: float", "b: float", "c: float", "d: float"},
     {"dx: float", "ddt: float", "da_log: float", "db: float", "dc: float", "dd: float"},
     {},
     gradient},
};

}  // namespace retail
