// Who changed what, through the admin interface or by another configuration file, in a file that outlives the
// process: one JSON object a line, on disk before the answer goes out. And, in a file of its own, which
// accounts were erased: anybody who publishes events says that, and pushes nothing out of the other.
#pragma once

#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace tocsin::daemon {

struct AuditEntry {
  std::string action;                // "account.erase", "config.reload"
  std::string subject;               // What it was done to: an account's reference, an id. Never personal.
  std::string outcome;               // "done", or why not.
  std::string from;                  // Address of who asked; "signal", "file".
  std::string credential;            // Which token it was; "": none was needed.
  std::vector<std::string> changed;  // Keys of the configuration, never their values.
};

// Thread safe.
class AuditLog {
 public:
  // How many files are kept beside the one that is written.
  static constexpr int kAsideMax = 15;
  // `name`.jsonl. At 16 MiB it is set aside as `name`.1.jsonl, and each of those before takes the next
  // number; what was the last of them is gone.
  AuditLog(std::string directory, std::function<Timestamp()> wall_clock, std::string name = "audit");
  // kUnavailable: it could not be written, and nothing of it is there; what it is about should not be done.
  [[nodiscard]] Result<Done> Write(const AuditEntry& entry) { return Write({&entry, 1}); }
  [[nodiscard]] Result<Done> Write(std::span<const AuditEntry> entries);
  // The newest lines of all files, oldest first, from at most 1 MiB of their end; unfinished ones are passed
  // over.
  [[nodiscard]] std::vector<std::string> Newest(size_t lines_max) const;

 private:
  [[nodiscard]] std::string Aside(int number) const;
  void SetAside() const;

  const std::string directory_;
  const std::string name_;
  const std::string path_;
  const std::function<Timestamp()> wall_clock_;
  mutable std::mutex mutex_;
};

// The last lines of a file, oldest first, from at most `bytes_max` of its end.
[[nodiscard]] std::vector<std::string> LastLines(const std::string& path, size_t lines_max, size_t bytes_max);
// The same of several files, oldest first; `bytes_max` of all of them.
[[nodiscard]] std::vector<std::string> LastLines(const std::vector<std::string>& paths, size_t lines_max,
                                                 size_t bytes_max);

}  // namespace tocsin::daemon
