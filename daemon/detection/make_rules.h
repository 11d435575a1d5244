// The rules of a configuration, with the versions that findings name.
#pragma once

#include <memory>

#include "daemon/config/config.h"
#include "daemon/detection/rules.h"
#include "daemon/enrich/databases.h"

namespace tocsin::daemon {

[[nodiscard]] std::shared_ptr<const Rules> MakeRules(const Config& config, const Databases& databases);

}  // namespace tocsin::daemon
