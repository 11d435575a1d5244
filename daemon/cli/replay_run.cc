#include "daemon/cli/replay_run.h"

#include <CLI/CLI.hpp>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>
#include <utility>

#include "daemon/cli/command.h"
#include "daemon/cli/load.h"
#include "daemon/detection/account_detection.h"
#include "daemon/engine/worker.h"
#include "daemon/log/file_log.h"
#include "daemon/store/state_store.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;

// Where states that do not fit in memory go: the directory asked for, or one that is removed at the end.
class StateDirectory {
 public:
  explicit StateDirectory(const std::string& asked) : path_(asked), temporary_(asked.empty()) {
    if (!temporary_) return;
    path_ = (fs::temp_directory_path() / ("tocsin-replay-" + std::to_string(::getpid()))).string();
  }
  ~StateDirectory() {
    std::error_code ignored;
    if (temporary_) fs::remove_all(path_, ignored);
  }
  StateDirectory(const StateDirectory&) = delete;
  StateDirectory& operator=(const StateDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool temporary_;
};

// Shows on a terminal how far the replay is; silent in a pipe.
class Progress {
 public:
  Progress(const WorkerMetrics& metrics, const std::function<uint64_t()>& bytes_read)
      : metrics_(metrics), bytes_read_(bytes_read) {
    if (::isatty(STDERR_FILENO) == 0) return;
    thread_ = std::thread([this] {
      const auto start = std::chrono::steady_clock::now();
      while (!done_.load(std::memory_order_relaxed)) {
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        const double seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        const auto events = static_cast<double>(metrics_.records.value());
        std::fprintf(stderr, "\r%12.0f events  %9.0f events/s  %8.1f MB read ", events, events / seconds,
                     static_cast<double>(bytes_read_()) / 1e6);
      }
      std::fprintf(stderr, "\r%70s\r", "");
    });
  }
  ~Progress() {
    done_ = true;
    if (thread_.joinable()) thread_.join();
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

 private:
  const WorkerMetrics& metrics_;
  const std::function<uint64_t()>& bytes_read_;
  std::atomic<bool> done_{false};
  std::thread thread_;
};

}  // namespace

Result<ReplaySource> FileSource(const std::string& path, const OutputPaths& outputs) {
  Result<OutputFiles> files = OutputFiles::Make(outputs, OutputFiles::Open::kTruncate);
  if (!files) return files.error();
  Result<std::unique_ptr<FileLog>> log = FileLog::Open(path, *std::move(files));
  if (!log) return log.error();
  const FileLog* const file = log->get();
  return ReplaySource{.log = *std::move(log),
                      .bytes_read = [file] { return file->bytes_read(); },
                      .outcome = [file] { return file->outcome(); }};
}

int RunReplay(const ReplayRun& run, ReplaySource source, ReplayDone& done) {
  const auto fail = [&](const Error& error) {
    std::fprintf(stderr, "tocsin %s: %s\n", run.command.c_str(), error.ToString().c_str());
    return kExitUnavailable;
  };
  const StateDirectory directory(run.state);
  StoreOptions store_options;
  store_options.block_cache_bytes = static_cast<size_t>(run.config->engine.block_cache_mb) << 20U;
  store_options.short_lived = run.state.empty();
  Result<std::unique_ptr<StateStore>> store = StateStore::Open(directory.path(), store_options);
  if (!store) return fail(store.error());

  DetectionOptions options{.decode = run.config->decode,
                           .verdict_lines = run.verdict_lines,
                           .detected_at_is_event = true,
                           .observer = run.observer};
  options.decode.check_key = false;
  WorkerParts parts;
  parts.log = std::move(source.log);
  parts.processor =
      std::make_unique<AccountDetection>(MakeRules(*run.config, *run.databases),
                                         std::make_unique<Enricher>(run.databases), options, done.metrics);
  parts.store = store->get();
  parts.owner = "replay";
  parts.config = run.config->engine;
  // A checkpoint only makes room: there is nothing to recover.
  if (run.state.empty()) {
    parts.config.checkpoint_interval = std::chrono::hours(24 * 365);
    parts.config.checkpoint_mb = parts.config.state_memory_mb;
    parts.keep_state = false;
  }
  parts.metrics = &done.metrics;
  parts.wall_clock = [] { return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now()); };
  parts.report = [&](std::string_view code, const std::string& text) {
    std::fprintf(stderr, "tocsin %s: %.*s: %s\n", run.command.c_str(), static_cast<int>(code.size()),
                 code.data(), text.c_str());
  };

  const auto start = std::chrono::steady_clock::now();
  Worker worker(std::move(parts));
  Result<Done> ran = Done{};
  {
    const Progress progress(done.metrics, source.bytes_read);
    const std::atomic<bool> stop{false};
    ran = worker.Run(stop);
  }
  done.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!ran) return fail(ran.error());
  if (const Result<Done> outcome = source.outcome(); !outcome) return fail(outcome.error());
  return kExitOk;
}

void AddRulesOptions(CLI::App& command, RulesArguments& arguments) {
  command.add_option("--config", arguments.config, "Configuration; without it the built-in defaults");
  command.add_option("--geoip-city", arguments.geoip_city,
                     "City database (.mmdb); may be given twice (IPv4 and IPv6 files)");
  command.add_option("--geoip-asn", arguments.geoip_asn,
                     "ASN database (.mmdb), or ranges as CSV; may be given twice");
  command.add_option("--geoip-anonymous", arguments.geoip_anonymous, "Anonymous-IP database (.mmdb)");
}

std::optional<Config> LoadReplayConfig(const std::string& path, const RulesArguments& arguments) {
  std::optional<Config> config = LoadConfigOrExplain(path);
  if (!config) return std::nullopt;
  if (!arguments.geoip_city.empty()) config->databases.city = arguments.geoip_city;
  if (!arguments.geoip_asn.empty()) config->databases.asn = arguments.geoip_asn;
  if (!arguments.geoip_anonymous.empty()) config->databases.anonymity = arguments.geoip_anonymous;
  return config;
}

}  // namespace tocsin::daemon
