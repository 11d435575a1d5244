// The subcommand of a subcommand: tocsin generate traffic.
#pragma once

#include "daemon/cli/command.h"

namespace tocsin::daemon {

// Adds it to `parent`, the command `generate`.
RegisteredCommand AddGenerateTraffic(CLI::App& parent);

}  // namespace tocsin::daemon
