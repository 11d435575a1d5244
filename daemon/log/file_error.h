// What the system says of a file or directory of the log.
//
// Thread safety: any thread.
#pragma once

#include <string>
#include <string_view>
#include <system_error>

#include "base/result.h"

namespace tocsin::daemon {

// kUnavailable: the same call may succeed later. `what`: as in "cannot be read". Where rights are missing it
// says who has them.
[[nodiscard]] Error FileError(const std::string& path, std::string_view what, const std::error_code& error);

// `error`: as errno has it.
[[nodiscard]] Error FileError(const std::string& path, std::string_view what, int error);

}  // namespace tocsin::daemon
