// The whole of a small file, or why it cannot be had; and another one in its place.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tocsin::daemon {

// kNotFound: there is none; kInvalid: a directory; kExhausted: larger than `bytes_max`; kUnavailable: it is
// there and cannot be read, with the system's reason. `field` is the path. Pipes are read to their end.
[[nodiscard]] Result<std::string> ReadBoundedFile(const std::string& path, size_t bytes_max);

// Replaces the file in one step, readable by this user only. kUnavailable, with the system's reason.
[[nodiscard]] Result<Done> ReplaceSmallFile(const std::string& path, std::string_view bytes);

}  // namespace tocsin::daemon
