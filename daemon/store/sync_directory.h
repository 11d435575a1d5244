// What was made, renamed or removed in a directory survives a loss of power once this has returned.
#pragma once

#include <string>

#include "base/result.h"

namespace tocsin::daemon {

// kUnavailable, with the system's reason.
[[nodiscard]] Result<Done> SyncDirectory(const std::string& directory);

}  // namespace tocsin::daemon
