#include "daemon/cli/load.h"

#include <cstdio>
#include <utility>

#include "daemon/config/problem_place.h"
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

}  // namespace tocsin::daemon
