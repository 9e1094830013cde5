// Element-wise ops and sums; formulas in the files of the same ops under ../src/kernels.

#include <algorithm>
#include <cmath>

#include "dropout.h"
#include "functions.h"
#include "op.h"
#include "parallel.h"

namespace retail {
namespace {

/** Elements that a thread takes at once; a multiple of 16, so that whole vectors stay whole. */
constexpr int64_t kGrain = 16384;

/** out = function(inputs...), vector by vector, for equally shaped inputs. */
template <int Inputs, int Outputs, typename Function>
void map(Call& call, Function function) {
  const float* in[Inputs];
  float* out[Outputs];
  for (int i = 0; i < Inputs; i++) in[i] = call.floats(i);
  for (int i = 0; i < Outputs; i++) {
    out[i] = call.output(i, call.shape(0));
    if (out[i] == nullptr) return;
  }
  parallelFor(call.size(0), kGrain, [&](int64_t begin, int64_t end) {
    Vector values[Inputs];
    Vector results[Outputs];
    int64_t i = begin;
    for (; i + kLanes <= end; i += kLanes) {
      for (int k = 0; k < Inputs; k++) values[k] = load(in[k] + i);
      function(values, results);
      for (int k = 0; k < Outputs; k++) store(out[k] + i, results[k]);
    }
    if (i == end) return;
    for (int k = 0; k < Inputs; k++) values[k] = loadPartial(in[k] + i, end - i);
    function(values, results);
    for (int k = 0; k < Outputs; k++) storePartial(out[k] + i, results[k], end - i);
  });
}

template <Vector (*F)(Vector)>
void unary(Call& call) {
  map<1, 1>(call, [](const Vector* in, Vector* out) { out[0] = F(in[0]); });
}

/** dy f'(x). */
template <Vector (*Derivative)(Vector)>
void unaryGradient(Call& call) {
  map<2, 1>(call, [](const Vector* in, Vector* out) { out[0] = in[0] * Derivative(in[1]); });
}

void siluGate(Call& call) {
  map<2, 1>(call, [](const Vector* in, Vector* out) { out[0] = in[0] * silu(in[1]); });
}

void siluGateGradient(Call& call) {
  map<3, 2>(call, [](const Vector* in, Vector* out) {
    out[0] = in[0] * silu(in[2]);
    out[1] = in[0] * in[1] * siluDerivative(in[2]);
  });
}

/** [R, C] -> [C]. */
void columnSums(Call& call) {
  const int64_t rows = call.rows(0);
  const int64_t columns = call.axis(0, -1);
  const float* x = call.floats(0);
  float* sums = call.output(0, {columns});
  if (sums == nullptr) return;
  parallelFor(columns, 4 * kLanes, [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; c += kLanes) {
      const int64_t count = std::min(end - c, kLanes);
      Vector sum = {};
      for (int64_t r = 0; r < rows; r++) {
        sum += loadSome(x + r * columns + c, count);
      }
      storePartial(sums + c, sum, count);
    }
  });
}

void dropout(Call& call) {
  const Dropout dropout(call.attributes().rate, call.integers(1)[0]);
  const float* x = call.floats(0);
  float* y = call.output(0, call.shape(0));
  if (y == nullptr) return;
  parallelFor(call.size(0), kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i += kLanes) {
      const int64_t count = std::min(end - i, kLanes);
      storeSome(y + i, dropout(loadSome(x + i, count), static_cast<uint32_t>(i)), count);
    }
  });
}

/** Sum of squares of all elements, in float64 over blocks. */
void sumOfSquares(Call& call) {
  const int64_t size = call.size(0);
  const int64_t blocks = (size + kGrain - 1) / kGrain;
  const float* x = call.floats(0);
  float* total = call.output(0, {});
  if (total == nullptr) return;
  std::vector<double> parts(blocks);
  parallelFor(blocks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; block++) {
      const int64_t last = std::min((block + 1) * kGrain, size);
      Vector sum = {};
      int64_t i = block * kGrain;
      for (; i + kLanes <= last; i += kLanes) sum += load(x + i) * load(x + i);
      if (i < last) {
        const Vector rest = loadPartial(x + i, last - i);
        sum += rest * rest;
      }
      parts[block] = sumOfLanes(sum);
    }
  });
  double sum = 0;
  for (const double part : parts) sum += part;
  *total = static_cast<float>(sum);
}

}  // namespace

const std::vector<Op> kElementwiseOps = {
    {"GeluErf", {"x: float"}, {"y: float"}, {}, unary<gelu>},
    {"GeluErfGradient", {"dy: float", "x: float"}, {"dx: float"}, {}, unaryGradient<geluDerivative>},
    {"Silu", {"x: float"}, {"y: float"}, {}, unary<silu>},
    {"SiluGradient", {"dy: float", "x: float"}, {"dx: float"}, {}, unaryGradient<siluDerivative>},
    {"StableSoftplus", {"x: float"}, {"y: float"}, {}, unary<softplus>},
    {"StableSoftplusGradient", {"dy: float", "x: float"}, {"dx: float"}, {}, unaryGradient<sigmoid>},
    {"SiluGate", {"y: float", "z: float"}, {"out: float"}, {}, siluGate},
    {"SiluGateGradient",
     {"dout: float", "y: float", "z: float"},
     {"dy: float", "dz: float"},
     {},
     siluGateGradient},
    {"KeyedDropout", {"x: float", "seed: int32"}, {"y: float"}, {"rate: float"}, dropout},
    {"ColumnSums", {"x: float"}, {"sums: float"}, {}, columnSums},
    {"SumOfSquares", {"x: float"}, {"sum: float"}, {}, sumOfSquares},
};

}  // namespace retail
