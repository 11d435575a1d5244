// What several subcommands begin with.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "daemon/config/config.h"
#include "daemon/config/load_config.h"

namespace tocsin::daemon {

// The configuration in `path` ("" : the defaults). When it is not valid, every problem is printed to standard
// error as "path:line:column: key: text", and there is none.
// `warn` gets the warnings instead, when it is given.
using Warn = void (*)(const std::string& text);
[[nodiscard]] std::optional<Config> LoadConfigOrExplain(const std::string& path, Warn warn = nullptr);
// The same of one that was loaded from `path`.
[[nodiscard]] std::optional<Config> ConfigOrExplain(const std::string& path, Result<LoadedConfig> loaded,
                                                    Warn warn = nullptr);
// Whoever may read the configuration need not read its secrets, where nothing is sent, served or asked for:
// such files that cannot be read are no problem then. Without answers.key notices have no links, which stays
// as a warning.
void ForgiveUnreadableSecrets(LoadedConfig& loaded);

}  // namespace tocsin::daemon
