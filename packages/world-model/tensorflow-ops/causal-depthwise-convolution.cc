// y[b,t,e] = bias[e] + sum_j weight[e,0,j] x[b, t-(K-1)+j, e]; see ../src/kernels/causal-depthwise-convolution.ts.

#include <algorithm>

#include "op.h"
#include "parallel.h"
#include "vector.h"

namespace retail {
namespace {

/** weight [E, 1, K] as K rows [E]. */
std::vector<float> tapRows(const float* weight, int64_t channels, int64_t taps) {
  std::vector<float> rows(channels * taps);
  for (int64_t e = 0; e < channels; e++) {
    for (int64_t j = 0; j < taps; j++) rows[j * channels + e] = weight[e * taps + j];
  }
  return rows;
}

void forward(Call& call) {
  const int64_t length = call.axis(0, 1);
  const int64_t channels = call.axis(0, 2);
  const int64_t taps = call.axis(1, 2);
  const float* x = call.floats(0);
  const float* bias = call.floats(2);
  const std::vector<float> rows = tapRows(call.floats(1), channels, taps);
  float* y = call.output(0, call.shape(0));
  if (y == nullptr) return;
  parallelFor(call.axis(0, 0) * length, 8, [&](int64_t begin, int64_t end) {
    for (int64_t place = begin; place < end; place++) {
      const int64_t t = place % length;
      for (int64_t e = 0; e < channels; e += kLanes) {
        const int64_t count = std::min(channels - e, kLanes);
        Vector sum = loadSome(bias + e, count);
        for (int64_t j = std::max<int64_t>(taps - 1 - t, 0); j < taps; j++) {
          sum += loadSome(rows.data() + j * channels + e, count) *
                 loadSome(x + (place - (taps - 1) + j) * channels + e, count);
        }
        storeSome(y + place * channels + e, sum, count);
      }
    }
  });
}

/** dy, x, weight -> dx, dweight, dbias. Threads take blocks of channels, so that each sum has one order. */
void gradient(Call& call) {
  const int64_t batch = call.axis(0, 0);
  const int64_t length = call.axis(0, 1);
  const int64_t channels = call.axis(0, 2);
  const int64_t taps = call.axis(2, 2);
  const float* dy = call.floats(0);
  const float* x = call.floats(1);
  const std::vector<float> rows = tapRows(call.floats(2), channels, taps);
  float* dx = call.output(0, call.shape(0));
  float* dWeight = call.output(1, call.shape(2));
  float* dBias = call.output(2, {channels});
  if (dx == nullptr || dWeight == nullptr || dBias == nullptr) return;
  parallelFor((channels + kLanes - 1) / kLanes, 4, [&](int64_t begin, int64_t end) {
    std::vector<float> sums(taps * kLanes);
    for (int64_t block = begin; block < end; block++) {
      const int64_t e = block * kLanes;
      const int64_t count = std::min(channels - e, kLanes);
      std::fill(sums.begin(), sums.end(), 0.0f);
      Vector biasSum = {};
      for (int64_t place = 0; place < batch * length; place++) {
        const int64_t t = place % length;
        const Vector upstream = loadSome(dy + place * channels + e, count);
        biasSum += upstream;
        Vector sum = {};
        for (int64_t j = 0; j < taps; j++) {
          const int64_t delay = taps - 1 - j;
          if (t >= delay) {
            const Vector earlier = loadSome(x + (place - delay) * channels + e, count);
            store(sums.data() + j * kLanes, load(sums.data() + j * kLanes) + upstream * earlier);
          }
          if (t + delay < length) {
            sum += loadSome(rows.data() + j * channels + e, count) * loadSome(dy + (place + delay) * channels + e, count);
          }
        }
        storeSome(dx + place * channels + e, sum, count);
      }
      storeSome(dBias + e, biasSum, count);
      for (int64_t lane = 0; lane < count; lane++) {
        for (int64_t j = 0; j < taps; j++) dWeight[(e + lane) * taps + j] = sums[j * kLanes + lane];
      }
    }
  });
}

}  // namespace

const std::vector<Op> kConvolutionOps = {
    {"CausalDepthwiseConvolution", {"x: float", "weight: float", "bias: float"}, {"y: float"}, {}, forward},
    {"CausalDepthwiseConvolutionGradient",
     {"dy: float", "x: float", "weight: float"},
     {"dx: float", "dweight: float", "dbias: float"},
     {},
     gradient},
};

}  // namespace retail
