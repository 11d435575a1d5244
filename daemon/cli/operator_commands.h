// The commands for who operates a running daemon, as command.h has the others.
#pragma once

#include "daemon/cli/command.h"

namespace tocsin::daemon {

RegisteredCommand AddDeadLetters(CLI::App& app);
RegisteredCommand AddDeliveries(CLI::App& app);
RegisteredCommand AddReload(CLI::App& app);
RegisteredCommand AddStatus(CLI::App& app);
RegisteredCommand AddTap(CLI::App& app);
RegisteredCommand AddTop(CLI::App& app);
RegisteredCommand AddSupportBundle(CLI::App& app);

}  // namespace tocsin::daemon
