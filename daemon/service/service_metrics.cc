// What the service says of itself at /metrics.
#include <filesystem>

#include "daemon/config/memory_budget.h"
#include "daemon/metrics/delivery_exposition.h"
#include "daemon/service/service.h"
#include "daemon/version.h"

namespace tocsin::daemon {
namespace {

ProcessFacts::Kafka KafkaFacts(const KafkaStats& stats, bool rekeys) {
  ProcessFacts::Kafka facts;
  for (const KafkaStats::Lag& lag : stats.Lags()) {
    facts.lag_events += lag.records;
    const int64_t since = lag.waiting_since_millis;
    if (since != 0 && (facts.waiting_since_millis == 0 || since < facts.waiting_since_millis))
      facts.waiting_since_millis = since;
  }
  facts.rebalances = stats.rebalances.load();
  facts.partitions_lost = stats.partitions_lost.load();
  facts.producers_renewed = stats.producers_renewed.load();
  facts.sources_stopped = stats.sources_stopped.load();
  if (rekeys) facts.rekeyed = stats.rekeyed.load();
  facts.consumers = stats.consumers.Sum();
  facts.producers = stats.producers.Sum();
  facts.consumer_connections = stats.consumers.Connections();
  facts.producer_connections = stats.producers.Connections();
  return facts;
}

}  // namespace

std::function<void(std::string_view path, int status)> Service::CountsRequests() {
  return [this](std::string_view path, int status) { request_counts_.Add(path, status); };
}

HttpResponse Service::Metrics() const {
  ProcessFacts facts;
  const std::shared_ptr<const Databases> databases = databases_->Current();
  const bool serving = serving_;  // What the start makes is looked at when it is there.
  facts.version = kProgramVersion;
  facts.geoip_version = databases->version();
  facts.databases = databases->infos();
  facts.started_at = started_at_;
  facts.now = std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  facts.ready = Ready();
  facts.pending_bytes = local_ ? local_->PendingBytes() : 0;
  facts.requests = request_counts_.Read();
  facts.connections_closed = {{"admin", connections_closed_.admin.Read()},
                              {"events", connections_closed_.events.Read()},
                              {"metrics", connections_closed_.metrics.Read()}};
  facts.ingest = ingest_counts_.Read();
  if (!local_) facts.kafka = KafkaFacts(kafka_stats_, !config_.kafka.sources.empty());
  if (serving && heartbeat_) facts.kafka->heartbeat_failures = heartbeat_->failures();
  facts.kafka_library = KafkaLibraryVersion();
  facts.process = ReadProcessStats();
  facts.store = state_->Stats();
  facts.state_disk_bytes = state_->DiskBytes();
  std::error_code ignored;
  facts.state_disk_free_bytes = std::filesystem::space(config_.state_dir, ignored).available;
  if (serving) facts.memory_budget_bytes = BudgetOf(config_, workers_, kafka_topics_.partitions).Sum();
  facts.memory_limit_bytes = MemoryLimit(config_.engine);
  facts.config_reload_ok = reloader_.accepted();
  facts.geoip_reload_ok = geoip_reload_ok_;
  {
    const std::lock_guard lock(rules_mutex_);
    facts.rules_hash = config_.rules_hash;
    facts.config_reloaded_at = config_reloaded_at_;
  }
  std::vector<const WorkerMetrics*> workers;
  if (serving) {
    for (const auto& metrics : metrics_) workers.push_back(metrics.get());
  }
  std::string text = MetricsText(workers, facts);
  if (serving && delivery_) text += DeliveryMetricsText(delivery_->metrics(), delivery_->Work(), facts.now);
  return {.status = 200,
          .content_type = "text/plain; version=0.0.4; charset=utf-8",
          .body = std::move(text),
          .headers = {}};
}

}  // namespace tocsin::daemon
