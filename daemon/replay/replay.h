// One run of a log that ends through a configuration, on the calling thread, without any service: what
// `replay`, its comparison, `explain` and the daemon's explanations have in common.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "daemon/config/config.h"
#include "daemon/detection/observer.h"
#include "daemon/enrich/databases.h"
#include "daemon/log/log.h"
#include "daemon/log/output_files.h"
#include "daemon/metrics/worker_metrics.h"

namespace tocsin::daemon {

// A log that ends, and what it can tell.
struct ReplaySource {
  std::unique_ptr<Log> log;
  std::function<Result<Done>()> outcome;  // Why it ended early; ok when it did not. While the log lives.
  // As DetectionOptions.
  bool has_topics = false;
  bool trimmed = false;  // What came before is gone: what accounts learnt from it is not known.
};
// A file of NDJSON, or standard input for "-".
[[nodiscard]] Result<ReplaySource> FileSource(const std::string& path, const OutputPaths& outputs);
// What an embedded log still keeps: `directory` is a state directory, whose daemon may be running.
[[nodiscard]] Result<ReplaySource> RetainedSource(const std::string& directory);
// What the input topics still keep, beside the daemon's group. `config` outlives the log.
[[nodiscard]] Result<ReplaySource> KafkaSource(const KafkaConfig& config);

struct ReplayJob {
  const Config* config = nullptr;  // Outlives the run.
  std::shared_ptr<const Databases> databases;
  std::string state;  // Directory to start from and leave behind; "": none.
  // Where a state that does not fit in memory goes meanwhile when `state` is ""; "": the system's place.
  std::string scratch;
  bool verdict_lines = false;
  DetectionObserver* observer = nullptr;
  std::function<void(std::string_view code, const std::string& text)> report;
  const std::atomic<bool>* stop = nullptr;  // May be null. Once true, the run ends soon with kUnavailable.
};

// What a run came to.
struct ReplayDone {
  WorkerMetrics metrics;  // May be read by other threads meanwhile.
  double seconds = 0;
};
// Runs the source to its end.
[[nodiscard]] Result<Done> Replay(const ReplayJob& job, ReplaySource& source, ReplayDone& done);

}  // namespace tocsin::daemon
