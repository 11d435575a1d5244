// One run of a log of events through a configuration, on this thread, without any service: what replay, its
// comparison and explain have in common.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/detection/observer.h"
#include "daemon/enrich/databases.h"
#include "daemon/log/log.h"
#include "daemon/log/output_files.h"
#include "daemon/metrics/worker_metrics.h"

namespace CLI {
class App;
}

namespace tocsin::daemon {

// A log that ends, and what it can tell meanwhile.
struct ReplaySource {
  std::unique_ptr<Log> log;
  std::function<uint64_t()> bytes_read;  // For the progress line.
  std::function<Result<Done>()>
      outcome;  // Why it ended early; ok when it did not. Both: while the log lives.
};
// A file of NDJSON, or standard input for "-".
[[nodiscard]] Result<ReplaySource> FileSource(const std::string& path, const OutputPaths& outputs);

struct ReplayRun {
  std::string command;             // Whose errors these are: "replay".
  const Config* config = nullptr;  // Outlives the run.
  std::shared_ptr<const Databases> databases;
  std::string state;  // Directory to start from and leave behind; "": none.
  bool verdict_lines = false;
  DetectionObserver* observer = nullptr;
};

// What a run came to.
struct ReplayDone {
  WorkerMetrics metrics;
  double seconds = 0;
};
// Runs the source to its end, with a progress line on a terminal. Prints what goes wrong to standard error;
// answers the exit code.
[[nodiscard]] int RunReplay(const ReplayRun& run, ReplaySource source, ReplayDone& done);

// Configuration and databases, as replaying commands are told of them.
struct RulesArguments {
  std::string config;
  std::vector<std::string> geoip_city;
  std::vector<std::string> geoip_asn;
  std::string geoip_anonymous;
};
void AddRulesOptions(CLI::App& command, RulesArguments& arguments);
// `path` (the defaults for "") with the databases of the arguments put in. Problems are printed.
[[nodiscard]] std::optional<Config> LoadReplayConfig(const std::string& path,
                                                     const RulesArguments& arguments);

}  // namespace tocsin::daemon
