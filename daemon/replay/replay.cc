#include "daemon/replay/replay.h"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "daemon/detection/account_detection.h"
#include "daemon/detection/make_rules.h"
#include "daemon/engine/worker.h"
#include "daemon/log/file_log.h"
#include "daemon/log/kafka_retained.h"
#include "daemon/log/retained_log.h"
#include "daemon/store/state_store.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;

Timestamp WallClock() { return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now()); }

// The state directory asked for, or one that nobody else has and that is removed at the end.
class StateDirectory {
 public:
  [[nodiscard]] Result<Done> Open(const ReplayJob& job) {
    path_ = job.state;
    if (!path_.empty()) return Done{};
    std::error_code error;
    fs::path parent = job.scratch;
    if (parent.empty()) parent = fs::temp_directory_path(error);
    std::string name = (parent / "tocsin-replay-XXXXXX").string();
    if (error || ::mkdtemp(name.data()) == nullptr)
      return Error{ErrorCode::kUnavailable, parent.string(), std::strerror(error ? error.value() : errno)};
    path_ = std::move(name);
    temporary_ = true;
    return Done{};
  }
  StateDirectory() = default;
  ~StateDirectory() {
    std::error_code ignored;
    if (temporary_) fs::remove_all(path_, ignored);
  }
  StateDirectory(const StateDirectory&) = delete;
  StateDirectory& operator=(const StateDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool temporary_ = false;
};

template <class L>
Result<ReplaySource> SourceOf(Result<std::unique_ptr<L>> log) {
  if (!log) return log.error();
  const L* const held = log->get();
  ReplaySource source{.log = *std::move(log), .outcome = [held] { return held->outcome(); }};
  if constexpr (requires { held->trimmed(); }) source.trimmed = held->trimmed();
  return source;
}

}  // namespace

Result<ReplaySource> FileSource(const std::string& path, const OutputPaths& outputs) {
  // Outputs are cut to nothing before the first event is read.
  for (const std::string& output : outputs.by_kind) {
    std::error_code none;
    if (!output.empty() && fs::is_regular_file(output, none) && fs::equivalent(path, output, none))
      return Error{ErrorCode::kConflict, output, "is the file of events: write to another one"};
  }
  Result<OutputFiles> files = OutputFiles::Make(outputs, OutputFiles::Open::kTruncate);
  if (!files) return files.error();
  return SourceOf(FileLog::Open(path, *std::move(files)));
}

Result<ReplaySource> RetainedSource(const std::string& directory) {
  return SourceOf(RetainedLog::Open(directory));
}

Result<ReplaySource> KafkaSource(const KafkaConfig& config) {
  Result<ReplaySource> source = SourceOf(KafkaRetainedLog::Open(config));
  if (source) source->has_topics = true;
  return source;
}

Result<Done> Replay(const ReplayJob& job, ReplaySource& source, ReplayDone& done) {
  StateDirectory directory;
  if (Result<Done> opened = directory.Open(job); !opened) return opened;
  StoreOptions store_options;
  store_options.block_cache_bytes = static_cast<size_t>(job.config->engine.block_cache_mb) << 20U;
  store_options.short_lived = job.state.empty();
  Result<std::unique_ptr<StateStore>> store = StateStore::Open(directory.path(), store_options);
  if (!store) return store.error();

  DetectionOptions options{.decode = job.config->decode,
                           .findings_format = job.config->findings_format,
                           .verdict_lines = job.verdict_lines,
                           .detected_at_is_event = true,
                           .observer = job.observer};
  options.decode.check_key = false;
  options.has_topics = source.has_topics;
  options.decode.read_at = WallClock();
  WorkerParts parts;
  parts.log = std::move(source.log);
  parts.processor =
      std::make_unique<AccountDetection>(MakeRules(*job.config, *job.databases),
                                         std::make_unique<Enricher>(job.databases), options, done.metrics);
  parts.store = store->get();
  parts.owner = "replay";
  parts.config = job.config->engine;
  // A checkpoint only makes room: there is nothing to recover.
  if (job.state.empty()) {
    parts.config.checkpoint_interval = std::chrono::hours(24 * 365);
    parts.config.checkpoint_mb = parts.config.state_memory_mb;
    parts.keep_state = false;
  }
  parts.metrics = &done.metrics;
  parts.wall_clock = WallClock;
  parts.report = job.report;

  const auto start = std::chrono::steady_clock::now();
  Worker worker(std::move(parts));
  const std::atomic<bool> never{false};
  const Result<Done> ran = worker.Run(job.stop != nullptr ? *job.stop : never);
  done.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!ran) return ran;
  if (job.stop != nullptr && *job.stop) return Error{ErrorCode::kUnavailable, "replay", "was ended early"};
  return source.outcome();
}

}  // namespace tocsin::daemon
