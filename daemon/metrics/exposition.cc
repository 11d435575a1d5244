#include "daemon/metrics/exposition.h"

#include <algorithm>
#include <utility>

#include "daemon/metrics/exposition_writer.h"
#include "detectors/detector_set.h"
#include "schemas/enum_names.h"

namespace tocsin::daemon {
namespace {

using prometheus::MetricType;

template <class Get>
double Sum(const std::vector<const WorkerMetrics*>& workers, const Get& get) {
  double sum = 0;
  for (const WorkerMetrics* worker : workers) sum += static_cast<double>(get(*worker).value());
  return sum;
}

double Seconds(Timestamp at) { return static_cast<double>(ToMillis(at)) / 1000; }

void AddEvents(Exposition& out, const std::vector<const WorkerMetrics*>& workers) {
  auto& events = out.Family("tocsin_events_total", "Events decoded, by type.", MetricType::Counter);
  for (const auto& [type, name] : schemas::EnumNames<schemas::EventType>()) {
    Exposition::Add(
        events,
        Sum(workers,
            [type = type](const auto& w) -> const Count& { return w.events[static_cast<size_t>(type)]; }),
        {{"type", std::string(name)}});
  }
  const auto counter = [&](const char* name, const char* help, Count WorkerMetrics::*member) {
    out.Counter(name, help, Sum(workers, [member](const auto& w) -> const Count& { return w.*member; }));
  };
  counter("tocsin_records_total", "Input records processed.", &WorkerMetrics::records);
  counter("tocsin_dead_letters_total",
          "Records that were no events, or came too late; each is in the dead-letter output.",
          &WorkerMetrics::dead_letters);
  counter("tocsin_duplicate_events_total", "Events seen before; they change nothing.",
          &WorkerMetrics::duplicates);
  counter("tocsin_late_events_total", "Events beyond the retention horizon of their account.",
          &WorkerMetrics::late);
  counter("tocsin_unknown_members_total", "Members of events that the contract does not name.",
          &WorkerMetrics::unknown_members);
}

void AddVerdicts(Exposition& out, const std::vector<const WorkerMetrics*>& workers) {
  auto& verdicts = out.Family("tocsin_verdicts_total", "Verdicts on events that a detector looks at.",
                              MetricType::Counter);
  const auto catalogue = detectors::Catalogue();
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
  auto& labels =
      out.Family("tocsin_detector_labels_total",
                 "Findings that people called right or wrong: a detector's precision is right / all.",
                 MetricType::Counter);
  for (size_t i = 0; i < catalogue.size(); ++i) {
    const std::string detector(catalogue[i].id);
    Exposition::Add(labels, Sum(workers, [&](const auto& w) -> const Count& { return w.labels[i].right; }),
                    {{"detector", detector}, {"label", "right"}});
    Exposition::Add(labels, Sum(workers, [&](const auto& w) -> const Count& { return w.labels[i].wrong; }),
                    {{"detector", detector}, {"label", "wrong"}});
  }
  auto& shadows = out.Family("tocsin_detector_in_shadow",
                             "1: the detector went to shadow for its precision, in a partition at least.",
                             MetricType::Gauge);
  for (size_t i = 0; i < catalogue.size(); ++i) {
    bool in_shadow = false;
    for (const WorkerMetrics* worker : workers) in_shadow = in_shadow || worker->in_shadow[i].value() > 0;
    Exposition::Add(shadows, in_shadow ? 1 : 0, {{"detector", std::string(catalogue[i].id)}});
  }
  auto& findings = out.Family("tocsin_findings_total", "Findings put out, by severity.", MetricType::Counter);
  for (const auto& [severity, name] : schemas::EnumNames<schemas::Severity>()) {
    Exposition::Add(findings,
                    Sum(workers,
                        [severity = severity](const auto& w) -> const Count& {
                          return w.findings_by_severity[static_cast<size_t>(severity)];
                        }),
                    {{"severity", std::string(name)}});
  }
  const auto counter = [&](const char* name, const char* help, Count WorkerMetrics::*member) {
    out.Counter(name, help, Sum(workers, [member](const auto& w) -> const Count& { return w.*member; }));
  };
  counter("tocsin_notices_total", "Notices put out.", &WorkerMetrics::notices);
  counter("tocsin_notices_held_total", "Notices held back by cooldown, caps or a missing contact.",
          &WorkerMetrics::notices_held);
  counter("tocsin_tickets_total", "Ticket operations put out.", &WorkerMetrics::tickets);
  counter("tocsin_actions_total", "Actions put out.", &WorkerMetrics::actions);
}

void AddEngine(Exposition& out, const std::vector<const WorkerMetrics*>& workers) {
  const auto counter = [&](const char* name, const char* help, Count WorkerMetrics::*member) {
    out.Counter(name, help, Sum(workers, [member](const auto& w) -> const Count& { return w.*member; }));
  };
  const auto gauge = [&](const char* name, const char* help, Count WorkerMetrics::*member) {
    out.Gauge(name, help, Sum(workers, [member](const auto& w) -> const Count& { return w.*member; }));
  };
  const auto histogram = [&](const char* name, const char* help, Distribution WorkerMetrics::*member) {
    std::vector<const Distribution*> parts;
    for (const WorkerMetrics* worker : workers) parts.push_back(&(worker->*member));
    out.Histogram(name, help, parts);
  };
  counter("tocsin_commits_total", "Commits made.", &WorkerMetrics::commits);
  counter("tocsin_commit_failures_total",
          "Commits that failed or whose outcome is unknown; the partitions recovered.",
          &WorkerMetrics::commit_failures);
  counter("tocsin_restores_total", "Partitions restored from checkpoint and changelog.",
          &WorkerMetrics::restores);
  counter("tocsin_checkpoints_total", "Checkpoints written.", &WorkerMetrics::checkpoints);
  counter("tocsin_checkpoint_failures_total", "Checkpoints that could not be written.",
          &WorkerMetrics::checkpoint_failures);
  counter("tocsin_state_loads_total", "States of accounts read from disk.", &WorkerMetrics::state_loads);
  counter("tocsin_state_evictions_total", "States of accounts that left memory for disk.",
          &WorkerMetrics::state_evictions);
  gauge("tocsin_states_in_memory", "Accounts whose state is in memory.", &WorkerMetrics::states_in_memory);
  gauge("tocsin_state_memory_bytes", "Memory of those states.", &WorkerMetrics::state_bytes);
  gauge("tocsin_partitions_assigned", "Partitions this process works on.", &WorkerMetrics::partitions);
  gauge("tocsin_partitions_stopped",
        "Partitions whose commits do not add up: they wait for a person (log line restore_failed).",
        &WorkerMetrics::partitions_stopped);
  histogram("tocsin_commit_seconds", "Time of a commit.", &WorkerMetrics::commit_seconds);
  histogram("tocsin_checkpoint_seconds", "Time of a checkpoint.", &WorkerMetrics::checkpoint_seconds);
  histogram("tocsin_restore_seconds", "Time to restore a partition.", &WorkerMetrics::restore_seconds);
  histogram(
      "tocsin_append_to_commit_seconds",
      "From the log's time of a record to its commit; one sample for each commit, of its oldest record.",
      &WorkerMetrics::append_to_commit_seconds);
  int64_t newest = 0;
  for (const WorkerMetrics* worker : workers)
    newest = std::max(newest, worker->last_event_millis.load(std::memory_order_relaxed));
  out.Gauge("tocsin_last_event_timestamp_seconds", "Event time of the newest event processed.",
            static_cast<double>(newest) / 1000);
}

void AddProcess(Exposition& out, const ProcessFacts& facts) {
  Exposition::Add(out.Family("tocsin_build_info",
                             "Version of the program, of the rules and of the databases.", MetricType::Gauge),
                  1,
                  {{"version", facts.version}, {"rules", facts.rules_hash}, {"geoip", facts.geoip_version}});
  out.Gauge("tocsin_ready", "1 when every partition is restored and events are processed.",
            facts.ready ? 1 : 0);
  out.Gauge("tocsin_start_timestamp_seconds", "When the process started.", Seconds(facts.started_at));
  out.Gauge("tocsin_log_pending_bytes", "Accepted into the embedded log and not yet processed.",
            static_cast<double>(facts.pending_bytes));
  if (facts.lag_events >= 0) {
    out.Gauge("tocsin_lag_events", "Events in Kafka that are not processed yet.",
              static_cast<double>(facts.lag_events));
  }
  if (facts.rekeyed >= 0) {
    out.Counter("tocsin_rekeyed_records_total", "Records moved to the topic that is keyed by account.",
                static_cast<double>(facts.rekeyed));
  }
  out.Gauge("tocsin_state_disk_bytes", "Checkpoints on disk.", static_cast<double>(facts.state_disk_bytes));
  out.Gauge("tocsin_config_last_reload_successful",
            "0 when the last reload was refused and the old configuration is in use.",
            facts.config_reload_ok ? 1 : 0);
  out.Gauge("tocsin_config_last_reload_timestamp_seconds", "When the configuration in use was read.",
            Seconds(facts.config_reloaded_at));
  out.Gauge("tocsin_geoip_last_reload_successful",
            "0 when a new database file was refused and the old one is in use.",
            facts.geoip_reload_ok ? 1 : 0);
  auto& age = out.Family("tocsin_geoip_database_age_seconds", "Age of a database by its build time.",
                         MetricType::Gauge);
  for (const DatabaseInfo& info : facts.databases) {
    Exposition::Add(age, Seconds(facts.now) - static_cast<double>(info.built_at_seconds),
                    {{"database", info.role}});
  }
}

}  // namespace

std::string MetricsText(const std::vector<const WorkerMetrics*>& workers, const ProcessFacts& facts) {
  Exposition out;
  AddProcess(out, facts);
  AddEvents(out, workers);
  AddVerdicts(out, workers);
  AddEngine(out, workers);
  return out.Text();
}

}  // namespace tocsin::daemon
