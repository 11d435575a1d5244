#include "daemon/cli/compare.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/cli/command.h"
#include "daemon/cli/standard_output.h"
#include "daemon/compare/comparison.h"
#include "daemon/compare/report.h"
#include "schemas/enum_names.h"

namespace tocsin::daemon {
namespace {

int Fail(int code, const std::string& text) {
  std::fprintf(stderr, "tocsin replay: %s\n", text.c_str());
  return code;
}

Result<std::vector<schemas::AttackLabel>> ReadLabels(const std::string& path) {
  std::ifstream file(path);
  if (!file) return Error{ErrorCode::kNotFound, path, "cannot be read"};
  std::vector<schemas::AttackLabel> labels;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    Result<schemas::AttackLabel> label = schemas::ParseAttackLabel(line);
    if (!label) {
      return Error{label.error().code, path + ":" + std::to_string(number) + ": " + label.error().field,
                   label.error().detail};
    }
    labels.push_back(*std::move(label));
  }
  return labels;
}

struct Side {
  Config config;
  std::shared_ptr<const Databases> databases;
};

// What is wrong is printed, and there is none.
std::optional<Side> LoadSide(const std::string& config_path, const RulesArguments& rules) {
  std::optional<Config> config = LoadReplayConfig(config_path, rules);
  if (!config) return std::nullopt;
  Result<std::shared_ptr<const Databases>> databases = LoadDatabases(config->databases);
  if (!databases) {
    Fail(kExitConfig, databases.error().ToString());
    return std::nullopt;
  }
  return Side{.config = *std::move(config), .databases = *std::move(databases)};
}

// 0 or an exit code.
int Run(const Side& side, const std::string& events, const OutputPaths& outputs,
        OutcomeCollector& collector) {
  Result<ReplaySource> source = FileSource(events, outputs);
  if (!source) return Fail(kExitUsage, source.error().ToString());
  ReplayDone done;
  return RunReplay("replay",
                   {.config = &side.config,
                    .databases = side.databases,
                    .verdict_lines = !outputs[schemas::OutputKind::kVerdict].empty(),
                    .observer = &collector},
                   *std::move(source), done);
}

}  // namespace

void AddCompareOptions(CLI::App& command, CompareArguments& arguments) {
  CLI::Option* const against = command.add_option(
      "--against", arguments.against, "Replay through this configuration as well, and print what differs");
  command
      .add_option("--labels", arguments.labels,
                  "With --against: attacks that are known (NDJSON, as generate traffic writes them)")
      ->needs(against);
  command.add_option("--format", arguments.format, "With --against: text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->needs(against);
  command
      .add_option("--severity", arguments.severity,
                  "With --against: findings below it count for no volume, precision or recall")
      ->check(CLI::IsMember({"info", "low", "medium", "high", "critical"}))
      ->needs(against)
      ->capture_default_str();
  command.add_option("--changes", arguments.changes_max, "With --against: list so many findings that differ")
      ->check(CLI::Range(0, 1'000'000))
      ->needs(against)
      ->capture_default_str();
}

int Compare(const CompareArguments& arguments, const RulesArguments& rules, const std::string& events,
            const OutputPaths& outputs) {
  if (events == "-") return Fail(kExitUsage, "--against reads the events twice: give a file");
  std::vector<schemas::AttackLabel> labels;
  if (!arguments.labels.empty()) {
    Result<std::vector<schemas::AttackLabel>> read = ReadLabels(arguments.labels);
    if (!read) return Fail(kExitUsage, read.error().ToString());
    labels = *std::move(read);
  }
  const auto severity = schemas::FromName<schemas::Severity>(arguments.severity);
  if (!severity) return Fail(kExitUsage, "--severity: no severity is called " + arguments.severity);
  // Both, before the first takes its minutes and writes anything.
  const std::optional<Side> before = LoadSide(rules.config, rules);
  const std::optional<Side> after = LoadSide(arguments.against, rules);
  if (!before || !after) return kExitConfig;
  OutcomeCollector first;
  OutcomeCollector second;
  if (const int code = Run(*before, events, outputs, first); code != kExitOk) return code;
  if (const int code = Run(*after, events, {}, second); code != kExitOk) return code;

  const ComparisonOptions options{.severity = *severity};
  const Comparison comparison =
      Compare(first.outcome(), second.outcome(), arguments.labels.empty() ? nullptr : &labels, options);
  const std::string text =
      arguments.format == "json"
          ? ComparisonJson(comparison, options)
          : ComparisonText(comparison, options, static_cast<size_t>(arguments.changes_max));
  return WriteOut(text);
}

}  // namespace tocsin::daemon
