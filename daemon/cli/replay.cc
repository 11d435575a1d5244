// tocsin replay: a file of events through a configuration, on one core, without any service.
#include <CLI/CLI.hpp>

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <thread>

#include "daemon/cli/command.h"
#include "daemon/cli/load.h"
#include "daemon/cli/summary.h"
#include "daemon/detection/account_detection.h"
#include "daemon/engine/worker.h"
#include "daemon/log/file_log.h"
#include "daemon/store/state_store.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;

struct ReplayArguments {
  std::string events;
  std::string config;
  std::string state;
  std::vector<std::string> geoip_city;
  std::vector<std::string> geoip_asn;
  std::string geoip_anonymous;
  OutputPaths outputs;
  bool summary = false;
};

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
  Progress(const WorkerMetrics& metrics, const FileLog& log) : metrics_(metrics), log_(log) {
    if (::isatty(STDERR_FILENO) == 0) return;
    thread_ = std::thread([this] {
      const auto start = std::chrono::steady_clock::now();
      while (!done_.load(std::memory_order_relaxed)) {
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        const double seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        const auto events = static_cast<double>(metrics_.records.value());
        std::fprintf(stderr, "\r%12.0f events  %9.0f events/s  %8.1f MB read ", events, events / seconds,
                     static_cast<double>(log_.bytes_read()) / 1e6);
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
  const FileLog& log_;
  std::atomic<bool> done_{false};
  std::thread thread_;
};

int Fail(const Error& error, int code) {
  std::fprintf(stderr, "tocsin replay: %s\n", error.ToString().c_str());
  return code;
}

int Replay(const ReplayArguments& arguments) {
  std::optional<Config> config = LoadConfigOrExplain(arguments.config);
  if (!config) return kExitConfig;
  if (!arguments.geoip_city.empty()) config->databases.city = arguments.geoip_city;
  if (!arguments.geoip_asn.empty()) config->databases.asn = arguments.geoip_asn;
  if (!arguments.geoip_anonymous.empty()) config->databases.anonymity = arguments.geoip_anonymous;

  Result<std::shared_ptr<const Databases>> databases = LoadDatabases(config->databases);
  if (!databases) return Fail(databases.error(), kExitConfig);
  Result<OutputFiles> outputs = OutputFiles::Make(arguments.outputs, OutputFiles::Open::kTruncate);
  if (!outputs) return Fail(outputs.error(), kExitUnavailable);
  Result<std::unique_ptr<FileLog>> log = FileLog::Open(arguments.events, *std::move(outputs));
  if (!log) return Fail(log.error(), kExitUsage);
  const StateDirectory directory(arguments.state);
  StoreOptions store_options;
  store_options.block_cache_bytes = static_cast<size_t>(config->engine.block_cache_mb) << 20U;
  Result<std::unique_ptr<StateStore>> store = StateStore::Open(directory.path(), store_options);
  if (!store) return Fail(store.error(), kExitUnavailable);

  WorkerMetrics metrics;
  DetectionOptions options{.decode = config->decode,
                           .verdict_lines = !arguments.outputs[schemas::OutputKind::kVerdict].empty(),
                           .detected_at_is_event = true};
  options.decode.check_key = false;
  const FileLog& file = **log;
  WorkerParts parts;
  parts.log = *std::move(log);
  parts.processor = std::make_unique<AccountDetection>(
      MakeRules(*config, **databases), std::make_unique<Enricher>(*databases), options, metrics);
  parts.store = store->get();
  parts.owner = "replay";
  parts.config = config->engine;
  // A checkpoint only makes room: there is nothing to recover.
  if (arguments.state.empty()) {
    parts.config.checkpoint_interval = std::chrono::hours(24 * 365);
    parts.config.checkpoint_mb = parts.config.state_memory_mb;
  }
  parts.metrics = &metrics;
  parts.wall_clock = [] { return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now()); };
  parts.report = [](std::string_view code, const std::string& text) {
    std::fprintf(stderr, "tocsin replay: %.*s: %s\n", static_cast<int>(code.size()), code.data(),
                 text.c_str());
  };

  const auto start = std::chrono::steady_clock::now();
  Worker worker(std::move(parts));
  Result<Done> ran = Done{};
  {
    const Progress progress(metrics, file);
    const std::atomic<bool> stop{false};
    ran = worker.Run(stop);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!ran) return Fail(ran.error(), kExitUnavailable);
  if (!file.outcome()) return Fail(file.outcome().error(), kExitUnavailable);
  if (arguments.summary) PrintSummary(metrics, seconds);
  return kExitOk;
}

}  // namespace

RegisteredCommand AddReplay(CLI::App& app) {
  auto arguments = std::make_shared<ReplayArguments>();
  CLI::App* command =
      app.add_subcommand("replay", "Runs a log of events through a configuration and writes what is found");
  command->add_option("--events", arguments->events, "NDJSON file of events, one a line; - is standard input")
      ->required();
  command->add_option("--config", arguments->config, "Configuration; without it the built-in defaults");
  command->add_option("--state", arguments->state, "Start from, and leave behind, this state directory");
  command->add_option("--geoip-city", arguments->geoip_city,
                      "City database (.mmdb); may be given twice (IPv4 and IPv6 files)");
  command->add_option("--geoip-asn", arguments->geoip_asn,
                      "ASN database (.mmdb), or ranges as CSV; may be given twice");
  command->add_option("--geoip-anonymous", arguments->geoip_anonymous, "Anonymous-IP database (.mmdb)");
  using schemas::OutputKind;
  command->add_option("--findings", arguments->outputs[OutputKind::kFinding],
                      "Write findings here (- is standard output)");
  command->add_option("--notices", arguments->outputs[OutputKind::kNotice], "Write notices here");
  command->add_option("--tickets", arguments->outputs[OutputKind::kTicket], "Write tickets here");
  command->add_option("--actions", arguments->outputs[OutputKind::kAction], "Write actions here");
  command->add_option("--dead-letters", arguments->outputs[OutputKind::kDeadLetter],
                      "Write dead letters here");
  command->add_option("--verdicts", arguments->outputs[OutputKind::kVerdict],
                      "Write every detector's verdict on every event here");
  command->add_flag("--summary", arguments->summary, "Print what was seen and found, to standard error");
  return {command, [arguments] { return Replay(*arguments); }};
}

}  // namespace tocsin::daemon
