// The configuration file of a running daemon: read again when somebody asks or when it has changed, taken
// over whole or not at all.
#pragma once

#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/difference.h"
#include "daemon/config/load_config.h"

namespace tocsin::daemon {

// What made the file be read again.
enum class ReloadCause { kSignal, kFile, kAdmin };

struct ReloadOutcome {
  std::string file;  // That was read; "": none.
  bool accepted = false;
  std::vector<ConfigProblem> problems;  // All of them; of an accepted one, warnings.
  std::vector<ChangedKey> changed;      // Against what is in use; what is not live waits for a restart.
  std::string rules_hash;               // In use now.
};
// {"file":"…","accepted":true,"rules":"…","changed":[{"key":"…","was":"…","is":"…","applies":"now"},…],"problems":[…]}
[[nodiscard]] std::string ReloadJson(const ReloadOutcome& outcome);

// Thread safe; one reload at a time.
class Reloader {
 public:
  using Told = std::function<void(ReloadCause, const ReloadOutcome&)>;
  // `use` gets each configuration that is accepted and differs in what a running daemon takes over. `told`
  // gets the outcome of each reload, as the log does; it may be empty.
  Reloader(std::string path, Config running, std::function<void(const Config& taken)> use, Told told = {});

  // Reads the file and takes it over. Says in the log what changed, or everything that is wrong with it.
  ReloadOutcome Reload(ReloadCause cause);
  // Call often. Reloads when the file is another one than it was, and has been left alone for a second: an
  // editor, a copy or Kubernetes may be in the middle of it. A file that only looks changed is passed over in
  // silence.
  void Watch(std::chrono::steady_clock::time_point now);

  [[nodiscard]] Config running() const;
  // False: the last file was refused, and what was there before is in use.
  [[nodiscard]] bool accepted() const { return accepted_; }
  // Keys of the newest file that wait for a restart.
  [[nodiscard]] std::vector<std::string> waiting() const;

 private:
  // What tells one state of the file from another, without reading it.
  struct Look {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1;
    int64_t changed_at = 0;  // Nanoseconds.
    friend bool operator==(const Look&, const Look&) = default;
  };
  [[nodiscard]] Look LookAtFile() const;
  ReloadOutcome TakeOver(ReloadCause cause);
  void Tell(ReloadCause cause, const ReloadOutcome& outcome) const;

  const std::string path_;
  const std::function<void(const Config&)> use_;
  const Told told_;
  mutable std::mutex mutex_;
  Config running_;
  std::atomic<bool> accepted_{true};
  std::vector<std::string> waiting_keys_;
  Look taken_;    // Of the file that was read last.
  Look waiting_;  // Of one that may still be written to.
  std::chrono::steady_clock::time_point looked_at_;
  std::chrono::steady_clock::time_point waiting_since_;
};

}  // namespace tocsin::daemon
