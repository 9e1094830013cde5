// log_softmax(logits)[target] per row; see ../src/kernels/target-log-probability.ts.

#include <algorithm>
#include <cmath>

#include "functions.h"
#include "op.h"
#include "parallel.h"

namespace retail {
namespace {

/** Padding behind a row's last logit: its exponential is 0 beside the largest one's. */
constexpr float kNothing = -3e38f;

Vector loadLogits(const float* from, int64_t count) {
  Vector values = loadSome(from, count);
  for (int64_t lane = count; lane < kLanes; lane++) values[lane] = kNothing;
  return values;
}

struct Normalizer {
  float largest;
  float sum;  // of exp(logit - largest)
};

Normalizer normalizerOf(const float* row, int64_t classes) {
  Vector largest = splat(kNothing);
  for (int64_t c = 0; c < classes; c += kLanes) {
    const Vector values = loadLogits(row + c, std::min(classes - c, kLanes));
    largest = values > largest ? values : largest;
  }
  const float top = largestLane(largest);
  Vector sum = {};
  for (int64_t c = 0; c < classes; c += kLanes) {
    const int64_t count = std::min(classes - c, kLanes);
    Vector part = exponential(loadLogits(row + c, count) - top);
    for (int64_t lane = count; lane < kLanes; lane++) part[lane] = 0;
    sum += part;
  }
  return {top, sumOfLanes(sum)};
}

void forward(Call& call) {
  const int64_t classes = call.axis(0, -1);
  const float* logits = call.floats(0);
  const int32_t* targets = call.integers(1);
  float* out = call.output(0, call.shape(1));
  if (out == nullptr) return;
  parallelFor(call.rows(0), 4, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      const Normalizer normalizer = normalizerOf(logits + r * classes, classes);
      out[r] = logits[r * classes + targets[r]] - normalizer.largest - std::log(normalizer.sum);
    }
  });
}

/** dy, logits, targets -> dy (onehot - softmax). */
void gradient(Call& call) {
  const int64_t classes = call.axis(1, -1);
  const float* dy = call.floats(0);
  const float* logits = call.floats(1);
  const int32_t* targets = call.integers(2);
  float* out = call.output(0, call.shape(1));
  if (out == nullptr) return;
  parallelFor(call.rows(1), 4, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      const float* row = logits + r * classes;
      const Normalizer normalizer = normalizerOf(row, classes);
      const float factor = -dy[r] / normalizer.sum;
      for (int64_t c = 0; c < classes; c += kLanes) {
        const int64_t count = std::min(classes - c, kLanes);
        storeSome(out + r * classes + c, exponential(loadLogits(row + c, count) - normalizer.largest) * factor, count);
      }
      out[r * classes + targets[r]] += dy[r];
    }
  });
}

}  // namespace

const std::vector<Op> kTargetLogProbabilityOps = {
    {"TargetLogProbability", {"logits: float", "targets: int32"}, {"out: float"}, {}, forward},
    {"TargetLogProbabilityGradient",
     {"dy: float", "logits: float", "targets: int32"},
     {"dlogits: float"},
     {},
     gradient},
};

}  // namespace retail
