// What one worker counts. Each counter has one writer (the worker's thread); anyone may read. /metrics adds
// the workers up.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "daemon/metrics/heartbeats.h"
#include "daemon/metrics/latencies.h"
#include "detectors/registry.h"
#include "schemas/rejection.h"

namespace tocsin::daemon {

struct WorkerMetrics {
  std::array<Count, 6> events;  // By EventType.
  Count dead_letters;
  static constexpr size_t kReasons = static_cast<size_t>(schemas::RejectionCode::kUnsupportedEnvelope) + 1;
  std::array<Count, kReasons> dead_letters_by_reason;
  Count duplicates;
  Count accounts_erased;
  Count erasures_passed_over;
  Count late;
  Count clamped;
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
  Count notices_unaddressed;  // Of notices_held; a summary tells them apart, no metric does.
  std::array<Count, 5> notices_by_severity;
  std::array<std::array<Count, 5>, 4> tickets_by_operation;  // Then by priority: P1 is 1.
  std::array<Count, 6> actions_by_kind;
  std::array<std::array<Count, 5>, 4> feedback;  // By FeedbackBy, then FeedbackVerdict.
  static constexpr std::array<const char*, 4> kAbout = {"case", "finding", "notice", "payment"};
  std::array<std::array<Count, kAbout.size()>, 4> feedback_unmatched;  // By FeedbackBy, then kAbout.

  Count commits, commit_failures, commit_events, restores, restored_records, resumes;
  Count checkpoints, checkpoint_failures;
  Count records;      // Input records processed.
  Count state_loads;  // States read from disk.
  Count state_evictions;
  Count states_in_memory, state_bytes;
  Count partitions;
  Count partitions_restoring;
  Count partitions_stopped;                        // Wait for a person.
  Count cpu_micros;                                // Of the worker's thread.
  std::atomic<int64_t> checkpoint_last_millis{0};  // Wall clock; 0: none yet.
  std::atomic<int64_t> last_event_millis{0};       // Event time of the newest processed event.
  std::atomic<int64_t> last_progress_millis{0};    // Wall clock at which the worker last went round.
  Distribution commit_seconds;
  Distribution checkpoint_seconds;
  Distribution restore_seconds;
  Distribution append_to_commit_seconds;  // From the log's time of an event.
  Distribution event_to_commit_seconds;   // From its own.
  std::array<StageTimes, kStages.size()> stage_seconds;
  LatencySamples uncommitted;  // The worker's thread only.
  Heartbeats heartbeats;
};

}  // namespace tocsin::daemon
