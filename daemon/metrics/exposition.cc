#include "daemon/metrics/exposition.h"

#include <algorithm>
#include <utility>

#include "daemon/metrics/exposition_writer.h"
#include "detectors/detector_set.h"
#include "schemas/enum_names.h"

namespace tocsin::daemon {
namespace {

using Workers = std::vector<const WorkerMetrics*>;

// Of all workers; `get` gives the counter of one.
template <class Get>
double Sum(const Workers& workers, const Get& get) {
  double sum = 0;
  for (const WorkerMetrics* worker : workers) sum += static_cast<double>(get(*worker).value());
  return sum;
}

double Seconds(int64_t millis) { return static_cast<double>(millis) / 1000; }

// Writes sums over the workers.
class WorkerSums {
 public:
  WorkerSums(Exposition& out, const Workers& workers) : out_(out), workers_(workers) {}
  void Add(DeclaredMetric declared, Count WorkerMetrics::*member) {
    out_.Add(declared, Sum(workers_, [member](const auto& w) -> const Count& { return w.*member; }));
  }
  void Add(DeclaredMetric declared, Distribution WorkerMetrics::*member) {
    std::vector<const Distribution*> parts;
    for (const WorkerMetrics* worker : workers_) parts.push_back(&(worker->*member));
    Exposition::AddHistogram(out_.Family(declared), parts);
  }
  // One sample for each value of an enum, from an array that it counts through.
  template <class E, size_t kSize>
  void AddByEnum(DeclaredMetric declared, const char* label,
                 std::array<Count, kSize> WorkerMetrics::*member) {
    auto& family = out_.Family(declared);
    for (const auto& [value, name] : schemas::EnumNames<E>()) {
      const auto at = static_cast<size_t>(value);
      Exposition::Add(family, Sum(workers_, [&](const auto& w) -> const Count& { return (w.*member)[at]; }),
                      {{label, std::string(name)}});
    }
  }
  // One sample for each pair.
  template <class Outer, class Inner, size_t kOuter, size_t kInner>
  void AddByEnums(DeclaredMetric declared, const char* outer_label, const char* inner_label,
                  std::array<std::array<Count, kInner>, kOuter> WorkerMetrics::*member) {
    auto& family = out_.Family(declared);
    for (const auto& outer : schemas::EnumNames<Outer>()) {
      for (const auto& inner : schemas::EnumNames<Inner>()) {
        const auto get = [&](const auto& w) -> const Count& {
          return (w.*member)[static_cast<size_t>(outer.value)][static_cast<size_t>(inner.value)];
        };
        Exposition::Add(family, Sum(workers_, get),
                        {{outer_label, std::string(outer.name)}, {inner_label, std::string(inner.name)}});
      }
    }
  }

