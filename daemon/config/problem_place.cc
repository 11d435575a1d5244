#include "daemon/config/problem_place.h"

#include "daemon/config/load_config.h"

namespace tocsin::daemon {

std::string PlaceIn(const std::string& path, const ConfigProblem& problem) {
  if (problem.line == 0) return path;
  return path + ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column);
}

}  // namespace tocsin::daemon
