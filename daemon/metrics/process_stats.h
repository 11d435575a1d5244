// What the kernel says of this process.
#pragma once

#include <cstdint>

namespace tocsin::daemon {

struct ProcessStats {
  uint64_t resident_bytes = 0;
  double cpu_seconds = 0;
  uint64_t open_fds = 0;
  uint64_t max_fds = 0;
};
// What cannot be read is 0.
[[nodiscard]] ProcessStats ReadProcessStats();

}  // namespace tocsin::daemon
