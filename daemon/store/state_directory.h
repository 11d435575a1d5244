// Whether there can be state in a directory: the same to the daemon, which then uses it, and to the doctor,
// who makes nothing.
#pragma once

#include <string>

#include "base/result.h"

namespace tocsin::daemon {

// kInvalid, with what stands in the way: it is no directory or is below a file, or this user may not write to
// it or, where it is not there yet, to what it would be made in. No restart mends that. `field` is
// "state_dir".
[[nodiscard]] Result<Done> CheckStateDirectory(const std::string& directory);

}  // namespace tocsin::daemon
