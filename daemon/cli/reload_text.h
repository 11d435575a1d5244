// What a person reads of a reload.
#pragma once

#include <string>
#include <string_view>

namespace tocsin::daemon {

// Of the daemon's answer (ReloadJson): its problems as `tocsin check` writes them, then that the old rules
// stay; or what changed, with what waits for a restart.
[[nodiscard]] std::string ReloadText(std::string_view json, bool taken);

}  // namespace tocsin::daemon
