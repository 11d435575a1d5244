// One state out of the checkpoints on disk, for somebody who asks about an account. Reads only, and beside a
// daemon that may be running: what has changed since its last checkpoint is not there yet.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tocsin::daemon {

struct StoredState {
  std::string partition;  // "3", as the engine names them.
  std::string value;      // What EncodeState wrote.
};

// `directory`: a state directory (what state_dir names, or `replay --state`). nullopt: no partition knows the
// key. kNotFound: there are no checkpoints; kUnavailable or kCorrupt: they cannot be read.
[[nodiscard]] Result<std::optional<StoredState>> ReadStoredState(const std::string& directory,
                                                                 std::string_view key);

}  // namespace tocsin::daemon
