// Other thresholds for some tenants and tiers.
#pragma once

#include <string>

#include "daemon/config/sections.h"
#include "detectors/detector_set.h"

namespace tocsin::daemon {

// Reads `overrides` on top of what `config` says of the detectors: call it when all else is read.
// A row of them that is not valid is complained about and left out.
void ReadOverrides(const YamlNode& node, const std::string& path, const Complain& complain, Config& config);

// What is wrong with the countries that high_risk_country watches; "" when nothing is.
[[nodiscard]] std::string WrongCountries(const detectors::DetectorConfigs& configs);

}  // namespace tocsin::daemon
