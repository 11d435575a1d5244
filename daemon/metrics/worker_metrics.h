// What one worker counts. Each counter has one writer (the worker's thread); anyone may read. /metrics adds
// the workers up.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "detectors/registry.h"

namespace tocsin::daemon {

// A counter with one writer: cheaper than a locked add.
class Count {
 public:
  void Add(uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void Set(uint64_t n) { value_.store(n, std::memory_order_relaxed); }
  [[nodiscard]] uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// Counts per bucket of a fixed, roughly doubling scale; upper bounds in seconds.
struct Distribution {
  static constexpr std::array<double, 20> kBounds = {50e-6, 100e-6, 200e-6, 500e-6, 1e-3, 2e-3, 5e-3,
                                                     10e-3, 20e-3,  50e-3,  0.1,    0.25, 0.5,  1,
                                                     2.5,   5,      10,     30,     300,  3600};
  std::array<Count, kBounds.size() + 1> buckets;
  std::atomic<double> sum{0};
  void Observe(double seconds) {
    size_t i = 0;
    while (i < kBounds.size() && seconds > kBounds[i]) ++i;
    buckets[i].Add();
    sum.store(sum.load(std::memory_order_relaxed) + seconds, std::memory_order_relaxed);
  }
};

struct WorkerMetrics {
  std::array<Count, 6> events;  // By EventType.
  Count dead_letters;
  Count duplicates;
  Count late;
  Count unknown_members;
  struct DetectorCounts {
    Count alert, clear, not_evaluable;
  };
  std::array<DetectorCounts, detectors::kDetectorCount> verdicts;  // Events a detector looks at.
  struct LabelCounts {
    Count right, wrong;
  };
  std::array<LabelCounts, detectors::kDetectorCount> labels;
  std::array<Count, detectors::kDetectorCount> in_shadow;  // 1: for its precision, in a partition at least.
  std::array<Count, 5> findings_by_severity;
  Count findings, notices, notices_held, tickets, actions;

  Count commits, commit_failures, commit_events, restores;
  Count checkpoints, checkpoint_failures;
  Count records;      // Input records processed.
  Count state_loads;  // States read from disk.
  Count state_evictions;
  Count states_in_memory, state_bytes;
  Count partitions;
  Count partitions_stopped;  // Wait for a person.
  std::atomic<int64_t> last_event_millis{0};     // Event time of the newest processed event.
  std::atomic<int64_t> last_progress_millis{0};  // Wall clock at which the worker last went round.
  Distribution commit_seconds;
  Distribution checkpoint_seconds;
  Distribution restore_seconds;
  Distribution append_to_commit_seconds;  // From the log's time of a record to its commit; one sample per
                                          // commit (oldest record).
};

}  // namespace tocsin::daemon
