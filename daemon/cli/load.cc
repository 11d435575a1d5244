#include "daemon/cli/load.h"

#include <cstdio>

#include "daemon/config/load_config.h"

namespace tocsin::daemon {

std::optional<Config> LoadConfigOrExplain(const std::string& path, Warn warn) {
  Result<LoadedConfig> loaded = LoadConfig(path);
  if (!loaded) {
    std::fprintf(stderr, "tocsin: %s\n", loaded.error().ToString().c_str());
    return std::nullopt;
  }
  for (const ConfigProblem& problem : loaded->problems) {
    if (problem.warning && path.empty()) continue;  // The defaults: there is no file to mend.
    if (problem.warning && warn != nullptr && loaded->valid()) {
      warn(path + ":" + std::to_string(problem.line) + ": " + problem.Sentence());
      continue;
    }
    std::fprintf(stderr, "%s:%d:%d: %s%s\n", path.c_str(), problem.line, problem.column,
                 problem.warning ? "warning: " : "", problem.Sentence().c_str());
  }
  if (!loaded->valid()) return std::nullopt;
  return std::move(loaded->config);
}

}  // namespace tocsin::daemon
