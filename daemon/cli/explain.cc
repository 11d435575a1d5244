// tocsin explain: why an event was found, or was not. The events are replayed through the same code
// (docs/adr: explanations are replayed, not recorded).
#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/cli/command.h"
#include "daemon/cli/replay_run.h"
#include "daemon/explain/explanation.h"
#include "daemon/log/retained_log.h"

namespace tocsin::daemon {
namespace {

struct ExplainArguments {
  std::string id;
  std::string events;
  std::string state;
  std::string account;
  std::string format = "text";
  RulesArguments rules;
};

bool IsFindingId(std::string_view id) {
  return id.size() == 32 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Keeps the explanation of each event that is asked for, by its id or by a finding it gave.
class Explainer final : public DetectionObserver {
 public:
  Explainer(const ExplainArguments& arguments, const alerts::RiskConfig& risk)
      : arguments_(arguments), risk_(risk), any_event_(IsFindingId(arguments.id)) {}

  bool WantsStateBefore(const schemas::Event& event) override {
    if (!arguments_.account.empty() && event.account_id.view() != arguments_.account) return false;
    return any_event_ || event.event_id.view() == arguments_.id;
  }

  void Saw(const Observed& observed) override {
    if (observed.before == nullptr) return;
    bool asked = observed.event.event_id.view() == arguments_.id;
    for (const schemas::Finding& finding : observed.decision.findings)
      asked = asked || finding.finding_id == arguments_.id;
    if (asked) explanations_.push_back(Explain(observed, risk_));
  }

  [[nodiscard]] const std::vector<Explanation>& explanations() const { return explanations_; }

 private:
  const ExplainArguments& arguments_;
  const alerts::RiskConfig& risk_;
  const bool any_event_;
  std::vector<Explanation> explanations_;
};

int Fail(int code, const std::string& text) {
  std::fprintf(stderr, "tocsin explain: %s\n", text.c_str());
  return code;
}

Result<ReplaySource> SourceOf(const ExplainArguments& arguments, bool& trimmed) {
  if (!arguments.events.empty()) return FileSource(arguments.events, {});
  Result<std::unique_ptr<RetainedLog>> log = RetainedLog::Open(arguments.state);
  if (!log) return log.error();
  const RetainedLog* const retained = log->get();
  trimmed = retained->trimmed();
  return ReplaySource{.log = *std::move(log),
                      .bytes_read = [retained] { return retained->bytes_read(); },
                      .outcome = [retained] { return retained->outcome(); }};
}

int Explain(const ExplainArguments& arguments) {
  if (arguments.events.empty() == arguments.state.empty())
    return Fail(kExitUsage, "give either --state or --events");
  const std::optional<Config> config = LoadReplayConfig(arguments.rules.config, arguments.rules);
  if (!config) return kExitConfig;
  Result<std::shared_ptr<const Databases>> databases = LoadDatabases(config->databases);
  if (!databases) return Fail(kExitConfig, databases.error().ToString());
  bool trimmed = false;
  Result<ReplaySource> source = SourceOf(arguments, trimmed);
  if (!source) return Fail(kExitUsage, source.error().ToString());

  Explainer explainer(arguments, config->rules.alerts.risk);
  ReplayDone done;
  const int code =
      RunReplay({.command = "explain", .config = &*config, .databases = *databases, .observer = &explainer},
                *std::move(source), done);
  if (code != kExitOk) return code;
  if (trimmed) {
    std::fprintf(stderr,
                 "tocsin explain: the log no longer holds everything since its beginning: what accounts had "
                 "learnt before is not known here, and answers may differ from those of the daemon\n");
  }
  if (explainer.explanations().empty()) {
    return Fail(kExitProblem, "no event or finding of that id among " +
                                  std::to_string(done.metrics.records.value()) +
                                  " events (duplicates, late and rejected ones are not judged)");
  }
  bool first = true;
  for (const Explanation& explanation : explainer.explanations()) {
    const bool json = arguments.format == "json";
    const std::string text = json ? ExplanationJson(explanation) : ExplanationText(explanation);
    if (!first && !json) std::fputs("\n----------------------------------------\n\n", stdout);
    first = false;
    std::fwrite(text.data(), 1, text.size(), stdout);
  }
  return std::fflush(stdout) == 0 ? kExitOk : kExitUnavailable;
}

}  // namespace

RegisteredCommand AddExplain(CLI::App& app) {
  auto arguments = std::make_shared<ExplainArguments>();
  CLI::App* command = app.add_subcommand(
      "explain", "Why an event was found or not: every detector's answer, its numbers, and the risk");
  command->add_option("id", arguments->id, "An event's id, or a finding's: then each event that gave it")
      ->required();
  command->add_option("--state", arguments->state,
                      "State directory of a daemon with the embedded log, which may be running");
  command->add_option("--events", arguments->events, "NDJSON file of events instead");
  command->add_option("--account", arguments->account,
                      "Only events of this account: faster for a finding, and for ids that are not unique");
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  AddRulesOptions(*command, arguments->rules);
  return {command, [arguments] { return Explain(*arguments); }};
}

}  // namespace tocsin::daemon
