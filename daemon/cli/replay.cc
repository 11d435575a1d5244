// tocsin replay: a file of events through a configuration, on one core, without any service; or through two,
// to see what differs.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "daemon/cli/command.h"
#include "daemon/cli/compare.h"
#include "daemon/cli/replay_run.h"
#include "daemon/cli/summary.h"

namespace tocsin::daemon {
namespace {

struct ReplayArguments {
  std::string events;
  std::string state;
  RulesArguments rules;
  OutputPaths outputs;
  CompareArguments compare;
  bool summary = false;
};

int Fail(const Error& error, int code) {
  std::fprintf(stderr, "tocsin replay: %s\n", error.ToString().c_str());
  return code;
}

bool IsOfADaemon(const std::string& directory) {
  namespace fs = std::filesystem;
  std::error_code error;
  return fs::exists(fs::path(directory) / "state" / "db", error) ||
         fs::exists(fs::path(directory) / "log", error);
}

int Replay(const ReplayArguments& arguments) {
  if (!arguments.compare.against.empty()) {
    if (!arguments.state.empty() || arguments.summary) {
      std::fprintf(stderr, "tocsin replay: --against takes neither --state nor --summary\n");
      return kExitUsage;
    }
    return Compare(arguments.compare, arguments.rules, arguments.events, arguments.outputs);
  }
  // Its accounts lie elsewhere in there: the replay would know none of them, and leave its own beside them.
  if (!arguments.state.empty() && IsOfADaemon(arguments.state)) {
    return Fail({ErrorCode::kConflict, arguments.state,
                 "is the state directory of a daemon: give a directory of its own to --state; why the daemon "
                 "found something is told by `tocsin explain ID --state " +
                     arguments.state + "`"},
                kExitConfig);
  }
  const std::optional<Config> config = LoadReplayConfig(arguments.rules.config, arguments.rules);
  if (!config) return kExitConfig;
  Result<std::shared_ptr<const Databases>> databases = LoadDatabases(config->databases);
  if (!databases) return Fail(databases.error(), kExitConfig);
  Result<ReplaySource> source = FileSource(arguments.events, arguments.outputs);
  if (!source) {
    const ErrorCode code = source.error().code;
    const bool usage = code == ErrorCode::kNotFound || code == ErrorCode::kConflict;
    return Fail(source.error(), usage ? kExitUsage : kExitUnavailable);
  }
  ReplayDone done;
  const int code = RunReplay("replay",
                             {.config = &*config,
                              .databases = *databases,
                              .state = arguments.state,
                              .verdict_lines = !arguments.outputs[schemas::OutputKind::kVerdict].empty()},
                             *std::move(source), done);
  if (code == kExitOk && arguments.summary) PrintSummary(done.metrics, done.seconds);
  return code;
}

}  // namespace

RegisteredCommand AddReplay(CLI::App& app) {
  auto arguments = std::make_shared<ReplayArguments>();
  CLI::App* command =
      app.add_subcommand("replay", "Runs a log of events through a configuration and writes what is found");
  command->add_option("--events", arguments->events, "NDJSON file of events, one a line; - is standard input")
      ->required();
  AddRulesOptions(*command, arguments->rules);
  AddCompareOptions(*command, arguments->compare);
  command->add_option("--state", arguments->state, "Start from, and leave behind, this state directory");
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
