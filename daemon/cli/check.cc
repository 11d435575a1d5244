// tocsin check: is this configuration good? Every problem at once, with line and key.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "daemon/cli/command.h"
#include "daemon/config/load_config.h"
#include "daemon/config/problem_place.h"
#include "daemon/doctor/secrets.h"
#include "daemon/enrich/database_check.h"
#include "daemon/log/kafka_topics.h"
#include "daemon/log/kafka_trial.h"
#include "daemon/log/local_store.h"

namespace tocsin::daemon {
namespace {

int Check(const std::string& path, bool strict) {
  Result<LoadedConfig> loaded = LoadConfig(path);
  if (!loaded) {
    std::fprintf(stderr, "tocsin check: %s\n", loaded.error().ToString().c_str());
    return kExitConfig;
  }
  // Files that the configuration names must be what it says they are.
  for (const DatabaseProblem& problem : CheckDatabases(loaded->config.databases))
    loaded->Add(problem.key, problem.error.ToString(), false);
  if (loaded->config.log == LogKind::kKafka && CheckKafkaConfig(loaded->config.kafka)) {
    if (Result<Done> taken = TryKafkaClient(loaded->config.kafka); !taken)
      loaded->Add(taken.error().field, taken.error().detail, false);
  }
  // Where the state is at hand: a configuration is often checked elsewhere.
  if (loaded->config.log == LogKind::kLocal) {
    const std::string log = (std::filesystem::path(loaded->config.state_dir) / "log").string();
    if (Result<Done> fits = LocalStore::CheckPartitions(log, loaded->config.local.partitions); !fits)
      loaded->Add("local.partitions", fits.error().ToString(), false);
  }
  loaded->Sort();
  size_t errors = 0;
  size_t warnings = 0;
  for (const ConfigProblem& problem : loaded->problems) {
    ++(problem.warning ? warnings : errors);
    const std::string remedy = CredentialRemedy(problem);
    std::fprintf(stderr, "%s: %s: %s%s%s\n", PlaceIn(path, problem).c_str(),
                 problem.warning ? "warning" : "error", problem.Sentence().c_str(),
                 remedy.empty() ? "" : ": ", remedy.c_str());
  }
  if (errors > 0) {
    std::fprintf(stderr, "%zu error%s, %zu warning%s\n", errors, errors == 1 ? "" : "s", warnings,
                 warnings == 1 ? "" : "s");
    return kExitConfig;
  }
  std::fprintf(stderr, "%s is valid (rules %s), %zu warning%s\n", path.c_str(),
               loaded->config.rules_hash.c_str(), warnings, warnings == 1 ? "" : "s");
  return strict && warnings > 0 ? kExitProblem : kExitOk;
}

}  // namespace

RegisteredCommand AddCheck(CLI::App& app) {
  auto path = std::make_shared<std::string>();
  auto strict = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand(
      "check", "Checks a configuration: exit 0 valid, 1 warnings with --strict, 78 invalid");
  command->add_option("--config", *path, "The configuration")->required();
  command->add_flag("--strict", *strict, "Warnings count");
  return {command, [path, strict] { return Check(*path, *strict); }};
}

}  // namespace tocsin::daemon
