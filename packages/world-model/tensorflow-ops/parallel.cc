#include "parallel.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace retail {
namespace {

struct Loop {
  int64_t items;
  int64_t grain;
  const std::function<void(int64_t, int64_t)>* work;
  std::atomic<int64_t> next{0};
};

void runPieces(Loop& loop) {
  for (;;) {
    const int64_t begin = loop.next.fetch_add(loop.grain);
    if (begin >= loop.items) return;
    (*loop.work)(begin, std::min(begin + loop.grain, loop.items));
  }
}

/** Helpers that sleep between loops: two ops of the model are often apart, and other work needs the cores. */
class Pool {
 public:
  void resize(int helpers) {
    std::lock_guard<std::mutex> busy(busy_);
    stop();
    stopping_ = false;
    for (int i = 0; i < helpers; i++) helpers_.emplace_back([this] { help(); });
  }

  void run(Loop& loop) {
    std::unique_lock<std::mutex> busy(busy_, std::try_to_lock);
    if (!busy.owns_lock() || helpers_.empty()) {
      runPieces(loop);
      return;
    }
    {
      std::lock_guard<std::mutex> lock(mutex_);
      loop_ = &loop;
      pending_ = helpers_.size();
      generation_++;
    }
    wake_.notify_all();
    runPieces(loop);
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, [this] { return pending_ == 0; });
  }

  ~Pool() { stop(); }

 private:
  void help() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (uint64_t seen = generation_;;) {
      wake_.wait(lock, [&] { return stopping_ || generation_ != seen; });
      if (stopping_) return;
      seen = generation_;
      Loop& loop = *loop_;
      lock.unlock();
      runPieces(loop);
      lock.lock();
      if (--pending_ == 0) done_.notify_one();
    }
  }

  void stop() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (auto& helper : helpers_) helper.join();
    helpers_.clear();
  }

  std::mutex busy_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  std::vector<std::thread> helpers_;
  Loop* loop_ = nullptr;
  size_t pending_ = 0;
  uint64_t generation_ = 0;
  bool stopping_ = false;
};

/** Never destroyed: at the exit of a process its threads are gone before static objects are. */
Pool& pool() {
  static Pool* instance = new Pool();
  return *instance;
}

}  // namespace

void setThreads(int threads) { pool().resize(std::max(threads - 1, 0)); }

void parallelFor(int64_t items, int64_t grain, const std::function<void(int64_t, int64_t)>& work) {
  Loop loop{items, std::max<int64_t>(grain, 1), &work};
  if (items <= loop.grain) {
    if (items > 0) work(0, items);
    return;
  }
  pool().run(loop);
}

}  // namespace retail
