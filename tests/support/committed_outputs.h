// What a commit of a test puts out.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "daemon/log/log.h"
#include "daemon/log/output_history.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {

inline std::vector<TaskCommit> CommitOf(
    const std::vector<std::pair<schemas::OutputKind, std::string>>& outputs) {
  std::vector<TaskCommit> commits(1);
  commits[0].changelog = {{"key", "value"}};
  for (const auto& [kind, value] : outputs)
    commits[0].outputs.push_back({.kind = kind, .key = {}, .headers = {}, .value = value});
  return commits;
}

// All that is kept of a kind, oldest first.
inline std::string AllOf(const OutputHistory& history, schemas::OutputKind kind) {
  std::string all;
  history.VisitPaths(kind, [&](const std::vector<std::string>& paths) {
    for (const std::string& path : paths) all += ReadFile(path);
  });
  return all;
}

}  // namespace tocsin::daemon
