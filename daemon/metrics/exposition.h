// The text of /metrics: what the workers counted, added up, with names, help and labels. Names are declared
// here and only here.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/enrich/databases.h"
#include "daemon/metrics/worker_metrics.h"

namespace tocsin::daemon {

// What is not counted by a worker.
struct ProcessFacts {
  std::string version;
  std::string rules_hash;
  std::string geoip_version;
  std::vector<DatabaseInfo> databases;
  Timestamp started_at;
  Timestamp now;
  bool ready = false;
  uint64_t pending_bytes = 0;  // Accepted and not yet processed (embedded log).
  int64_t lag_events = -1;     // Kafka; -1: not known.
  int64_t rekeyed = -1;        // Records that kafka.ingest: rekey has moved; -1: it is not used.
  uint64_t state_disk_bytes = 0;
  bool config_reload_ok = true;
  Timestamp config_reloaded_at;
  bool geoip_reload_ok = true;
};

// Prometheus text format. No account, address or other personal value is ever a label.
[[nodiscard]] std::string MetricsText(const std::vector<const WorkerMetrics*>& workers,
                                      const ProcessFacts& facts);

}  // namespace tocsin::daemon
