// The library as a Node addon that is linked with the same TensorFlow library as TensorFlow.js's binding: loading it
// registers the ops there, after which that binding runs them by name.

#include <node_api.h>
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#if __has_include("absl/log/globals.h")
#include "absl/log/globals.h"
#define RETAIL_HAS_LOG_LEVEL
#endif

#include <string>

#include "op.h"
#include "parallel.h"

namespace {

/** Raised with every change of an op's name, inputs, outputs or attributes; OPS_VERSION of the TypeScript side. */
constexpr int kVersion = 1;

/** setThreads(count): threads of the ops. */
napi_value setThreads(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument = nullptr;
  int32_t threads = 0;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  if (count != 1 || napi_get_value_int32(env, argument, &threads) != napi_ok || threads < 1) {
    napi_throw_range_error(env, nullptr, "setThreads takes an integer of 1 or more");
    return nullptr;
  }
  retail::setThreads(threads);
  return nullptr;
}

std::string registerAll() {
  for (const auto* ops : {&retail::kElementwiseOps, &retail::kLayerNormalizationOps, &retail::kConvolutionOps,
                          &retail::kSelectiveScanOps, &retail::kAttentionOps, &retail::kTargetLogProbabilityOps,
                          &retail::kAdamWOps}) {
    const std::string error = retail::registerOps(*ops);
    if (!error.empty()) return error;
  }
  return "";
}

/**
 * A step frees and takes again the same tensors of some MB. By default the C library maps such blocks anew each time,
 * and the kernel clears every page of them: half a second in a step of the full model.
 */
void keepFreedMemory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
  mallopt(M_TOP_PAD, 64 << 20);
#endif
}

/** Newer releases log through Abseil, which knows nothing of TF_CPP_MIN_LOG_LEVEL. */
void keepRemarksOff() {
#ifdef RETAIL_HAS_LOG_LEVEL
  absl::SetMinLogLevel(absl::LogSeverityAtLeast::kWarning);
#endif
}

napi_value initialize(napi_env env, napi_value exports) {
  keepRemarksOff();
  static const std::string error = registerAll();  // once for the process, not for each thread that loads the addon
  if (!error.empty()) {
    napi_throw_error(env, nullptr, error.c_str());
    return nullptr;
  }
  keepFreedMemory();
  napi_value version = nullptr;
  napi_value function = nullptr;
  napi_create_int32(env, kVersion, &version);
  napi_create_function(env, "setThreads", NAPI_AUTO_LENGTH, setThreads, nullptr, &function);
  napi_set_named_property(env, exports, "version", version);
  napi_set_named_property(env, exports, "setThreads", function);
  return exports;
}

}  // namespace

NAPI_MODULE(retail_ops, initialize)
