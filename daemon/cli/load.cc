#include "daemon/cli/load.h"

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "daemon/config/problem_place.h"
#include "daemon/config/rules_hash.h"
#include "daemon/doctor/secrets.h"

namespace tocsin::daemon {

std::optional<Config> LoadConfigOrExplain(const std::string& path, Warn warn) {
  return ConfigOrExplain(path, LoadConfig(path), warn);
}

std::optional<Config> ConfigOrExplain(const std::string& path, Result<LoadedConfig> loaded, Warn warn) {
  if (!loaded) {
    std::fprintf(stderr, "tocsin: %s\n", loaded.error().ToString().c_str());
    return std::nullopt;
  }
  for (const ConfigProblem& problem : loaded->problems) {
    if (problem.warning && path.empty()) continue;  // The defaults: there is no file to mend.
    if (problem.warning && warn != nullptr && loaded->valid()) {
      warn(PlaceIn(path, problem) + ": " + problem.Sentence());
      continue;
    }
    const std::string remedy = CredentialRemedy(problem);
    std::fprintf(stderr, "%s: %s%s%s%s\n", PlaceIn(path, problem).c_str(), problem.warning ? "warning: " : "",
                 problem.Sentence().c_str(), remedy.empty() ? "" : ": ", remedy.c_str());
  }
  if (!loaded->valid()) return std::nullopt;
  return std::move(loaded->config);
}

void ForgiveUnreadableSecrets(LoadedConfig& loaded) {
  std::vector<ConfigProblem> left;
  for (ConfigProblem& problem : loaded.problems) {
    // No file that decides what is found is read with the configuration; a value that says these words may.
    const bool unreadable = !problem.warning && !DecidesVerdicts(problem.key) &&
                            problem.text.find(" cannot be read") != std::string::npos;
    if (unreadable && problem.key != "answers.key") continue;
    if (unreadable) {
      problem.warning = true;
      problem.text += "; notices are written without their links";
    }
    left.push_back(std::move(problem));
  }
  loaded.problems = std::move(left);
}

}  // namespace tocsin::daemon
