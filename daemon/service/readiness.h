// Why /readyz answers 503, in the words of who is waiting.
#pragma once

#include <cstdint>
#include <string>

namespace tocsin::daemon {

struct Readiness {
  bool stopping = false;
  bool begun = false;       // The log is there.
  bool serving = false;     // Every server listens.
  bool working = false;     // No worker has ended, and none hangs.
  uint64_t partitions = 0;  // Of this process: served,
  uint64_t restoring = 0;   // not restored yet,
  uint64_t stopped = 0;     // waiting for a person.
};

// "" when it is ready.
[[nodiscard]] std::string WhyNotReady(const Readiness& readiness);

}  // namespace tocsin::daemon
