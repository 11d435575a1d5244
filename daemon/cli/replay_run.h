// A replay as a command runs it: with a progress line, and with what goes wrong on standard error.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/replay/replay.h"

namespace CLI {
class App;
}

namespace tocsin::daemon {

// Runs the source to its end, with a progress line on a terminal. Prints what goes wrong to standard error as
// "tocsin COMMAND: …"; answers the exit code. `job.report` is set here.
[[nodiscard]] int RunReplay(const std::string& command, ReplayJob job, ReplaySource source, ReplayDone& done);

// Configuration and databases, as replaying commands are told of them.
struct RulesArguments {
  std::string config;
  std::vector<std::string> geoip_city;
  std::vector<std::string> geoip_asn;
  std::string geoip_anonymous;
};
void AddRulesOptions(CLI::App& command, RulesArguments& arguments);
// `path` (the defaults for "") with the databases of the arguments put in. Problems are printed.
[[nodiscard]] std::optional<Config> LoadReplayConfig(const std::string& path,
                                                     const RulesArguments& arguments);

}  // namespace tocsin::daemon
