// A Node addon of its own, linked with nothing: loads shared libraries with stderr closed meanwhile. TensorFlow talks
// about itself while it is being loaded, before anything can tell it not to.

#include <dlfcn.h>
#include <fcntl.h>
#include <node_api.h>
#include <stdio.h>
#include <unistd.h>

#include <string>

namespace {

/** stderr leads nowhere while this lives. */
class Silence {
 public:
  Silence() {
    fflush(stderr);
    saved_ = dup(STDERR_FILENO);
    const int nowhere = open("/dev/null", O_WRONLY);
    if (saved_ >= 0 && nowhere >= 0) dup2(nowhere, STDERR_FILENO);
    if (nowhere >= 0) close(nowhere);
  }
  ~Silence() {
    fflush(stderr);
    if (saved_ < 0) return;
    dup2(saved_, STDERR_FILENO);
    close(saved_);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  int saved_;
};

/** Path of a library, a string; throws what the loader says when it can't be loaded. */
napi_value preload(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument = nullptr;
  char path[4096];
  size_t length = 0;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  if (count != 1 || napi_get_value_string_utf8(env, argument, path, sizeof path, &length) != napi_ok) {
    napi_throw_type_error(env, nullptr, "preload takes the path of a library");
    return nullptr;
  }
  std::string error;
  {
    const Silence silence;
    // Never closed again: the addons that need the library find it loaded.
    if (dlopen(path, RTLD_NOW | RTLD_LOCAL) == nullptr) error = dlerror();
  }
  if (!error.empty()) napi_throw_error(env, nullptr, error.c_str());
  return nullptr;
}

napi_value initialize(napi_env env, napi_value exports) {
  napi_value function = nullptr;
  napi_create_function(env, "preload", NAPI_AUTO_LENGTH, preload, nullptr, &function);
  napi_set_named_property(env, exports, "preload", function);
  return exports;
}

}  // namespace

NAPI_MODULE(preload, initialize)
