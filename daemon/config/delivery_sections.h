// The parts of `delivery` and `answers` that are lists, and what no single key of it can know.
#pragma once

#include <functional>
#include <string>

#include "daemon/config/sections.h"

namespace tocsin::daemon {

[[nodiscard]] std::vector<Section> DeliverySections();

// Calls `problem` with key and text of each thing that does not fit together.
void CheckDelivery(Config& config, const std::function<void(std::string key, std::string text)>& problem);

}  // namespace tocsin::daemon
