// The memory that the configuration lets the program hold, as a sum, against what the machine or the
// container gives it.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "daemon/config/config.h"

namespace tocsin::daemon {

// In bytes.
struct MemoryBudget {
  uint64_t states = 0;         // engine.state_memory_mb.
  uint64_t block_cache = 0;    // engine.block_cache_mb.
  uint64_t uncommitted = 0;    // Outputs and changes of one commit of each worker, and their copy on the way.
  uint64_t queues = 0;         // Of the Kafka client, or of HTTP senders.
  uint64_t write_buffers = 0;  // Of the store.
  uint64_t program = 0;        // Code, tables, databases as far as they are not mapped, threads.
  [[nodiscard]] uint64_t Sum() const {
    return states + block_cache + uncommitted + queues + write_buffers + program;
  }
};
// `partitions`: of each topic that the tasks read over Kafka; 0: not known, then they are taken to be few.
[[nodiscard]] MemoryBudget BudgetOf(const Config& config, int workers, int partitions = 0);

// engine.memory_limit_mb, that of the control group this process is in (version 2 or 1), or that of the
// machine, whichever is least. `cgroup_root` is /sys/fs/cgroup but in tests; the limit of the machine holds
// when nothing there can be read.
[[nodiscard]] uint64_t MemoryLimit(const EngineConfig& config,
                                   const std::string& cgroup_root = "/sys/fs/cgroup");

// What can be said on any machine: engine.memory_limit_mb against the sum, with one worker where their number
// is the machine's.
[[nodiscard]] Result<Done> CheckConfiguredMemory(const Config& config);

// kInvalid, with every addend and its key, when the sum is above the limit.
[[nodiscard]] Result<Done> CheckMemory(const MemoryBudget& budget, uint64_t limit);

}  // namespace tocsin::daemon
