// Keeps the databases current while the daemon runs: looks at the files every few seconds, loads changed ones
// in the background and swaps the whole set at once. A file that is broken, half written or gone is refused
// with a report, and the old set stays in use.
//
// Write new versions under another name and rename them onto the configured one. A file that is overwritten
// in place is only read after it has stopped changing for one interval.
//
// Thread safety: all members may be called from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "daemon/enrich/databases.h"
#include "daemon/enrich/private_copy.h"

namespace tocsin::daemon {

class DatabaseWatcher final {
 public:
  struct Options {
    std::chrono::milliseconds interval{5000};
    // Called on the thread that looks, one at a time. May be empty. They must not call Look or the
    // destructor.
    std::function<void(const Databases&)> on_swapped;
    std::function<void(const Error&)> on_refused;  // Once for each new reason, not at every look.
  };

  // Starts a thread that looks every `interval`; an interval of 0 starts none, and only Look() looks.
  DatabaseWatcher(DatabasePaths paths, std::shared_ptr<const Databases> loaded, Options options);
  ~DatabaseWatcher();
  DatabaseWatcher(const DatabaseWatcher&) = delete;
  DatabaseWatcher& operator=(const DatabaseWatcher&) = delete;

  // The set in use; never null. Workers take it between batches:
  //   if (watcher.generation() != seen) { seen = watcher.generation(); enricher.Use(watcher.Current()); }
  [[nodiscard]] std::shared_ptr<const Databases> Current() const;
  // Grows with every swap; cheap to ask (one atomic load).
  [[nodiscard]] uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

  // Looks now, in this thread, and loads what changed without waiting for it to settle (a person asked:
  // reload, SIGHUP). True when a new set is in use; the error when it was refused.
  Result<bool> Look();

  // Other files from now on: loads them, and keeps the old set and the old paths when they are refused.
  Result<bool> UsePaths(DatabasePaths paths);

  [[nodiscard]] uint64_t swaps() const { return generation(); }
  [[nodiscard]] uint64_t refusals() const { return refusals_.load(std::memory_order_relaxed); }

 private:
  // One entry a file, empty for one that cannot be looked at.
  using Stamps = std::vector<std::optional<FileStamp>>;
  static Stamps StampsOf(const DatabasePaths& paths);

  void Run(const std::stop_token& stop);
  // REQUIRES: look_mutex_ is held.
  Result<bool> LookLocked(bool settle);
  Result<bool> Load(const DatabasePaths& paths, const Stamps& stamps);

  const Options options_;
  std::mutex look_mutex_;  // One look at a time; guards the members up to the next mutex.
  DatabasePaths paths_;
  Stamps used_;     // Of the set in use, or of the last one that was refused for good.
  Stamps pending_;  // At the last look, when they differed from used_.
  std::string last_refusal_;

  mutable std::mutex current_mutex_;
  std::shared_ptr<const Databases> current_;
  std::atomic<uint64_t> generation_{0};
  std::atomic<uint64_t> refusals_{0};

  std::mutex wake_mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // Last: it uses everything above.
};

}  // namespace tocsin::daemon
