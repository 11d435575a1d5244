#include "daemon/metrics/delivery_exposition.h"

#include <algorithm>

#include "daemon/delivery/lane.h"
#include "daemon/metrics/exposition_writer.h"

namespace tocsin::daemon {
namespace {

void AddWork(Exposition& out, const DeliveryWork& work, Timestamp now) {
  const auto value = [](const Count& count) { return static_cast<double>(count.value()); };
  auto& partitions = out.Family("tocsin_delivery_partitions");
  Exposition::Add(partitions, value(work.worker->partitions), {{"status", "serving"}});
  Exposition::Add(partitions, value(work.worker->partitions_restoring), {{"status", "restoring"}});
  Exposition::Add(partitions, value(work.worker->partitions_stopped), {{"status", "stopped"}});
  Exposition::Add(out.Family("tocsin_delivery_unread"), static_cast<double>(work.unread),
                  {{"unit", work.kafka ? "records" : "bytes"}});
  const double waits = static_cast<double>(ToMillis(now) - work.waiting_since_millis) / 1000;
  out.Add("tocsin_delivery_lag_seconds", work.waiting_since_millis == 0 ? 0 : std::max(0.0, waits));
  out.Add("tocsin_delivery_commit_failures_total", value(work.worker->commit_failures));
  out.Add("tocsin_delivery_checkpoint_failures_total", value(work.worker->checkpoint_failures));
}

}  // namespace

std::string DeliveryMetricsText(const DeliveryMetrics& metrics, const DeliveryWork& work, Timestamp now) {
  Exposition out;
  auto& attempts = out.Family("tocsin_delivery_attempts_total");
  for (const auto& entry : metrics.channels) {
    const std::string& channel = entry.first;
    const ChannelCounts& counts = *entry.second;
    const auto add = [&](const char* outcome, const Count& count) {
      Exposition::Add(attempts, static_cast<double>(count.value()),
                      {{"channel", channel}, {"outcome", outcome}});
    };
    add("delivered", counts.delivered);
    add("retried", counts.retried);
    add("refused", counts.refused);
    add("given_up", counts.given_up);
  }
  // A family is filled before the next one begins: that may move it.
  auto& busy = out.Family("tocsin_delivery_busy_total");
  for (const auto& [channel, counts] : metrics.channels)
    Exposition::Add(busy, static_cast<double>(counts->busy.value()), {{"channel", channel}});
  auto& seconds = out.Family("tocsin_delivery_seconds");
  for (const auto& [channel, counts] : metrics.channels)
    Exposition::AddHistogram<Distribution>(seconds, {&counts->delivered_seconds}, {{"channel", channel}});
  auto& waiting = out.Family("tocsin_deliveries");
  for (const auto& entry : metrics.channels) {
    const std::string& channel = entry.first;
    const ChannelCounts& counts = *entry.second;
    const auto add = [&](const char* status, const Count& count) {
      Exposition::Add(waiting, static_cast<double>(count.value()),
                      {{"channel", channel}, {"status", status}});
    };
    add("pending", counts.pending);
    add("held", counts.held);
    add("failed", counts.failed);
  }
  auto& oldest = out.Family("tocsin_delivery_oldest_pending_seconds");
  for (const auto& [channel, counts] : metrics.channels) {
    const int64_t since = counts->oldest_millis.load(std::memory_order_relaxed);
    const double age = static_cast<double>(ToMillis(now) - since) / 1000;
    Exposition::Add(oldest, since == 0 ? 0 : std::max(0.0, age), {{"channel", channel}});
  }
  auto& reminders = out.Family("tocsin_ticket_reminders_total");
  for (size_t clock = 0; clock < kClockNames.size(); ++clock) {
    for (size_t step = 0; step < kReminderPercents.size(); ++step) {
      Exposition::Add(
          reminders, static_cast<double>(metrics.reminders[clock][step].value()),
          {{"clock", std::string(kClockNames[clock])}, {"percent", std::to_string(kReminderPercents[step])}});
    }
  }
  auto& overdue = out.Family("tocsin_tickets_overdue_total");
  for (size_t clock = 0; clock < kClockNames.size(); ++clock) {
    Exposition::Add(overdue, static_cast<double>(metrics.overdue[clock].value()),
                    {{"clock", std::string(kClockNames[clock])}});
  }
  auto& outcomes = out.Family("tocsin_ticket_outcomes_total");
  Exposition::Add(outcomes, static_cast<double>(metrics.outcomes[1].value()), {{"outcome", "fraud"}});
  Exposition::Add(outcomes, static_cast<double>(metrics.outcomes[2].value()),
                  {{"outcome", "false_positive"}});
  out.Add("tocsin_ticket_reads_failed_total", static_cast<double>(metrics.outcomes_unread.value()));
  out.Add("tocsin_delivery_unroutable_total", static_cast<double>(metrics.unroutable.value()));
  out.Add("tocsin_delivery_unreadable_total", static_cast<double>(metrics.unreadable.value()));
  AddWork(out, work, now);
  out.Add("tocsin_delivery_flood_gate_shut", metrics.flood ? 1 : 0);
  return out.Text();
}

}  // namespace tocsin::daemon
