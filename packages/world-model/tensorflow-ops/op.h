// An op of this library: its signature in TensorFlow's terms and the function that computes it. Written against
// TensorFlow's C interface only, which is the same in every 2.x release.
#ifndef RETAIL_OP_H_
#define RETAIL_OP_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tensorflow/c/kernels.h"

namespace retail {

using Shape = std::vector<int64_t>;

inline int64_t sizeOf(const Shape& shape) {
  int64_t size = 1;
  for (const int64_t length : shape) size *= length;
  return size;
}

/** Values that are the same for every call of a kernel. */
struct Attributes {
  int64_t heads = 1;
  bool causal = false;
  float rate = 0;
};

/** Inputs and outputs of one call. Shapes are checked by the TypeScript ops before they get here. */
class Call {
 public:
  Call(TF_OpKernelContext* context, const Attributes& attributes);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  const Attributes& attributes() const { return attributes_; }
  const Shape& shape(int input) const { return shapes_[input]; }
  const float* floats(int input) const;
  const int32_t* integers(int input) const;
  /** Memory of an output, not initialised; nullptr after a failure. */
  float* output(int index, const Shape& shape);

  /** Length of axis `axis` of an input; negative counts from the end. */
  int64_t axis(int input, int axis) const;
  int64_t size(int input) const { return sizeOf(shapes_[input]); }
  /** All axes before the last as one. */
  int64_t rows(int input) const;

 private:
  TF_OpKernelContext* context_;
  const Attributes& attributes_;
  TF_Status* status_;
  std::vector<TF_Tensor*> inputs_;
  std::vector<TF_Tensor*> outputs_;
  std::vector<Shape> shapes_;
};

struct Op {
  /** Also the name of the tfjs kernel that calls it, after `RetailSim`. */
  const char* name;
  std::vector<const char*> inputs;
  std::vector<const char*> outputs;
  std::vector<const char*> attributes;
  void (*compute)(Call& call);
};

/** Makes ops known to the TensorFlow library of this process, each under `RetailSim` + name, for its CPU device. */
std::string registerOps(const std::vector<Op>& ops);

// One list per file.
extern const std::vector<Op> kElementwiseOps;
extern const std::vector<Op> kLayerNormalizationOps;
extern const std::vector<Op> kConvolutionOps;
extern const std::vector<Op> kSelectiveScanOps;
extern const std::vector<Op> kAttentionOps;
extern const std::vector<Op> kTargetLogProbabilityOps;
extern const std::vector<Op> kAdamWOps;

}  // namespace retail

#endif  // RETAIL_OP_H_
