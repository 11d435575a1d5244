// tocsin run: the daemon.
#include <CLI/CLI.hpp>

#include <unistd.h>

#include <csignal>

#include <chrono>
#include <cstdio>
#include <memory>

#include "daemon/cli/command.h"
#include "daemon/cli/load.h"
#include "daemon/service/log_line.h"
#include "daemon/service/service.h"
#include "daemon/service/supervisor.h"

namespace tocsin::daemon {
namespace {

int ExitCodeFor(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInvalid:
    case ErrorCode::kNotFound:
    case ErrorCode::kConflict:
      return kExitConfig;
    case ErrorCode::kUnavailable:
    case ErrorCode::kCorrupt:
    case ErrorCode::kExhausted:
      return kExitUnavailable;
  }
  return kExitUnavailable;
}

int Run(const std::string& path, const std::string& instance) {
  std::optional<Config> config = LoadConfigOrExplain(
      path, [](const std::string& text) { LogLine(LogLevel::kWarning, "config_warning", text); });
  if (!config) return kExitConfig;
  if (!instance.empty()) config->kafka.instance = instance;

  // Signals are taken here, by this thread, and nowhere else: threads made from now on inherit the mask.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  Result<std::unique_ptr<Service>> service = Service::Start(*std::move(config), path);
  if (!service) {
    LogLine(LogLevel::kError, "start_failed", service.error().ToString());
    return ExitCodeFor(service.error());
  }
  Supervisor supervisor;
  const auto status = [&service] { return (*service)->Ready() ? "serving" : "starting or restoring"; };
  supervisor.Ready(status());
  for (;;) {
    const timespec wait{.tv_sec = 0, .tv_nsec = 200'000'000};
    const int signal = sigtimedwait(&signals, nullptr, &wait);
    if (signal == SIGHUP) {
      supervisor.Reloading();
      (*service)->Reload(ReloadCause::kSignal);
      supervisor.Ready(status());
    }
    if (signal == SIGTERM || signal == SIGINT) {
      supervisor.Stopping();
      LogLine(LogLevel::kInfo, "stopping", "finishing what was read");
      const bool ended = (*service)->Stop();
      const char* how = ended ? "everything is committed" : "what was read is committed";
      if ((*service)->LeftUncommitted()) how = "what could not be committed is read again at the next start";
      LogLine(LogLevel::kInfo, "stopped", how);
      if (!ended) ::_exit(kExitOk);
      return kExitOk;
    }
    if (Error why; (*service)->Failed(why)) {
      supervisor.Stopping();
      if (!(*service)->Stop()) ::_exit(ExitCodeFor(why));
      return ExitCodeFor(why);
    }
    (*service)->WatchConfig();
    (*service)->Tidy();
    supervisor.Tick((*service)->Live(), status(), std::chrono::steady_clock::now());
  }
}

}  // namespace

RegisteredCommand AddRun(CLI::App& app) {
  auto path = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("run", "Runs the daemon");
  command->add_option("--config", *path, "Configuration; without it the built-in defaults (embedded log)");
  auto instance = std::make_shared<std::string>();
  command->add_option(
      "--instance", *instance,
      "Static member name of this process, instead of kafka.instance: one configuration serves many");
  return {command, [path, instance] { return Run(*path, *instance); }};
}

}  // namespace tocsin::daemon
