// Threads of the ops. The pieces of a loop follow from its length alone, so that no sum depends on the number of threads.
#ifndef RETAIL_PARALLEL_H_
#define RETAIL_PARALLEL_H_

#include <cstdint>
#include <functional>

namespace retail {

/** Threads that share the work from now on, the calling one included. */
void setThreads(int threads);

/** Calls `work(begin, end)` on pieces of `grain` of 0..items-1, on any thread and in any order; returns when all are done. */
void parallelFor(int64_t items, int64_t grain, const std::function<void(int64_t, int64_t)>& work);

}  // namespace retail

#endif  // RETAIL_PARALLEL_H_
