// Sixteen floats at a time, by the compiler's vector extensions: one AVX-512 register or two AVX2 ones.
#ifndef RETAIL_VECTOR_H_
#define RETAIL_VECTOR_H_

#include <cstdint>
#include <cstring>

namespace retail {

constexpr int64_t kLanes = 16;

using Vector = float __attribute__((vector_size(64)));
using IntVector = int32_t __attribute__((vector_size(64)));
using UintVector = uint32_t __attribute__((vector_size(64)));
using UnalignedVector = float __attribute__((vector_size(64), aligned(4), may_alias));

inline Vector load(const float* from) { return *reinterpret_cast<const UnalignedVector*>(from); }
inline void store(float* to, Vector value) { *reinterpret_cast<UnalignedVector*>(to) = value; }
inline Vector splat(float value) { return Vector{} + value; }

/** The first `count` < 16 values, zeros behind. */
inline Vector loadPartial(const float* from, int64_t count) {
  float lanes[kLanes] = {};
  std::memcpy(lanes, from, count * sizeof(float));
  return load(lanes);
}

inline void storePartial(float* to, Vector value, int64_t count) {
  float lanes[kLanes];
  store(lanes, value);
  std::memcpy(to, lanes, count * sizeof(float));
}

/** 16 values, or the first `count` of them. */
inline Vector loadSome(const float* from, int64_t count) {
  return count == kLanes ? load(from) : loadPartial(from, count);
}

inline void storeSome(float* to, Vector value, int64_t count) {
  if (count == kLanes) {
    store(to, value);
  } else {
    storePartial(to, value, count);
  }
}

// Comparisons keep a NaN in `x`.
inline Vector atLeast(Vector x, float lowest) { return x < lowest ? splat(lowest) : x; }
inline Vector atMost(Vector x, float highest) { return x > highest ? splat(highest) : x; }

inline float sumOfLanes(Vector value) {
  float lanes[kLanes];
  store(lanes, value);
  for (int width = kLanes / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; i++) lanes[i] += lanes[i + width];
  }
  return lanes[0];
}

inline float largestLane(Vector value) {
  float lanes[kLanes];
  store(lanes, value);
  float largest = lanes[0];
  for (int i = 1; i < kLanes; i++) largest = lanes[i] > largest ? lanes[i] : largest;
  return largest;
}

}  // namespace retail

#endif  // RETAIL_VECTOR_H_
