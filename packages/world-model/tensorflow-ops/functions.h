// Elementary functions on vectors; the same approximations as in ../assembly, see there for their sources and errors.
#ifndef RETAIL_FUNCTIONS_H_
#define RETAIL_FUNCTIONS_H_

#include <cmath>

#include "vector.h"

namespace retail {

/** exp(x) as 2^k 2^r, |r| <= 1/2. Outside float32's normal range it saturates; NaN stays NaN. */
inline Vector exponential(Vector x) {
  constexpr float kLog2E = 1.4426950408889634f;
  constexpr float kRounding = 12582912.0f;  // 1.5 x 2^23: the sum's low mantissa bits hold the nearest integer
  const Vector bounded = atMost(atLeast(x, -87.3f), 88.3f);
  const Vector shifted = bounded * kLog2E + kRounding;
  const Vector k = shifted - kRounding;
  const Vector r = bounded * kLog2E - k;
  Vector p = r * 1.5403530393381609e-4f + 1.3333558146428443e-3f;
  p = p * r + 9.618129107628477e-3f;
  p = p * r + 5.550410866482158e-2f;
  p = p * r + 2.402265069591007e-1f;
  p = p * r + 6.931471805599453e-1f;
  p = p * r + 1.0f;
  return reinterpret_cast<Vector>(reinterpret_cast<IntVector>(p) + (reinterpret_cast<IntVector>(shifted) << 23));
}

inline Vector sigmoid(Vector x) { return 1.0f / (1.0f + exponential(-x)); }

inline Vector silu(Vector x) { return x * sigmoid(x); }

/** s (1 + x (1 - s)), s = sigmoid(x). */
inline Vector siluDerivative(Vector x) {
  const Vector s = sigmoid(x);
  return s * (x * (1.0f - s) + 1.0f);
}

/** ln(1 + u) for 0 <= u <= 1 as 2 artanh(u / (2 + u)), whose argument is at most 1/3. */
inline Vector log1pUnit(Vector u) {
  const Vector s = u / (u + 2.0f);
  const Vector s2 = s * s;
  Vector p = s2 * (1.0f / 15) + 1.0f / 13;
  p = p * s2 + 1.0f / 11;
  p = p * s2 + 1.0f / 9;
  p = p * s2 + 1.0f / 7;
  p = p * s2 + 1.0f / 5;
  p = p * s2 + 1.0f / 3;
  p = p * s2 + 1.0f;
  return (s + s) * p;
}

/** max(x, 0) + ln(1 + exp(-|x|)). */
inline Vector softplus(Vector x) {
  const Vector magnitude = x < 0.0f ? -x : x;
  return atLeast(x, 0.0f) + log1pUnit(exponential(-magnitude));
}

/** erf(x) by a rational function on |x| <= 4, beyond which float32 knows only +-1. */
inline Vector errorFunction(Vector x) {
  const Vector z = atMost(atLeast(x, -4.0f), 4.0f);
  const Vector s = z * z;
  Vector p = s * -2.72614225801306e-10f + 2.77068142495902e-8f;
  p = p * s + -2.10102402082508e-6f;
  p = p * s + -5.69250639462346e-5f;
  p = p * s + -7.34990630326855e-4f;
  p = p * s + -2.954599800854e-3f;
  p = p * s + -1.60960333262415e-2f;
  Vector q = s * -1.45660718464996e-5f + -2.13374055278905e-4f;
  q = q * s + -1.68282697438203e-3f;
  q = q * s + -7.37332916720468e-3f;
  q = q * s + -1.42647390514189e-2f;
  return z * p / q;
}

inline Vector normalCumulative(Vector x) { return errorFunction(x * 0.7071067811865476f) * 0.5f + 0.5f; }

/** x/2 (1 + erf(x / sqrt 2)). */
inline Vector gelu(Vector x) { return x * normalCumulative(x); }

/** Phi(x) + x phi(x). */
inline Vector geluDerivative(Vector x) {
  const Vector density = exponential(x * x * -0.5f) * 0.3989422804014327f;
  return normalCumulative(x) + x * density;
}

}  // namespace retail

#endif  // RETAIL_FUNCTIONS_H_
