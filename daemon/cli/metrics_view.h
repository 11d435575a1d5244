// Two looks at /metrics, and what happened in between, as a screen for people. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::daemon {

// Samples by "name" and by "name{labels}", as the text format has them; sums over all labels under the name
// alone.
class MetricsSample {
 public:
  MetricsSample() = default;
  explicit MetricsSample(std::string_view text);
  // 0 when there is none.
  [[nodiscard]] double Sum(std::string_view name) const;
  // The series of a metric that have `with` in their labels: the value of `label`, and the sample.
  [[nodiscard]] std::vector<std::pair<std::string, double>> By(std::string_view name, std::string_view label,
                                                               std::string_view with = {}) const;

 private:
  std::map<std::string, double, std::less<>> samples_;
};

// One of `partition_states` of /admin/v1/status.
struct PartitionView {
  std::string partition;
  std::string state;
  std::string why;
  std::string positions;  // "logins 1234, transfers 88"
  double waiting = 0;     // Events; with the embedded log bytes.
  bool in_bytes = false;
};
[[nodiscard]] std::vector<PartitionView> PartitionsOf(std::string_view status);

struct ScreenParts {
  MetricsSample before;
  MetricsSample now;
  double seconds = 1;  // Between the two.
  std::vector<PartitionView> partitions;
  std::vector<std::string> findings;  // A line each, newest first.
  int width = 100;
  int rows = 40;
};
[[nodiscard]] std::string Screen(const ScreenParts& parts);

}  // namespace tocsin::daemon
