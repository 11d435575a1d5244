#include "daemon/metrics/catalogue.h"

namespace tocsin::daemon {
namespace {

std::string_view KindName(MetricKind kind) {
  switch (kind) {
    case MetricKind::kCounter:
      return "counter";
    case MetricKind::kGauge:
      return "gauge";
    case MetricKind::kHistogram:
      return "histogram";
  }
  return {};
}

std::string_view Condition(MetricWhen when) {
  switch (when) {
    case MetricWhen::kAlways:
      return "";
    case MetricWhen::kKafka:
      return " Only with `log: kafka`.";
    case MetricWhen::kRekey:
      return " Only with `kafka.ingest: rekey`.";
    case MetricWhen::kHeartbeat:
      return " Only with `kafka.heartbeat_interval`.";
    case MetricWhen::kEmbedded:
      return " Only with `log: local`.";
    case MetricWhen::kDatabases:
      return " Only with databases (`geoip`).";
    case MetricWhen::kDelivery:
      return " Only when notices or tickets are delivered (`delivery`).";
  }
  return {};
}

}  // namespace

std::string MetricsPage() {
  std::string page =
      "# Metrics\n\nPrinted by `tocsin generate metrics` from the table that the program itself uses. Every "
      "name is "
      "served at `/metrics`\nin Prometheus' text format; no label ever holds an account, an address or "
      "another "
      "personal value. Dashboards and alert\nrules over them are in the [chart](../helm/tocsin), each alert "
      "with a "
      "[page](runbooks).\n";
  std::string_view section;
  for (const MetricInfo& metric : kMetrics) {
    if (metric.section != section) {
      section = metric.section;
      page.append("\n## ").append(section).append(
          "\n\n| metric | kind | labels | what it says |\n|---|---|---|---|\n");
    }
    page.append("| `").append(metric.name).append("` | ").append(KindName(metric.kind)).append(" | ");
    if (!metric.labels.empty()) page.append("`").append(metric.labels).append("`");
    page.append(" | ").append(metric.help).append(Condition(metric.when)).append(" |\n");
  }
  return page;
}

}  // namespace tocsin::daemon
