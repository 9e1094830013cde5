// (x - mean) / sqrt(var + 1e-5) * gamma + beta over the last axis; formulas in ../src/kernels/layer-normalization.ts.

#include <algorithm>
#include <cmath>

#include "op.h"
#include "parallel.h"
#include "vector.h"

namespace retail {
namespace {

constexpr float kEpsilon = 1e-5f;
constexpr int64_t kRowGrain = 16;

/** Calls function(column, count) for the vectors of a row; count < 16 only for the last. */
template <typename Function>
inline void forVectors(int64_t columns, Function function) {
  for (int64_t c = 0; c < columns; c += kLanes) function(c, std::min(columns - c, kLanes));
}

struct Moments {
  float mean;
  float inverseDeviation;
};

Moments momentsOf(const float* row, int64_t columns) {
  Vector sum = {};
  forVectors(columns, [&](int64_t c, int64_t count) { sum += loadSome(row + c, count); });
  const float mean = sumOfLanes(sum) / columns;
  Vector squares = {};
  forVectors(columns, [&](int64_t c, int64_t count) {
    Vector centred = loadSome(row + c, count) - mean;
    for (int64_t lane = count; lane < kLanes; lane++) centred[lane] = 0;
    squares += centred * centred;
  });
  return {mean, 1 / std::sqrt(sumOfLanes(squares) / columns + kEpsilon)};
}

void forward(Call& call) {
  const int64_t rows = call.rows(0);
  const int64_t columns = call.axis(0, -1);
  const float* x = call.floats(0);
  const float* gamma = call.floats(1);
  const float* beta = call.floats(2);
  float* y = call.output(0, call.shape(0));
  if (y == nullptr) return;
  parallelFor(rows, kRowGrain, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      const float* row = x + r * columns;
      const Moments moments = momentsOf(row, columns);
      forVectors(columns, [&](int64_t c, int64_t count) {
        const Vector normalized = (loadSome(row + c, count) - moments.mean) * moments.inverseDeviation;
        storeSome(y + r * columns + c, normalized * loadSome(gamma + c, count) + loadSome(beta + c, count), count);
      });
    }
  });
}

/** dy, x, gamma -> dx, dgamma, dbeta; the last two are summed over blocks of rows, block by block. */
void gradient(Call& call) {
  const int64_t rows = call.rows(0);
  const int64_t columns = call.axis(0, -1);
  const float* dy = call.floats(0);
  const float* x = call.floats(1);
  const float* gamma = call.floats(2);
  float* dx = call.output(0, call.shape(0));
  float* dGamma = call.output(1, {columns});
  float* dBeta = call.output(2, {columns});
  if (dx == nullptr || dGamma == nullptr || dBeta == nullptr) return;
  const int64_t blocks = (rows + kRowGrain - 1) / kRowGrain;
  std::vector<float> parts(blocks * 2 * columns);
  parallelFor(rows, kRowGrain, [&](int64_t begin, int64_t end) {
    float* gammaPart = parts.data() + begin / kRowGrain * 2 * columns;
    float* betaPart = gammaPart + columns;
    for (int64_t r = begin; r < end; r++) {
      const float* row = x + r * columns;
      const float* upstream = dy + r * columns;
      const Moments moments = momentsOf(row, columns);
      // With g = dy gamma: dx = (g - mean(g) - xhat mean(g xhat)) / sigma.
      Vector sum = {};
      Vector projection = {};
      forVectors(columns, [&](int64_t c, int64_t count) {
        const Vector normalized = (loadSome(row + c, count) - moments.mean) * moments.inverseDeviation;
        const Vector up = loadSome(upstream + c, count);
        const Vector g = up * loadSome(gamma + c, count);
        sum += g;
        projection += g * normalized;
        storeSome(gammaPart + c, loadSome(gammaPart + c, count) + up * normalized, count);
        storeSome(betaPart + c, loadSome(betaPart + c, count) + up, count);
      });
      const float meanOfG = sumOfLanes(sum) / columns;
      const float meanOfProjection = sumOfLanes(projection) / columns;
      forVectors(columns, [&](int64_t c, int64_t count) {
        const Vector normalized = (loadSome(row + c, count) - moments.mean) * moments.inverseDeviation;
        const Vector g = loadSome(upstream + c, count) * loadSome(gamma + c, count);
        storeSome(dx + r * columns + c, (g - meanOfG - normalized * meanOfProjection) * moments.inverseDeviation,
                  count);
      });
    }
  });
  std::fill(dGamma, dGamma + columns, 0.0f);
  std::fill(dBeta, dBeta + columns, 0.0f);
  for (int64_t block = 0; block < blocks; block++) {
    const float* part = parts.data() + block * 2 * columns;
    for (int64_t c = 0; c < columns; c++) dGamma[c] += part[c];
    for (int64_t c = 0; c < columns; c++) dBeta[c] += part[columns + c];
  }
}

}  // namespace

const std::vector<Op> kLayerNormalizationOps = {
    {"LayerNormalization", {"x: float", "gamma: float", "beta: float"}, {"y: float"}, {}, forward},
    {"LayerNormalizationGradient",
     {"dy: float", "x: float", "gamma: float"},
     {"dx: float", "dgamma: float", "dbeta: float"},
     {},
     gradient},
};

}  // namespace retail
