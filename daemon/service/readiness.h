// Why /readyz answers 503, in the words of who is waiting.
//
// A start is over when every partition that can be restored is: then a rollout takes the next process. After
// that a rebalance takes no process out of service that still serves a partition: its answer page is for
// every account, and the partitions that it restores are watched by others (lag, restores). A partition that
// waits for a person holds back nothing either: the remedy may be the rollout. Without brokers nothing can be
// answered for, whatever is restored.
#pragma once

#include <cstdint>
#include <string>

#include "daemon/log/kafka_client_stats.h"

namespace tocsin::daemon {

struct Readiness {
  bool stopping = false;
  bool begun = false;       // The log is there.
  bool serving = false;     // Every server listens.
  bool working = false;     // No worker has ended, and none hangs.
  bool restored = false;    // Every partition was served, or stopped, at some time since the start.
  uint64_t partitions = 0;  // Of this process: served,
  uint64_t restoring = 0;   // not restored yet,
  uint64_t stopped = 0;     // waiting for a person.
  KafkaReach reach = KafkaReach::kAll;
};

// "" when it is ready.
[[nodiscard]] std::string WhyNotReady(const Readiness& readiness);

}  // namespace tocsin::daemon
