// AdamW with decoupled decay; formula in ../src/kernels/adamw.ts.

#include <algorithm>
#include <cmath>

#include "op.h"
#include "parallel.h"
#include "vector.h"

namespace retail {
namespace {

constexpr int64_t kGrain = 16384;

// Places in the input `numbers`; ADAMW_NUMBERS of the TypeScript side.
// The rests 1 - beta come as numbers of their own: computed from a float32 beta they would be off by up to 5e-5.
enum Number { kKeep, kStepSize, kSecondMomentScale, kBeta1, kRest1, kBeta2, kRest2, kEpsilon, kGradientScale };

Vector squareRoot(Vector x) {
  for (int64_t lane = 0; lane < kLanes; lane++) x[lane] = std::sqrt(x[lane]);
  return x;
}

/** parameter, gradient, first and second moment, numbers [9] -> the new parameter and moments. */
void step(Call& call) {
  const float* numbers = call.floats(4);
  const float* in[4];
  float* out[3];
  for (int i = 0; i < 4; i++) in[i] = call.floats(i);
  for (int i = 0; i < 3; i++) {
    out[i] = call.output(i, call.shape(0));
    if (out[i] == nullptr) return;
  }
  parallelFor(call.size(0), kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i += kLanes) {
      const int64_t count = std::min(end - i, kLanes);
      const Vector gradient = loadSome(in[1] + i, count) * numbers[kGradientScale];
      const Vector first = loadSome(in[2] + i, count) * numbers[kBeta1] + gradient * numbers[kRest1];
      const Vector second = loadSome(in[3] + i, count) * numbers[kBeta2] + gradient * gradient * numbers[kRest2];
      const Vector denominator = squareRoot(second) * numbers[kSecondMomentScale] + numbers[kEpsilon];
      const Vector parameter = loadSome(in[0] + i, count) * numbers[kKeep] - first / denominator * numbers[kStepSize];
      storeSome(out[0] + i, parameter, count);
      storeSome(out[1] + i, first, count);
      storeSome(out[2] + i, second, count);
    }
  });
}

}  // namespace

const std::vector<Op> kAdamWOps = {
    {"AdamWStep",
     {"parameter: float", "gradient: float", "first: float", "second: float", "numbers: float"},
     {"next_parameter: float", "next_first: float", "next_second: float"},
     {},
     step},
};

}  // namespace retail
