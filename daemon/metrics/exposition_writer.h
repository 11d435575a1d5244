// Builds the text of /metrics, family by family. For the files of daemon/metrics.
#pragma once

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "daemon/metrics/catalogue.h"
#include "daemon/metrics/worker_metrics.h"

namespace tocsin::daemon {

using MetricLabels = std::vector<prometheus::ClientMetric::Label>;

class Exposition {
 public:
  prometheus::MetricFamily& Family(DeclaredMetric declared) {
    const MetricInfo& metric = declared.info();
    prometheus::MetricFamily& family = families_.emplace_back();
    family.name = metric.name;
    family.help = metric.help;
    family.type = metric.kind == MetricKind::kCounter ? prometheus::MetricType::Counter
                  : metric.kind == MetricKind::kGauge ? prometheus::MetricType::Gauge
                                                      : prometheus::MetricType::Histogram;
    return family;
  }
  static void Add(prometheus::MetricFamily& family, double value, MetricLabels labels = {}) {
    prometheus::ClientMetric& metric = family.metric.emplace_back();
    metric.label = std::move(labels);
    if (family.type == prometheus::MetricType::Counter) metric.counter.value = value;
    if (family.type == prometheus::MetricType::Gauge) metric.gauge.value = value;
  }
  // A family of one sample.
  void Add(DeclaredMetric declared, double value) { Add(Family(declared), value); }
  template <class Part>
  static void AddHistogram(prometheus::MetricFamily& family, const std::vector<const Part*>& parts,
                           MetricLabels labels = {}) {
    prometheus::ClientMetric& metric = family.metric.emplace_back();
    metric.label = std::move(labels);
    uint64_t cumulative = 0;
    for (size_t i = 0; i <= Part::kBounds.size(); ++i) {
      for (const Part* part : parts) cumulative += part->buckets[i].value();
      prometheus::ClientMetric::Bucket bucket;
      bucket.cumulative_count = cumulative;
      bucket.upper_bound =
          i < Part::kBounds.size() ? Part::kBounds[i] : std::numeric_limits<double>::infinity();
      metric.histogram.bucket.push_back(bucket);
    }
    metric.histogram.sample_count = cumulative;
    for (const Part* part : parts) metric.histogram.sample_sum += part->sum.load(std::memory_order_relaxed);
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
