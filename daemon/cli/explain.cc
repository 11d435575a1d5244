// tocsin explain: why an event was found, or was not. The events are replayed through the same code
// (docs/adr: explanations are replayed, not recorded).
#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "base/percent_encoded.h"
#include "daemon/cli/admin_options.h"
#include "daemon/cli/command.h"
#include "daemon/cli/replay_run.h"
#include "daemon/cli/standard_output.h"
#include "daemon/explain/explainer.h"

namespace tocsin::daemon {
namespace {

constexpr std::chrono::minutes kLivePatience{10};  // The daemon reads its history for it.

struct ExplainArguments {
  ExplainQuery query;
  std::string events;
  std::string state;
  std::string format = "text";
  RulesArguments rules;
  AdminArguments admin;
  bool admin_given = false;
};

int Fail(int code, const std::string& text) {
  std::fprintf(stderr, "tocsin explain: %s\n", text.c_str());
  return code;
}

// A finding is found again only under what found it; an event is there under any configuration.
std::string Hint(const ExplainArguments& arguments) {
  if (!IsFindingId(arguments.query.id) || !arguments.rules.config.empty()) return {};
  return " (give the daemon's --config: without it the built-in defaults are used, and no databases but "
         "those that are named)";
}

// As the running daemon has it, from the history that its log keeps.
int ExplainLive(const ExplainArguments& arguments) {
  Result<AdminTarget> target = TargetOf(arguments.admin);
  if (!target) return FailAs("explain", target.error());
  target->patience = kLivePatience;
  std::string path =
      "/admin/v1/explanations/" + PercentEncoded(arguments.query.id) + "?format=" + arguments.format;
  if (!arguments.query.account.empty()) path += "&account=" + PercentEncoded(arguments.query.account);
  Result<std::string> answer = AdminGet(*target, path);
  return answer ? WriteLines(*answer) : FailAs("explain", answer.error());
}

int Explain(const ExplainArguments& arguments) {
  if (arguments.admin_given + !arguments.events.empty() + !arguments.state.empty() != 1)
    return Fail(kExitUsage, "give one of --state, --events and --admin");
  if (arguments.admin_given) return ExplainLive(arguments);
  const std::optional<Config> config = LoadReplayConfig(arguments.rules.config, arguments.rules);
  if (!config) return kExitConfig;
  Result<std::shared_ptr<const Databases>> databases = LoadDatabases(config->databases);
  if (!databases) return Fail(kExitConfig, databases.error().ToString());
  Result<ReplaySource> source =
      arguments.events.empty() ? RetainedSource(arguments.state) : FileSource(arguments.events, {});
  if (!source) {
    const bool refused = source.error().code == ErrorCode::kUnavailable;
    return Fail(refused ? kExitUnavailable : kExitUsage, source.error().ToString());
  }

  Explainer explainer(arguments.query, config->rules.alerts.risk, !source->trimmed);
  ReplayDone done;
  const int code = RunReplay("explain", {.config = &*config, .databases = *databases, .observer = &explainer},
                             *std::move(source), done);
  if (code != kExitOk) return code;
  if (explainer.explanations().empty())
    return Fail(kExitProblem, explainer.NothingFound(done.metrics.records.value()) + Hint(arguments));
  return arguments.format == "json" ? WriteOut(ExplanationsJson(explainer.explanations()))
                                    : WriteLines(ExplanationsText(explainer.explanations()));
}

}  // namespace

RegisteredCommand AddExplain(CLI::App& app) {
  auto arguments = std::make_shared<ExplainArguments>();
  CLI::App* command = app.add_subcommand(
      "explain", "Why an event was found or not: every detector's answer, its numbers, and the risk");
  command
      ->add_option("id", arguments->query.id, "An event's id, or a finding's: then each event that gave it")
      ->required();
  command->add_option("--state", arguments->state,
                      "State directory of a daemon with the embedded log, which may be running");
  command->add_option("--events", arguments->events, "NDJSON file of events instead");
  command->add_option("--account", arguments->query.account,
                      "Only events of this account: faster for a finding, and for ids that are not unique");
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  AddRulesOptions(*command, arguments->rules);
  AddAdminOptions(*command, arguments->admin);
  return {command, [arguments, command] {
            arguments->admin_given = command->count("--admin") > 0;
            return Explain(*arguments);
          }};
}

}  // namespace tocsin::daemon