 private:
  Exposition& out_;
  const Workers& workers_;
};

void AddInput(Exposition& out, const Workers& workers) {
  WorkerSums sums(out, workers);
  sums.Add("tocsin_records_total", &WorkerMetrics::records);
  sums.AddByEnum<schemas::EventType>("tocsin_events_total", "type", &WorkerMetrics::events);
  auto& letters = out.Family("tocsin_dead_letters_total");
  for (size_t i = 0; i < WorkerMetrics::kReasons; ++i) {
    Exposition::Add(letters,
                    Sum(workers, [i](const auto& w) -> const Count& { return w.dead_letters_by_reason[i]; }),
                    {{"reason", std::string(schemas::CodeName(static_cast<schemas::RejectionCode>(i)))}});
  }
  sums.Add("tocsin_duplicate_events_total", &WorkerMetrics::duplicates);
  sums.Add("tocsin_accounts_erased_total", &WorkerMetrics::accounts_erased);
  sums.Add("tocsin_erasures_passed_over_total", &WorkerMetrics::erasures_passed_over);
  sums.Add("tocsin_late_events_total", &WorkerMetrics::late);
  sums.Add("tocsin_clamped_events_total", &WorkerMetrics::clamped);
  sums.Add("tocsin_unknown_members_total", &WorkerMetrics::unknown_members);
  int64_t newest = 0;
  for (const WorkerMetrics* worker : workers)
    newest = std::max(newest, worker->last_event_millis.load(std::memory_order_relaxed));
  out.Add("tocsin_last_event_timestamp_seconds", Seconds(newest));
}

void AddTimes(Exposition& out, const Workers& workers) {
  WorkerSums sums(out, workers);
  sums.Add("tocsin_append_to_commit_seconds", &WorkerMetrics::append_to_commit_seconds);
  sums.Add("tocsin_event_to_commit_seconds", &WorkerMetrics::event_to_commit_seconds);
  auto& stages = out.Family("tocsin_stage_seconds");
  for (size_t i = 0; i < kStages.size(); ++i) {
    std::vector<const StageTimes*> parts;
    for (const WorkerMetrics* worker : workers) parts.push_back(&worker->stage_seconds[i]);
    Exposition::AddHistogram(stages, parts, {{"stage", std::string(kStages[i])}});
  }
}

void AddDetection(Exposition& out, const Workers& workers) {
  const auto catalogue = detectors::Catalogue();
  auto& verdicts = out.Family("tocsin_verdicts_total");
  for (size_t i = 0; i < catalogue.size(); ++i) {
    const auto add = [&](const char* name, Count WorkerMetrics::DetectorCounts::*member) {
      Exposition::Add(verdicts,
                      Sum(workers, [&](const auto& w) -> const Count& { return w.verdicts[i].*member; }),
                      {{"detector", std::string(catalogue[i].id)}, {"verdict", name}});
    };
    add("alert", &WorkerMetrics::DetectorCounts::alert);
    add("clear", &WorkerMetrics::DetectorCounts::clear);
    add("not_evaluable", &WorkerMetrics::DetectorCounts::not_evaluable);
  }
  auto& labels = out.Family("tocsin_detector_labels_total");
  for (size_t i = 0; i < catalogue.size(); ++i) {
    const std::string detector(catalogue[i].id);
    Exposition::Add(labels, Sum(workers, [&](const auto& w) -> const Count& { return w.labels[i].right; }),
                    {{"detector", detector}, {"label", "right"}});
    Exposition::Add(labels, Sum(workers, [&](const auto& w) -> const Count& { return w.labels[i].wrong; }),
                    {{"detector", detector}, {"label", "wrong"}});
  }
  auto& shadows = out.Family("tocsin_detector_in_shadow");
  for (size_t i = 0; i < catalogue.size(); ++i) {
    bool in_shadow = false;
    for (const WorkerMetrics* worker : workers) in_shadow = in_shadow || worker->in_shadow[i].value() > 0;
    Exposition::Add(shadows, in_shadow ? 1 : 0, {{"detector", std::string(catalogue[i].id)}});
  }
  WorkerSums sums(out, workers);
  sums.AddByEnum<schemas::Severity>("tocsin_findings_total", "severity",
                                    &WorkerMetrics::findings_by_severity);
  sums.AddByEnums<schemas::FeedbackBy, schemas::FeedbackVerdict>("tocsin_feedback_total", "by", "verdict",
                                                                 &WorkerMetrics::feedback);
  auto& unmatched = out.Family("tocsin_feedback_unmatched_total");
  for (const auto by :
       {schemas::FeedbackBy::kOwner, schemas::FeedbackBy::kAnalyst, schemas::FeedbackBy::kSystem}) {
    for (size_t about = 0; about < WorkerMetrics::kAbout.size(); ++about) {
      const auto count = [&](const auto& w) -> const Count& {
        return w.feedback_unmatched[static_cast<size_t>(by)][about];
      };
      Exposition::Add(unmatched, Sum(workers, count),
                      {{"by", std::string(schemas::Name(by))}, {"about", WorkerMetrics::kAbout[about]}});
    }
  }
}

void AddDecisions(Exposition& out, const Workers& workers) {
  WorkerSums sums(out, workers);
  sums.AddByEnum<schemas::Severity>("tocsin_notices_total", "severity", &WorkerMetrics::notices_by_severity);
  sums.Add("tocsin_notices_held_total", &WorkerMetrics::notices_held);
  sums.AddByEnums<schemas::TicketOperation, schemas::Priority>(
      "tocsin_tickets_total", "operation", "priority", &WorkerMetrics::tickets_by_operation);
  sums.AddByEnum<schemas::ActionKind>("tocsin_actions_total", "action", &WorkerMetrics::actions_by_kind);
}

void AddEngine(Exposition& out, const Workers& workers, uint64_t sources_stopped) {
  WorkerSums sums(out, workers);
  out.Add("tocsin_workers", static_cast<double>(workers.size()));
  out.Add("tocsin_worker_cpu_seconds_total",
          Sum(workers, [](const auto& w) -> const Count& { return w.cpu_micros; }) / 1e6);
  sums.Add("tocsin_commits_total", &WorkerMetrics::commits);
  sums.Add("tocsin_commit_failures_total", &WorkerMetrics::commit_failures);
  sums.Add("tocsin_commit_seconds", &WorkerMetrics::commit_seconds);
  sums.Add("tocsin_checkpoints_total", &WorkerMetrics::checkpoints);
  sums.Add("tocsin_checkpoint_failures_total", &WorkerMetrics::checkpoint_failures);
  sums.Add("tocsin_checkpoint_seconds", &WorkerMetrics::checkpoint_seconds);
  int64_t newest = 0;
  for (const WorkerMetrics* worker : workers)
    newest = std::max(newest, worker->checkpoint_last_millis.load(std::memory_order_relaxed));
  out.Add("tocsin_checkpoint_last_timestamp_seconds", Seconds(newest));
  sums.Add("tocsin_restores_total", &WorkerMetrics::restores);
  sums.Add("tocsin_resumes_total", &WorkerMetrics::resumes);
  sums.Add("tocsin_restored_records_total", &WorkerMetrics::restored_records);
  sums.Add("tocsin_restore_seconds", &WorkerMetrics::restore_seconds);
  sums.Add("tocsin_partitions_assigned", &WorkerMetrics::partitions);
  sums.Add("tocsin_partitions_restoring", &WorkerMetrics::partitions_restoring);
  out.Add("tocsin_partitions_stopped", Sum(workers, [](const auto& w) -> const Count& {
                                         return w.partitions_stopped;
                                       }) + static_cast<double>(sources_stopped));
  sums.Add("tocsin_states_in_memory", &WorkerMetrics::states_in_memory);
  sums.Add("tocsin_state_memory_bytes", &WorkerMetrics::state_bytes);
  sums.Add("tocsin_state_loads_total", &WorkerMetrics::state_loads);
  sums.Add("tocsin_state_evictions_total", &WorkerMetrics::state_evictions);
}

void AddStore(Exposition& out, const ProcessFacts& facts) {
  const auto add = [&](DeclaredMetric declared, uint64_t value) {
    out.Add(declared, static_cast<double>(value));
  };
  add("tocsin_state_disk_bytes", facts.state_disk_bytes);
  add("tocsin_state_disk_free_bytes", facts.state_disk_free_bytes);
  add("tocsin_rocksdb_keys", facts.store.keys);
  add("tocsin_rocksdb_block_cache_bytes", facts.store.block_cache_bytes);
  add("tocsin_rocksdb_table_readers_bytes", facts.store.table_readers_bytes);
  add("tocsin_rocksdb_pending_compaction_bytes", facts.store.pending_compaction_bytes);
  add("tocsin_rocksdb_running_compactions", facts.store.running_compactions);
  add("tocsin_rocksdb_background_errors", facts.store.background_errors);
  add("tocsin_rocksdb_block_cache_hits_total", facts.store.block_cache_hits);
  add("tocsin_rocksdb_block_cache_misses_total", facts.store.block_cache_misses);
  add("tocsin_rocksdb_compaction_written_bytes_total", facts.store.compaction_written_bytes);
}

void AddHeartbeats(Exposition& out, const Workers& workers, uint64_t failures, Timestamp now) {
  std::vector<const Distribution*> parts;
  double age = 0;
  for (const WorkerMetrics* worker : workers) {
    parts.push_back(&worker->heartbeats.seconds);
    if (const std::optional<Timestamp> oldest = worker->heartbeats.Oldest(); oldest)
      age = std::max(age, Seconds(ToMillis(now) - ToMillis(*oldest)));
  }
  Exposition::AddHistogram(out.Family("tocsin_heartbeat_seconds"), parts, {});
  out.Add("tocsin_heartbeat_age_seconds", age);
  out.Add("tocsin_heartbeat_failures_total", static_cast<double>(failures));
}

void AddKafka(Exposition& out, const ProcessFacts::Kafka& kafka, Timestamp now) {
  out.Add("tocsin_lag_events", static_cast<double>(kafka.lag_events));
  out.Add("tocsin_lag_seconds", kafka.waiting_since_millis == 0
                                    ? 0
                                    : std::max(0.0, Seconds(ToMillis(now) - kafka.waiting_since_millis)));
  out.Add("tocsin_kafka_rebalances_total", static_cast<double>(kafka.rebalances));
  out.Add("tocsin_kafka_partitions_lost_total", static_cast<double>(kafka.partitions_lost));
  out.Add("tocsin_kafka_producers_renewed_total", static_cast<double>(kafka.producers_renewed));
  if (kafka.rekeyed) out.Add("tocsin_rekeyed_records_total", static_cast<double>(*kafka.rekeyed));
  const auto add_both = [&](DeclaredMetric declared, auto consumer, auto producer) {
    auto& family = out.Family(declared);
    Exposition::Add(family, static_cast<double>(consumer), {{"client", "consumer"}});
    Exposition::Add(family, static_cast<double>(producer), {{"client", "producer"}});
  };
  const auto add = [&](DeclaredMetric declared, auto KafkaClientNumbers::*member) {
    add_both(declared, kafka.consumers.*member, kafka.producers.*member);
  };
  add("tocsin_kafka_received_bytes_total", &KafkaClientNumbers::received_bytes);
  add("tocsin_kafka_sent_bytes_total", &KafkaClientNumbers::sent_bytes);
  add("tocsin_kafka_request_errors_total", &KafkaClientNumbers::request_errors);
  add("tocsin_kafka_request_timeouts_total", &KafkaClientNumbers::request_timeouts);
  add_both("tocsin_kafka_brokers_connected", kafka.consumer_connections, kafka.producer_connections);
  add("tocsin_kafka_round_trip_seconds", &KafkaClientNumbers::round_trip_seconds);
  add("tocsin_kafka_queue_bytes", &KafkaClientNumbers::queue_bytes);
}

void AddIngest(Exposition& out, const ProcessFacts& facts) {
  out.Add("tocsin_log_pending_bytes", static_cast<double>(facts.pending_bytes));
  auto& answers = out.Family("tocsin_ingest_requests_total");
  for (size_t i = 0; i < facts.ingest.size(); ++i) {
    Exposition::Add(answers, static_cast<double>(facts.ingest[i]),
                    {{"code", std::to_string(IngestCounts::kCodes[i])}});
  }
}

void AddRequests(Exposition& out, const RequestCounts::Table& requests) {
  auto& family = out.Family("tocsin_http_requests_total");
  for (size_t route = 0; route < requests.size(); ++route) {
    for (size_t status = 0; status < requests[route].size(); ++status) {
      Exposition::Add(family, static_cast<double>(requests[route][status]),
                      {{"route", std::string(RequestCounts::kRoutes[route])},
                       {"status", std::string(RequestCounts::kStatuses[status])}});
    }
  }
}

void AddConnections(Exposition& out, const std::map<std::string, ClosedConnections::Numbers>& closed) {
  auto& family = out.Family("tocsin_http_connections_closed_total");
  for (const auto& [port, numbers] : closed) {
    for (size_t state = 0; state < numbers.size(); ++state) {
      Exposition::Add(family, static_cast<double>(numbers[state]),
                      {{"port", port}, {"state", std::string(ClosedConnections::kStates[state])}});
    }
  }
}

void AddProcess(Exposition& out, const ProcessFacts& facts) {
  Exposition::Add(
      out.Family("tocsin_build_info"), 1,
      {{"version", facts.version}, {"librdkafka", facts.kafka_library}, {"rocksdb", facts.store.library}});
  Exposition::Add(out.Family("tocsin_config_info"), 1, {{"rules", facts.rules_hash}});
  out.Add("tocsin_ready", facts.ready ? 1 : 0);
  out.Add("tocsin_config_last_reload_successful", facts.config_reload_ok ? 1 : 0);
  out.Add("tocsin_config_last_reload_timestamp_seconds", Seconds(ToMillis(facts.config_reloaded_at)));
  out.Add("tocsin_memory_budget_bytes", static_cast<double>(facts.memory_budget_bytes));
  out.Add("tocsin_memory_limit_bytes", static_cast<double>(facts.memory_limit_bytes));
  out.Add("process_resident_memory_bytes", static_cast<double>(facts.process.resident_bytes));
  out.Add("process_cpu_seconds_total", facts.process.cpu_seconds);
  out.Add("process_open_fds", static_cast<double>(facts.process.open_fds));
  out.Add("process_max_fds", static_cast<double>(facts.process.max_fds));
  out.Add("process_start_time_seconds", Seconds(ToMillis(facts.started_at)));
}

void AddDatabases(Exposition& out, const ProcessFacts& facts) {
  Exposition::Add(out.Family("tocsin_geoip_info"), 1, {{"geoip", facts.geoip_version}});
  out.Add("tocsin_geoip_last_reload_successful", facts.geoip_reload_ok ? 1 : 0);
  // Several files may have one role: the oldest counts.
  std::map<std::string, double> ages;
  for (const DatabaseInfo& info : facts.databases) {
    double& age = ages[info.role];
    age = std::max(age, Seconds(ToMillis(facts.now)) - static_cast<double>(info.built_at_seconds));
  }
  if (ages.empty()) return;
  auto& family = out.Family("tocsin_geoip_database_age_seconds");
  for (const auto& [role, age] : ages) Exposition::Add(family, age, {{"database", role}});
}

}  // namespace

std::string MetricsText(const Workers& workers, const ProcessFacts& facts) {
  Exposition out;
  AddProcess(out, facts);
  AddRequests(out, facts.requests);
  AddConnections(out, facts.connections_closed);
  AddInput(out, workers);
  if (!facts.kafka) AddIngest(out, facts);
  AddTimes(out, workers);
  if (facts.kafka && facts.kafka->heartbeat_failures)
    AddHeartbeats(out, workers, *facts.kafka->heartbeat_failures, facts.now);
  AddDetection(out, workers);
  AddDecisions(out, workers);
  AddEngine(out, workers, facts.kafka ? facts.kafka->sources_stopped : 0);
  AddStore(out, facts);
  if (facts.kafka) AddKafka(out, *facts.kafka, facts.now);
  AddDatabases(out, facts);
  return out.Text();
}

}  // namespace tocsin::daemon
