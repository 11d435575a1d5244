#include "daemon/metrics/delivery_exposition.h"

#include "daemon/metrics/exposition_writer.h"

namespace tocsin::daemon {

using prometheus::MetricType;

std::string DeliveryMetricsText(const DeliveryMetrics& metrics, Timestamp now) {
  Exposition out;
  auto& attempts = out.Family("tocsin_delivery_attempts_total",
                              "Attempts to deliver a notice or a ticket operation, by what came of them.",
                              MetricType::Counter);
  for (const auto& [channel, counts] : metrics.channels) {
    const auto add = [&](const char* outcome, const Count& count) {
      Exposition::Add(attempts, static_cast<double>(count.value()),
                      {{"channel", channel}, {"outcome", outcome}});
    };
    add("delivered", counts->delivered);
    add("retried", counts->retried);
    add("refused", counts->refused);
    add("given_up", counts->given_up);
  }
  // A family is filled before the next one begins: that may move it.
  auto& busy = out.Family("tocsin_delivery_busy_total",
                          "Deliveries put off because their channel had no room.", MetricType::Counter);
  for (const auto& [channel, counts] : metrics.channels)
    Exposition::Add(busy, static_cast<double>(counts->busy.value()), {{"channel", channel}});
  auto& seconds = out.Family("tocsin_delivery_seconds",
                             "From the record on its topic to the receiver's word.", MetricType::Histogram);
  for (const auto& [channel, counts] : metrics.channels)
    Exposition::AddHistogram(seconds, {&counts->delivered_seconds}, {{"channel", channel}});
  auto& waiting = out.Family("tocsin_deliveries", "Deliveries that are not done, by where they stand.",
                             MetricType::Gauge);
  for (const auto& [channel, counts] : metrics.channels) {
    const auto add = [&](const char* status, const Count& count) {
      Exposition::Add(waiting, static_cast<double>(count.value()),
                      {{"channel", channel}, {"status", status}});
    };
    add("pending", counts->pending);
    add("held", counts->held);
    add("failed", counts->failed);
  }
  auto& oldest = out.Family("tocsin_delivery_oldest_pending_seconds",
                            "Age of the oldest delivery that is under way or waits for its next attempt.",
                            MetricType::Gauge);
  for (const auto& [channel, counts] : metrics.channels) {
    const int64_t since = counts->oldest_millis.load(std::memory_order_relaxed);
    const double age = static_cast<double>(ToMillis(now) - since) / 1000;
    Exposition::Add(oldest, since == 0 ? 0 : std::max(0.0, age), {{"channel", channel}});
  }
  out.Counter("tocsin_delivery_unroutable_total", "Notices and tickets that no configured channel is for.",
              static_cast<double>(metrics.unroutable.value()));
  out.Counter("tocsin_delivery_unreadable_total", "Records of notices and tickets that could not be read.",
              static_cast<double>(metrics.unreadable.value()));
  out.Gauge("tocsin_delivery_flood_gate_shut", "1 while notices are held until an operator releases them.",
            metrics.flood ? 1 : 0);
  return out.Text();
}

}  // namespace tocsin::daemon
