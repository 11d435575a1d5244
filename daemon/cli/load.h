// What several subcommands begin with.
#pragma once

#include <optional>
#include <string>

#include "daemon/config/config.h"

namespace tocsin::daemon {

// The configuration in `path` ("" : the defaults). When it is not valid, every problem is printed to standard
// error as "path:line:column: key: text", and there is none.
// `warn` gets the warnings instead, when it is given.
using Warn = void (*)(const std::string& text);
[[nodiscard]] std::optional<Config> LoadConfigOrExplain(const std::string& path, Warn warn = nullptr);

}  // namespace tocsin::daemon
