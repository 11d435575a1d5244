// How the engine batches, how much memory it may hold, how often it writes checkpoints.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>

#include "base/setting.h"

namespace tocsin::daemon {

struct EngineConfig {
  int workers = 0;             // Threads, each with its own consumer and producer; 0: one per core.
  int commit_events = 10'000;  // Commit after so many records …
  int commit_output_bytes = 8 << 20;
  std::chrono::seconds drain_timeout =
      std::chrono::seconds(20);  // On SIGTERM: finish and commit within this.
  double commit_interval_ms = 100;
  int state_memory_mb = 512;  // Of all account tables together.
  int block_cache_mb = 64;    // Of the store.
  int memory_limit_mb = 0;    // For all of the process; 0: what the machine or the container gives.
  std::chrono::seconds checkpoint_interval = std::chrono::seconds(30);
  int checkpoint_mb = 64;  // Or after so many changed bytes of a partition.

  static const std::array<Setting<EngineConfig>, 10> kSettings;
};

}  // namespace tocsin::daemon
