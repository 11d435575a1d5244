// A tar archive (POSIX ustar) of small texts, in memory.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace tocsin::daemon {

// Appends a file of mode 0644. REQUIRES: `name` is shorter than 100 bytes; `text` than 8 GiB.
void AppendToTar(std::string& tar, std::string_view name, std::string_view text, Timestamp at);
// The end of the archive.
void FinishTar(std::string& tar);

}  // namespace tocsin::daemon
