// A thread pool for kernels, since TensorFlow's C interface gives no access to its own. The calling thread
// does the work itself, and idle threads help. It never waits for a helper that has not begun, so two ops that
// run at once on fewer cores than threads just share them.
#pragma once
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

namespace hebb {

struct Job {
  const std::function<void(int)>& work;
  const int pieces;
  std::atomic<int> next{0};
  int helpers = 0;  // guarded by the pool's mutex
};

class Pool {
 public:
  /** The pool of this process. It is never destroyed, since its threads may be running at exit. */
  static Pool& shared() {
    static Pool* pool = new Pool(std::max(1u, std::thread::hardware_concurrency()));
    return *pool;
  }

  /** Number of threads, including the caller. */
  int threads() const { return threads_; }

  /** Runs `work(0)` to `work(pieces - 1)` in parallel, in any order; returns when all are done. */
  void run(int pieces, const std::function<void(int)>& work) {
    Job job{work, pieces};
    if (pieces > 1) {
      std::lock_guard<std::mutex> lock(mutex_);
      jobs_.push_back(&job);
      news_.notify_all();
    }
    take(job);
    if (pieces <= 1) return;
    std::unique_lock<std::mutex> lock(mutex_);
    jobs_.remove(&job);
    left_.wait(lock, [&] { return job.helpers == 0; });
  }

 private:
  explicit Pool(unsigned threads) : threads_(threads) {
    for (unsigned i = 1; i < threads; i++) std::thread([this] { help(); }).detach();
  }

  static void take(Job& job) {
    for (int i; (i = job.next.fetch_add(1)) < job.pieces;) job.work(i);
  }

  void help() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      news_.wait(lock, [&] { return !jobs_.empty(); });
      Job& job = *jobs_.front();
      job.helpers++;
      lock.unlock();
      take(job);
      lock.lock();
      jobs_.remove(&job);  // all its pieces have begun
      if (--job.helpers == 0) left_.notify_all();
    }
  }

  const int threads_;
  std::mutex mutex_;
  std::condition_variable news_, left_;
  std::list<Job*> jobs_;
};

}  // namespace hebb
