#include "op.h"

#include "tensorflow/c/ops.h"

namespace retail {
namespace {

/** What a kernel keeps between calls. */
struct Kernel {
  const Op* op;
  Attributes attributes;
};

bool has(const Op& op, const std::string& attribute) {
  for (const char* spec : op.attributes) {
    if (std::string(spec).rfind(attribute + ":", 0) == 0) return true;
  }
  return false;
}

Kernel* createKernel(const Op& op, TF_OpKernelConstruction* construction) {
  auto* kernel = new Kernel{&op, {}};
  TF_Status* status = TF_NewStatus();
  if (has(op, "heads")) {
    TF_OpKernelConstruction_GetAttrInt64(construction, "heads", &kernel->attributes.heads, status);
  }
  if (has(op, "causal")) {
    TF_Bool causal = 0;
    TF_OpKernelConstruction_GetAttrBool(construction, "causal", &causal, status);
    kernel->attributes.causal = causal != 0;
  }
  if (has(op, "rate")) {
    TF_OpKernelConstruction_GetAttrFloat(construction, "rate", &kernel->attributes.rate, status);
  }
  TF_DeleteStatus(status);
  return kernel;
}

void computeKernel(void* state, TF_OpKernelContext* context) {
  const auto* kernel = static_cast<Kernel*>(state);
  Call call(context, kernel->attributes);
  kernel->op->compute(call);
}

void deleteKernel(void* state) { delete static_cast<Kernel*>(state); }

// TensorFlow's interface takes a plain function to create a kernel, without any context: each op needs one of its own.
constexpr int kMostOps = 32;
const Op* registered[kMostOps];

template <int Index>
void* create(TF_OpKernelConstruction* construction) {
  return createKernel(*registered[Index], construction);
}

using Create = void* (*)(TF_OpKernelConstruction*);

template <int... Indices>
std::vector<Create> createFunctions(std::integer_sequence<int, Indices...>) {
  return {create<Indices>...};
}

}  // namespace

Call::Call(TF_OpKernelContext* context, const Attributes& attributes)
    : context_(context), attributes_(attributes), status_(TF_NewStatus()) {
  const int count = TF_NumInputs(context);
  for (int i = 0; i < count; i++) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context, i, &tensor, status_);
    inputs_.push_back(tensor);
    Shape shape;
    for (int axis = 0; axis < TF_NumDims(tensor); axis++) shape.push_back(TF_Dim(tensor, axis));
    shapes_.push_back(shape);
  }
}

Call::~Call() {
  for (TF_Tensor* tensor : inputs_) TF_DeleteTensor(tensor);
  for (TF_Tensor* tensor : outputs_) TF_DeleteTensor(tensor);
  TF_DeleteStatus(status_);
}

const float* Call::floats(int input) const { return static_cast<const float*>(TF_TensorData(inputs_[input])); }

const int32_t* Call::integers(int input) const {
  return static_cast<const int32_t*>(TF_TensorData(inputs_[input]));
}

float* Call::output(int index, const Shape& shape) {
  TF_Tensor* tensor = TF_AllocateOutput(context_, index, TF_FLOAT, shape.data(), static_cast<int>(shape.size()),
                                        sizeOf(shape) * sizeof(float), status_);
  if (TF_GetCode(status_) != TF_OK || tensor == nullptr) {
    TF_OpKernelContext_Failure(context_, status_);
    return nullptr;
  }
  outputs_.push_back(tensor);
  return static_cast<float*>(TF_TensorData(tensor));
}

int64_t Call::axis(int input, int axis) const {
  const Shape& shape = shapes_[input];
  return shape[axis < 0 ? shape.size() + axis : axis];
}

int64_t Call::rows(int input) const {
  const Shape& shape = shapes_[input];
  int64_t rows = 1;
  for (size_t axis = 0; axis + 1 < shape.size(); axis++) rows *= shape[axis];
  return rows;
}

std::string registerOps(const std::vector<Op>& ops) {
  static int count = 0;
  static const std::vector<Create> creates = createFunctions(std::make_integer_sequence<int, kMostOps>());
  TF_Status* status = TF_NewStatus();
  std::string error;
  for (const Op& op : ops) {
    if (count == kMostOps) {
      error = "too many ops: raise kMostOps";
      break;
    }
    registered[count] = &op;
    const std::string name = std::string("RetailSim") + op.name;
    TF_OpDefinitionBuilder* definition = TF_NewOpDefinitionBuilder(name.c_str());
    for (const char* spec : op.attributes) TF_OpDefinitionBuilderAddAttr(definition, spec);
    for (const char* spec : op.inputs) TF_OpDefinitionBuilderAddInput(definition, spec);
    for (const char* spec : op.outputs) TF_OpDefinitionBuilderAddOutput(definition, spec);
    TF_OpDefinitionBuilderSetShapeInferenceFunction(
        definition, [](TF_ShapeInferenceContext*, TF_Status*) {});  // eager calls need none
    TF_RegisterOpDefinition(definition, status);
    if (TF_GetCode(status) == TF_OK) {
      TF_KernelBuilder* kernel = TF_NewKernelBuilder(name.c_str(), "CPU", creates[count], computeKernel, deleteKernel);
      TF_RegisterKernelBuilder(name.c_str(), kernel, status);
    }
    if (TF_GetCode(status) != TF_OK) {
      error = name + ": " + TF_Message(status);
      break;
    }
    count++;
  }
  TF_DeleteStatus(status);
  return error;
}

}  // namespace retail
