// Keyed dropout: element i stays, scaled, where the counter generator's 32 bits reach a threshold; the generator is
// counterUniform of @retail-sim/random.
#ifndef RETAIL_DROPOUT_H_
#define RETAIL_DROPOUT_H_

#include <cmath>

#include "vector.h"

namespace retail {

struct Dropout {
  uint32_t seed;
  uint32_t threshold;
  float scale;

  Dropout(float rate, int32_t seedBits)
      : seed(static_cast<uint32_t>(seedBits)),
        threshold(static_cast<uint32_t>(std::ceil(static_cast<double>(rate) * 4294967296.0))),
        scale(1.0f / (1.0f - rate)) {}

  bool drops() const { return threshold != 0; }

  /** x of elements counter .. counter + 15. */
  Vector operator()(Vector x, uint32_t counter) const {
    constexpr UintVector kSteps = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    UintVector bits = (kSteps + counter) * 0x9e3779b9u + seed;
    bits = (bits ^ (bits >> 16)) * 0x85ebca6bu;
    bits = (bits ^ (bits >> 13)) * 0xc2b2ae35u;
    bits = bits ^ (bits >> 16);
    return bits >= threshold ? x * scale : Vector{};
  }
};

}  // namespace retail

#endif  // RETAIL_DROPOUT_H_
