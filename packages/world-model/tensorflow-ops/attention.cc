// Attention of one (batch row, head) at a time; formulas and shapes in ../src/kernels/attention.ts. A head is a block of
// D/h columns of a matrix D wide.

#include <algorithm>
#include <cmath>

#include "dropout.h"
#include "functions.h"
#include "op.h"
#include "parallel.h"

namespace retail {
namespace {

constexpr float kIgnoredScore = -1e9f;

int64_t padded(int64_t length) { return (length + kLanes - 1) / kLanes * kLanes; }

/** A matrix by strides: element (i, j) at i * row + j * column. */
struct Matrix {
  const float* values;
  int64_t row;
  int64_t column;

  Matrix transposed() const { return {values, column, row}; }
};

/** [rows, columns] -> dense rows of `padded(columns)`, zeros behind. */
void pack(Matrix m, int64_t rows, int64_t columns, float* target) {
  const int64_t width = padded(columns);
  std::fill_n(target, rows * width, 0.0f);
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = 0; j < columns; j++) target[i * width + j] = m.values[i * m.row + j * m.column];
  }
}

/** `Rows` rows of target = a b, for all columns; b packed [depth, n']. */
template <int Rows>
void multiplyRows(Matrix a, const float* b, int64_t n, int64_t depth, float* target, int64_t targetRow) {
  const int64_t width = padded(n);
  for (int64_t j = 0; j < n; j += 2 * kLanes) {
    Vector sums[Rows][2] = {};
    const bool two = j + kLanes < width;
    for (int64_t p = 0; p < depth; p++) {
      const Vector left = load(b + p * width + j);
      const Vector right = two ? load(b + p * width + j + kLanes) : Vector{};
      for (int r = 0; r < Rows; r++) {
        const float factor = a.values[r * a.row + p * a.column];
        sums[r][0] += left * factor;
        sums[r][1] += right * factor;
      }
    }
    for (int r = 0; r < Rows; r++) {
      for (int k = 0; k < 2; k++) {
        const int64_t at = j + k * kLanes;
        if (at < n) storeSome(target + r * targetRow + at, sums[r][k], std::min(n - at, kLanes));
      }
    }
  }
}

/** target [m, n] = a b; a [m, depth], b [depth, n], packed into `packed` on the way. */
void multiply(Matrix a, Matrix b, int64_t m, int64_t n, int64_t depth, float* target, int64_t targetRow,
              float* packed) {
  pack(b, depth, n, packed);
  int64_t i = 0;
  for (; i + 6 <= m; i += 6) {
    multiplyRows<6>({a.values + i * a.row, a.row, a.column}, packed, n, depth, target + i * targetRow, targetRow);
  }
  for (; i < m; i++) {
    multiplyRows<1>({a.values + i * a.row, a.row, a.column}, packed, n, depth, target + i * targetRow, targetRow);
  }
}

/** Softmax of a row in place, with its mask added first. */
void softmaxRow(float* row, float scale, const float* keyValid, int64_t visible, int64_t keys) {
  for (int64_t j = 0; j < keys; j++) {
    float score = row[j] * scale;
    if (keyValid != nullptr) score += (1 - keyValid[j]) * kIgnoredScore;
    if (j >= visible) score += kIgnoredScore;
    row[j] = score;
  }
  const float largest = *std::max_element(row, row + keys);
  Vector sum = {};
  for (int64_t j = 0; j < keys; j += kLanes) {
    const int64_t count = std::min(keys - j, kLanes);
    Vector part = exponential(loadSome(row + j, count) - largest);
    for (int64_t lane = count; lane < kLanes; lane++) part[lane] = 0;
    storeSome(row + j, part, count);
    sum += part;
  }
  const float factor = 1 / sumOfLanes(sum);
  for (int64_t j = 0; j < keys; j++) row[j] *= factor;
}

void drop(const float* from, float* to, const Dropout& dropout, int64_t counter, int64_t size) {
  for (int64_t i = 0; i < size; i += kLanes) {
    const int64_t count = std::min(size - i, kLanes);
    storeSome(to + i, dropout(loadSome(from + i, count), static_cast<uint32_t>(counter + i)), count);
  }
}

struct Sizes {
  int64_t batch, queries, keys, width, heads, headWidth;

  Sizes(const Call& call, int query, int key)
      : batch(call.axis(query, 0)),
        queries(call.axis(query, 1)),
        keys(call.axis(key, 1)),
        width(call.axis(query, 2)),
        heads(call.attributes().heads),
        headWidth(width / heads) {}

  /** Floats that a packed operand needs at most. */
  int64_t packedSize() const {
    const int64_t longest = std::max(queries, keys);
    return std::max(longest * padded(headWidth), headWidth * padded(longest));
  }
};

