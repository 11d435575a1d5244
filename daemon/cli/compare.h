// tocsin replay --against: the same events through two configurations.
#pragma once

#include <string>

#include "daemon/cli/replay_run.h"

namespace tocsin::daemon {

struct CompareArguments {
  std::string against;  // The other configuration.
  std::string labels;   // NDJSON; "": none.
  std::string format = "text";
  std::string severity = "medium";
  int changes_max = 40;
};
void AddCompareOptions(CLI::App& command, CompareArguments& arguments);

// Replays `events` under both and prints what differs; the first run writes `outputs`.
[[nodiscard]] int Compare(const CompareArguments& arguments, const RulesArguments& rules,
                          const std::string& events, const OutputPaths& outputs);

}  // namespace tocsin::daemon
