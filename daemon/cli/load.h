// What several subcommands begin with.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "daemon/config/config.h"
#include "daemon/detection/rules.h"
#include "daemon/enrich/databases.h"

namespace tocsin::daemon {

// The configuration in `path` ("" : the defaults). When it is not valid, every problem is printed to standard
// error as "path:line:column: key: text", and there is none.
// `warn` gets the warnings instead, when it is given.
using Warn = void (*)(const std::string& text);
[[nodiscard]] std::optional<Config> LoadConfigOrExplain(const std::string& path, Warn warn = nullptr);

// The rules of this configuration, with the versions that findings name.
[[nodiscard]] std::shared_ptr<const Rules> MakeRules(const Config& config, const Databases& databases);

}  // namespace tocsin::daemon
