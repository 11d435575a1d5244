#pragma once

#include <string>

#include "daemon/config/sections.h"

namespace tocsin::daemon {

// [{from: USD, to: CNY, rate: 7.12, as_of: 2026-03-01}, …]: one row for each pair, whichever way round.
void ReadRates(const YamlNode& node, const std::string& path, const Complain& complain, Config& config);

}  // namespace tocsin::daemon
