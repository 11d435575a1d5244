// The text of /metrics: what the workers counted, added up. Names and help are those of the catalogue.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/enrich/databases.h"
#include "daemon/http/closed_connections.h"
#include "daemon/http/request_counts.h"
#include "daemon/log/kafka_client_stats.h"
#include "daemon/metrics/ingest_counts.h"
#include "daemon/metrics/process_stats.h"
#include "daemon/metrics/worker_metrics.h"
#include "daemon/store/state_store.h"

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
  RequestCounts::Table requests{};
  std::map<std::string, ClosedConnections::Numbers> connections_closed;  // By port.
  std::array<uint64_t, IngestCounts::kCodes.size()> ingest{};            // Embedded log.
  struct Kafka {
    int64_t lag_events = 0;
    int64_t waiting_since_millis = 0;  // The oldest of them; 0: none waits.
    uint64_t rebalances = 0;
    uint64_t partitions_lost = 0;
    uint64_t producers_renewed = 0;
    uint64_t sources_stopped = 0;                // Of kafka.ingest: rekey: partitions that wait for a person.
    std::optional<uint64_t> heartbeat_failures;  // None: none are sent.
    std::optional<uint64_t> rekeyed;  // Records that kafka.ingest: rekey has moved; none: it is not used.
    KafkaClientNumbers consumers;
    KafkaClientNumbers producers;
    uint64_t consumer_connections = 0;
    uint64_t producer_connections = 0;
  };
  std::optional<Kafka> kafka;  // None: the embedded log.
  std::string kafka_library;
  ProcessStats process;
  StoreStats store;
  uint64_t state_disk_bytes = 0;
  uint64_t state_disk_free_bytes = 0;
  uint64_t memory_budget_bytes = 0;
  uint64_t memory_limit_bytes = 0;
  bool config_reload_ok = true;
  Timestamp config_reloaded_at;
  bool geoip_reload_ok = true;
};

// Prometheus text format. No account, address or other personal value is ever a label.
[[nodiscard]] std::string MetricsText(const std::vector<const WorkerMetrics*>& workers,
                                      const ProcessFacts& facts);

}  // namespace tocsin::daemon
