// Every metric there is, declared once: name, kind, labels, help. /metrics is written by these names, and a
// name that is not here does not compile; docs/metrics.md is printed from here (tocsin generate metrics);
// dashboards, alert rules and pages are held against it by tests.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin::daemon {

enum class MetricKind : uint8_t { kCounter, kGauge, kHistogram };

// What has to be configured for a metric to be served.
enum class MetricWhen : uint8_t { kAlways, kKafka, kRekey, kHeartbeat, kEmbedded, kDatabases, kDelivery };

struct MetricInfo {
  std::string_view section;
  std::string_view name;
  MetricKind kind = MetricKind::kCounter;
  std::string_view labels;  // Comma separated; none holds a personal value.
  std::string_view help;
  MetricWhen when = MetricWhen::kAlways;
};

namespace metric_tables {

using enum MetricKind;
using enum MetricWhen;

inline constexpr std::string_view kProcess = "Process";
inline constexpr std::string_view kInput = "Input";
inline constexpr std::string_view kLatency = "Time from event to verdict";
inline constexpr std::string_view kDetection = "Detection and its quality";
inline constexpr std::string_view kDecisions = "Notices, tickets, actions";
inline constexpr std::string_view kEngine = "Commits, checkpoints, restore";
inline constexpr std::string_view kState = "State";
inline constexpr std::string_view kClient = "Kafka";
inline constexpr std::string_view kPlaces = "Databases";
inline constexpr std::string_view kOutside = "Delivery";

inline constexpr auto kMetrics = std::to_array<MetricInfo>({
    {kProcess, "tocsin_build_info", kGauge, "version,librdkafka,rocksdb",
     "Version of the program and of the libraries it runs on."},
    {kProcess, "tocsin_config_info", kGauge, "rules",
     "Hash of the rules in use; findings carry it as versions.config."},
    {kProcess, "tocsin_ready", kGauge, "",
     "1 when events are processed: every partition was restored since the start, and one at least is "
     "served."},
    {kProcess, "tocsin_config_last_reload_successful", kGauge, "",
     "0 when the last reload was refused and the old configuration is in use."},
    {kProcess, "tocsin_config_last_reload_timestamp_seconds", kGauge, "",
     "When the configuration in use was read."},
    {kProcess, "tocsin_http_requests_total", kCounter, "route,status",
     "Answers to HTTP requests, by what was asked for (answers: an owner's link; admin; ingest; metrics: "
     "that and the probes; other) and class of status (2xx to 5xx)."},
    {kProcess, "tocsin_http_connections_closed_total", kCounter, "port,state",
     "Connections closed to make room for others, where as many were open as a port takes (256 of "
     "http.events_listen, 64 of http.admin_listen and http.metrics_listen): busy ones in the middle of a "
     "request, so that a client was turned away; idle ones that had sent none, or had their answer."},
    {kProcess, "tocsin_workers", kGauge, "", "Worker threads."},
    {kProcess, "tocsin_worker_cpu_seconds_total", kCounter, "",
     "Processor time of the worker threads: its rate over tocsin_workers is how busy they are."},
    {kProcess, "tocsin_memory_budget_bytes", kGauge, "",
     "What the configuration lets the program hold, as a sum."},
    {kProcess, "tocsin_memory_limit_bytes", kGauge, "", "What the container or the machine gives it."},
    {kProcess, "process_resident_memory_bytes", kGauge, "", "Resident memory."},
    {kProcess, "process_cpu_seconds_total", kCounter, "", "Processor time, user and system."},
    {kProcess, "process_open_fds", kGauge, "", "Open file descriptors."},
    {kProcess, "process_max_fds", kGauge, "", "How many there may be."},
    {kProcess, "process_start_time_seconds", kGauge, "", "When the process started, in Unix time."},

    {kInput, "tocsin_records_total", kCounter, "", "Input records processed."},
    {kInput, "tocsin_events_total", kCounter, "type", "Events decoded, by type."},
    {kInput, "tocsin_dead_letters_total", kCounter, "reason",
     "Records that were no events, or came too late; each is in the dead-letter output."},
    {kInput, "tocsin_duplicate_events_total", kCounter, "", "Events seen before; they change nothing."},
    {kInput, "tocsin_accounts_erased_total", kCounter, "",
     "Accounts that were erased, as an event or an operator asked; a line of each is in erasures.jsonl."},
    {kInput, "tocsin_erasures_passed_over_total", kCounter, "",
     "Erasures dated more than five minutes before their account was first seen; they erase nothing."},
    {kInput, "tocsin_late_events_total", kCounter, "",
     "Events beyond the retention horizon of their account."},
    {kInput, "tocsin_clamped_events_total", kCounter, "",
     "Events that said a time more than five minutes in the future; they count as of when they arrived."},
    {kInput, "tocsin_unknown_members_total", kCounter, "",
     "Members of events that the contract does not name."},
    {kInput, "tocsin_last_event_timestamp_seconds", kGauge, "", "Event time of the newest event processed."},
    {kInput, "tocsin_log_pending_bytes", kGauge, "", "Accepted into the embedded log and not yet processed.",
     kEmbedded},
    {kInput, "tocsin_ingest_requests_total", kCounter, "code",
     "Answers of POST /v1/events, by HTTP status. 503: the disk did not take the events.", kEmbedded},
    {kInput, "tocsin_lag_events", kGauge, "", "Records in Kafka that are not processed yet.", kKafka},
    {kInput, "tocsin_lag_seconds", kGauge, "", "For how long the oldest of them has waited.", kKafka},
    {kInput, "tocsin_rekeyed_records_total", kCounter, "",
     "Records moved to the topic that is keyed by account.", kRekey},

    {kLatency, "tocsin_append_to_commit_seconds", kHistogram, "",
     "From an event's arrival in the log to the commit of its verdict."},
    {kLatency, "tocsin_event_to_commit_seconds", kHistogram, "",
     "From the time an event bears to the commit of its verdict: what the sender took is in it."},
    {kLatency, "tocsin_heartbeat_seconds", kHistogram, "",
     "From sending a heartbeat to the input to its commit, through every stage.", kHeartbeat},
    {kLatency, "tocsin_heartbeat_age_seconds", kGauge, "",
     "How long ago the newest heartbeat was sent that came through, of the partition where that is longest: "
     "no more "
     "than the interval and a moment, with traffic or without.",
     kHeartbeat},
    {kLatency, "tocsin_heartbeat_failures_total", kCounter, "", "Heartbeats that could not be written.",
     kHeartbeat},
    {kLatency, "tocsin_stage_seconds", kHistogram, "stage",
     "Time of one event in a stage of the line; one event in 64 is measured."},

    {kDetection, "tocsin_verdicts_total", kCounter, "detector,verdict",
     "Verdicts on events that a detector looks at."},
    {kDetection, "tocsin_findings_total", kCounter, "severity", "Findings put out, by severity."},
    {kDetection, "tocsin_detector_labels_total", kCounter, "detector,label",
     "Findings that people called right or wrong: a detector's precision is right / all."},
    {kDetection, "tocsin_detector_in_shadow", kGauge, "detector",
     "1: the detector went to shadow for its precision, in a partition at least."},
    {kDetection, "tocsin_feedback_total", kCounter, "by,verdict",
     "Answers of owners and verdicts of analysts."},
    {kDetection, "tocsin_feedback_unmatched_total", kCounter, "by,about",
     "Of these, those about a case, finding or notice that is not known (any more), and about a payment that "
     "no finding told of: they are labels of no detector."},

    {kDecisions, "tocsin_notices_total", kCounter, "severity", "Notices put out."},
    {kDecisions, "tocsin_notices_held_total", kCounter, "",
     "Notices held back by cooldown, caps or a missing contact."},
    {kDecisions, "tocsin_tickets_total", kCounter, "operation,priority", "Ticket operations put out."},
    {kDecisions, "tocsin_actions_total", kCounter, "action", "Actions put out."},

    {kEngine, "tocsin_commits_total", kCounter, "", "Commits made."},
    {kEngine, "tocsin_commit_failures_total", kCounter, "",
     "Commits that failed or whose outcome is unknown; the partitions recovered."},
    {kEngine, "tocsin_commit_seconds", kHistogram, "", "Time of a commit."},
    {kEngine, "tocsin_checkpoints_total", kCounter, "", "Checkpoints written."},
    {kEngine, "tocsin_checkpoint_failures_total", kCounter, "", "Checkpoints that could not be written."},
    {kEngine, "tocsin_checkpoint_seconds", kHistogram, "", "Time of a checkpoint."},
    {kEngine, "tocsin_checkpoint_last_timestamp_seconds", kGauge, "",
     "When a checkpoint was last written; 0: not since the process started."},
    {kEngine, "tocsin_restores_total", kCounter, "", "Partitions restored from checkpoint and changelog."},
    {kEngine, "tocsin_resumes_total", kCounter, "",
     "Partitions that came back after a rebalance and went on with the states in memory."},
    {kEngine, "tocsin_restored_records_total", kCounter, "", "Changelog records replayed by restores."},
    {kEngine, "tocsin_restore_seconds", kHistogram, "", "Time to restore a partition."},
    {kEngine, "tocsin_partitions_assigned", kGauge, "", "Partitions this process works on."},
    {kEngine, "tocsin_partitions_restoring", kGauge, "",
     "Partitions that are this process's and not restored yet."},
    {kEngine, "tocsin_partitions_stopped", kGauge, "",
     "Partitions whose commits do not add up, or whose input is gone: they wait for a person (log lines "
     "restore_failed, input_lost, kafka_input_lost)."},

    {kState, "tocsin_states_in_memory", kGauge, "", "Accounts whose state is in memory."},
    {kState, "tocsin_state_memory_bytes", kGauge, "", "Memory of those states."},
    {kState, "tocsin_state_loads_total", kCounter, "", "States of accounts read from disk."},
    {kState, "tocsin_state_evictions_total", kCounter, "", "States of accounts that left memory for disk."},
    {kState, "tocsin_state_disk_bytes", kGauge, "", "Checkpoints on disk."},
    {kState, "tocsin_state_disk_free_bytes", kGauge, "", "Free space of the disk that holds the state."},
    {kState, "tocsin_rocksdb_keys", kGauge, "", "Keys on disk, estimated: accounts that are known."},
    {kState, "tocsin_rocksdb_block_cache_bytes", kGauge, "", "Memory of RocksDB's block cache in use."},
    {kState, "tocsin_rocksdb_table_readers_bytes", kGauge, "", "Memory of RocksDB's open tables."},
    {kState, "tocsin_rocksdb_pending_compaction_bytes", kGauge, "", "What compaction has yet to rewrite."},
    {kState, "tocsin_rocksdb_running_compactions", kGauge, "", "Compactions that run now."},
    {kState, "tocsin_rocksdb_background_errors", kGauge, "",
     "Errors of RocksDB's background work since it was opened."},
    {kState, "tocsin_rocksdb_block_cache_hits_total", kCounter, "", "Blocks found in the block cache."},
    {kState, "tocsin_rocksdb_block_cache_misses_total", kCounter, "", "Blocks that had to be read."},
    {kState, "tocsin_rocksdb_compaction_written_bytes_total", kCounter, "", "Bytes that compaction wrote."},

    {kClient, "tocsin_kafka_rebalances_total", kCounter, "", "Assignments taken over.", kKafka},
    {kClient, "tocsin_kafka_partitions_lost_total", kCounter, "",
     "Partitions taken away before they could be given back in order.", kKafka},
    {kClient, "tocsin_kafka_producers_renewed_total", kCounter, "",
     "Producers made anew after an error or an answer that never came.", kKafka},
    {kClient, "tocsin_kafka_received_bytes_total", kCounter, "client", "Bytes received from brokers.",
     kKafka},
    {kClient, "tocsin_kafka_sent_bytes_total", kCounter, "client", "Bytes sent to brokers.", kKafka},
    {kClient, "tocsin_kafka_request_errors_total", kCounter, "client",
     "Requests and answers that broke on the way.", kKafka},
    {kClient, "tocsin_kafka_request_timeouts_total", kCounter, "client",
     "Requests without an answer in time.", kKafka},
    {kClient, "tocsin_kafka_brokers_connected", kGauge, "client",
     "Connections to brokers that are up, all handles together.", kKafka},
    {kClient, "tocsin_kafka_round_trip_seconds", kGauge, "client",
     "Longest of the brokers' round trips at the 99th percentile, over the last five seconds.", kKafka},
    {kClient, "tocsin_kafka_queue_bytes", kGauge, "client", "Fetched and not yet processed, or not yet sent.",
     kKafka},

    {kPlaces, "tocsin_geoip_info", kGauge, "geoip",
     "Version of the databases in use: build date and hash; findings carry it as versions.geoip."},
    {kPlaces, "tocsin_geoip_last_reload_successful", kGauge, "",
     "0 when a new database file was refused and the old one is in use."},
    {kPlaces, "tocsin_geoip_database_age_seconds", kGauge, "database", "Age of a database by its build time.",
     kDatabases},

    {kOutside, "tocsin_delivery_attempts_total", kCounter, "channel,outcome",
     "Attempts to deliver a notice or a ticket operation, by what came of them.", kDelivery},
    {kOutside, "tocsin_delivery_busy_total", kCounter, "channel",
     "Deliveries put off because their channel had no room.", kDelivery},
    {kOutside, "tocsin_delivery_seconds", kHistogram, "channel",
     "From the record on its topic to the receiver's word.", kDelivery},
    {kOutside, "tocsin_deliveries", kGauge, "channel,status",
     "Deliveries that are not done, by where they stand.", kDelivery},
    {kOutside, "tocsin_delivery_oldest_pending_seconds", kGauge, "channel",
     "Age of the oldest delivery that is under way or waits for its next attempt.", kDelivery},
    {kOutside, "tocsin_delivery_unroutable_total", kCounter, "",
     "Notices and tickets that no configured channel is for.", kDelivery},
    {kOutside, "tocsin_delivery_unreadable_total", kCounter, "",
     "Records of notices and tickets that could not be read.", kDelivery},
    {kOutside, "tocsin_delivery_partitions", kGauge, "status",
     "Partitions of notices and tickets that this process delivers from: serving, restoring, or stopped, "
     "which "
     "wait for a person (log lines delivery_restore_failed, delivery_input_lost, kafka_input_lost).",
     kDelivery},
    {kOutside, "tocsin_delivery_unread", kGauge, "unit",
     "What delivery has not read yet of notices and tickets: records in Kafka, or bytes in the files of the "
     "embedded log.",
     kDelivery},
    {kOutside, "tocsin_delivery_lag_seconds", kGauge, "", "For how long the oldest of that has waited.",
     kDelivery},
    {kOutside, "tocsin_delivery_commit_failures_total", kCounter, "",
     "Commits of delivery that failed or whose outcome is unknown; its partitions recovered.", kDelivery},
    {kOutside, "tocsin_delivery_checkpoint_failures_total", kCounter, "",
     "Checkpoints of delivery that could not be written.", kDelivery},
    {kOutside, "tocsin_delivery_flood_gate_shut", kGauge, "",
     "1 while notices are held until an operator releases them.", kDelivery},
    {kOutside, "tocsin_ticket_reminders_total", kCounter, "clock,percent",
     "Times that so much of the time to a ticket's first reply or review was over.", kDelivery},
    {kOutside, "tocsin_tickets_overdue_total", kCounter, "clock",
     "Tickets whose time for a first reply or review was over, and nobody had replied or reviewed.",
     kDelivery},
    {kOutside, "tocsin_ticket_outcomes_total", kCounter, "outcome",
     "What agents decided in the ticket system, as detection was told.", kDelivery},
    {kOutside, "tocsin_ticket_reads_failed_total", kCounter, "",
     "Times the ticket system was asked what agents decided, and did not say.", kDelivery},
});

}  // namespace metric_tables

using metric_tables::kMetrics;

// A name of the table; any other does not compile.
class DeclaredMetric {
 public:
  consteval DeclaredMetric(const char* name) : info_(&Find(name)) {}
  [[nodiscard]] const MetricInfo& info() const { return *info_; }

 private:
  static consteval const MetricInfo& Find(std::string_view name) {
    for (const MetricInfo& metric : kMetrics) {
      if (metric.name == name) return metric;
    }
    throw "not in daemon/metrics/catalogue.h";
  }
  const MetricInfo* info_;
};

// The page docs/metrics.md.
[[nodiscard]] std::string MetricsPage();

}  // namespace tocsin::daemon