/** query, key, value, keyValid (empty: all), seed -> out [B, Lq, D], probabilities before dropout [B, h, Lq, Lk]. */
void forward(Call& call) {
  const Sizes s(call, 0, 1);
  const float* query = call.floats(0);
  const float* key = call.floats(1);
  const float* value = call.floats(2);
  const float* keyValid = call.size(3) == 0 ? nullptr : call.floats(3);
  const Dropout dropout(call.attributes().rate, call.integers(4)[0]);
  const bool causal = call.attributes().causal;
  float* out = call.output(0, call.shape(0));
  float* probabilities = call.output(1, {s.batch, s.heads, s.queries, s.keys});
  if (out == nullptr || probabilities == nullptr) return;
  const float scale = 1 / std::sqrt(static_cast<float>(s.headWidth));
  const int64_t scores = s.queries * s.keys;
  parallelFor(s.batch * s.heads, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> packed(s.packedSize());
    std::vector<float> dropped(dropout.drops() ? scores : 0);
    for (int64_t item = begin; item < end; item++) {
      const int64_t row = item / s.heads;
      const int64_t column = item % s.heads * s.headWidth;
      const Matrix q{query + row * s.queries * s.width + column, s.width, 1};
      const Matrix k{key + row * s.keys * s.width + column, s.width, 1};
      const Matrix v{value + row * s.keys * s.width + column, s.width, 1};
      float* p = probabilities + item * scores;
      multiply(q, k.transposed(), s.queries, s.keys, s.headWidth, p, s.keys, packed.data());
      for (int64_t i = 0; i < s.queries; i++) {
        softmaxRow(p + i * s.keys, scale, keyValid == nullptr ? nullptr : keyValid + row * s.keys,
                   causal ? i + 1 : s.keys, s.keys);
      }
      const float* weights = p;
      if (dropout.drops()) {
        drop(p, dropped.data(), dropout, item * scores, scores);
        weights = dropped.data();
      }
      multiply({weights, s.keys, 1}, v, s.queries, s.headWidth, s.keys, out + row * s.queries * s.width + column,
               s.width, packed.data());
    }
  });
}

/** dy, query, key, value, probabilities, seed -> dquery, dkey, dvalue. */
void gradient(Call& call) {
  const Sizes s(call, 1, 2);
  const float* dy = call.floats(0);
  const float* query = call.floats(1);
  const float* key = call.floats(2);
  const float* value = call.floats(3);
  const float* probabilities = call.floats(4);
  const Dropout dropout(call.attributes().rate, call.integers(5)[0]);
  float* dQuery = call.output(0, call.shape(1));
  float* dKey = call.output(1, call.shape(2));
  float* dValue = call.output(2, call.shape(3));
  if (dQuery == nullptr || dKey == nullptr || dValue == nullptr) return;
  const float scale = 1 / std::sqrt(static_cast<float>(s.headWidth));
  const int64_t scores = s.queries * s.keys;
  parallelFor(s.batch * s.heads, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> packed(s.packedSize());
    std::vector<float> dropped(dropout.drops() ? scores : 0);
    std::vector<float> dScores(scores);
    for (int64_t item = begin; item < end; item++) {
      const int64_t row = item / s.heads;
      const int64_t column = item % s.heads * s.headWidth;
      const int64_t queryPlace = row * s.queries * s.width + column;
      const int64_t keyPlace = row * s.keys * s.width + column;
      const Matrix upstream{dy + queryPlace, s.width, 1};
      const float* p = probabilities + item * scores;
      const float* weights = p;
      if (dropout.drops()) {
        drop(p, dropped.data(), dropout, item * scores, scores);
        weights = dropped.data();
      }
      const Matrix weightMatrix{weights, s.keys, 1};
      multiply(weightMatrix.transposed(), upstream, s.keys, s.headWidth, s.queries, dValue + keyPlace, s.width,
               packed.data());
      multiply(upstream, Matrix{value + keyPlace, s.width, 1}.transposed(), s.queries, s.keys, s.headWidth,
               dScores.data(), s.keys, packed.data());
      if (dropout.drops()) drop(dScores.data(), dScores.data(), dropout, item * scores, scores);
      // dScores = p (dWeights - sum(p dWeights)) scale, in place of dWeights.
      for (int64_t i = 0; i < s.queries; i++) {
        float* d = dScores.data() + i * s.keys;
        const float* chances = p + i * s.keys;
        float expected = 0;
        for (int64_t j = 0; j < s.keys; j++) expected += chances[j] * d[j];
        for (int64_t j = 0; j < s.keys; j++) d[j] = chances[j] * (d[j] - expected) * scale;
      }
      const Matrix scoreGradient{dScores.data(), s.keys, 1};
      multiply(scoreGradient, {key + keyPlace, s.width, 1}, s.queries, s.headWidth, s.keys, dQuery + queryPlace,
               s.width, packed.data());
      multiply(scoreGradient.transposed(), {query + queryPlace, s.width, 1}, s.keys, s.headWidth, s.queries,
               dKey + keyPlace, s.width, packed.data());
    }
  });
}

}  // namespace

const std::vector<Op> kAttentionOps = {
    {"ScaledDotProductAttention",
     {"query: float", "key: float", "value: float", "key_valid: float", "seed: int32"},
     {"out: float", "probabilities: float"},
     {"heads: int", "causal: bool", "rate: float"},
     forward},
    {"ScaledDotProductAttentionGradient",
     {"dy: float", "query: float", "key: float", "value: float", "probabilities: float", "seed: int32"},
     {"dquery: float", "dkey: float", "dvalue: float"},
     {"heads: int", "rate: float"},
     gradient},
};

}  // namespace retail
