// Builds the text of /metrics, family by family. For the files of daemon/metrics.
#pragma once

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "daemon/metrics/worker_metrics.h"

namespace tocsin::daemon {

using MetricLabels = std::vector<prometheus::ClientMetric::Label>;

class Exposition {
 public:
  prometheus::MetricFamily& Family(std::string name, std::string help, prometheus::MetricType type) {
    prometheus::MetricFamily& family = families_.emplace_back();
    family.name = std::move(name);
    family.help = std::move(help);
    family.type = type;
    return family;
  }
  static void Add(prometheus::MetricFamily& family, double value, MetricLabels labels = {}) {
    prometheus::ClientMetric& metric = family.metric.emplace_back();
    metric.label = std::move(labels);
    if (family.type == prometheus::MetricType::Counter) metric.counter.value = value;
    if (family.type == prometheus::MetricType::Gauge) metric.gauge.value = value;
  }
  void Counter(std::string name, std::string help, double value) {
    Add(Family(std::move(name), std::move(help), prometheus::MetricType::Counter), value);
  }
  void Gauge(std::string name, std::string help, double value) {
    Add(Family(std::move(name), std::move(help), prometheus::MetricType::Gauge), value);
  }
  void Histogram(std::string name, std::string help, const std::vector<const Distribution*>& parts) {
    AddHistogram(Family(std::move(name), std::move(help), prometheus::MetricType::Histogram), parts);
  }
  static void AddHistogram(prometheus::MetricFamily& family, const std::vector<const Distribution*>& parts,
                           MetricLabels labels = {}) {
    prometheus::ClientMetric& metric = family.metric.emplace_back();
    metric.label = std::move(labels);
    uint64_t cumulative = 0;
    for (size_t i = 0; i <= Distribution::kBounds.size(); ++i) {
      for (const Distribution* part : parts) cumulative += part->buckets[i].value();
      prometheus::ClientMetric::Bucket bucket;
      bucket.cumulative_count = cumulative;
      bucket.upper_bound = i < Distribution::kBounds.size() ? Distribution::kBounds[i]
                                                            : std::numeric_limits<double>::infinity();
      metric.histogram.bucket.push_back(bucket);
    }
    metric.histogram.sample_count = cumulative;
    for (const Distribution* part : parts)
      metric.histogram.sample_sum += part->sum.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::string Text() const {
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, families_);
    return out.str();
  }

 private:
  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace tocsin::daemon
