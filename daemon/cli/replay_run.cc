#include "daemon/cli/replay_run.h"

#include <CLI/CLI.hpp>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>
#include <utility>

#include "daemon/cli/command.h"
#include "daemon/cli/load.h"
#include "daemon/cli/rejected_lines.h"

namespace tocsin::daemon {
namespace {

// Shows on a terminal how far the replay is; silent in a pipe.
class Progress {
 public:
  explicit Progress(const WorkerMetrics& metrics) : metrics_(metrics) {
    if (::isatty(STDERR_FILENO) == 0) return;
    thread_ = std::thread([this] {
      const auto start = std::chrono::steady_clock::now();
      while (!done_.load(std::memory_order_relaxed)) {
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        const double seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        const auto events = static_cast<double>(metrics_.records.value());
        std::fprintf(stderr, "\r%12.0f events  %9.0f events/s ", events, events / seconds);
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
  std::atomic<bool> done_{false};
  std::thread thread_;
};

}  // namespace

int RunReplay(const std::string& command, ReplayJob job, ReplaySource source, ReplayDone& done) {
  job.report = [&command](std::string_view code, const std::string& text) {
    std::fprintf(stderr, "tocsin %s: %.*s: %s\n", command.c_str(), static_cast<int>(code.size()), code.data(),
                 text.c_str());
  };
  RejectedLines rejected(job.observer);
  job.observer = &rejected;
  Result<Done> ran = Done{};
  {
    const Progress progress(done.metrics);
    ran = Replay(job, source, done);
  }
  if (ran) {
    if (const std::string all = rejected.WhenAll(done.metrics.records.value()); !all.empty())
      std::fprintf(stderr, "tocsin %s: %s\n", command.c_str(), all.c_str());
    return kExitOk;
  }
  std::fprintf(stderr, "tocsin %s: %s\n", command.c_str(), ran.error().ToString().c_str());
  return kExitUnavailable;
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
  Result<LoadedConfig> loaded = LoadConfig(path);
  if (loaded) {
    ForgiveUnreadableSecrets(*loaded);
    DatabasePaths& databases = loaded->config.databases;
    if (!arguments.geoip_asn.empty()) databases.asn = arguments.geoip_asn;
    if (!arguments.geoip_anonymous.empty()) databases.anonymity = arguments.geoip_anonymous;
    if (!arguments.geoip_city.empty()) {
      databases.city = arguments.geoip_city;
      // That the file has none.
      std::erase_if(loaded->problems, [](const ConfigProblem& problem) {
        return problem.warning && problem.key == "geoip.city";
      });
    }
  }
  return ConfigOrExplain(path, std::move(loaded));
}

}  // namespace tocsin::daemon
