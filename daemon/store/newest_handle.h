// Who may use a partition's store: the newest that opened it. A partition can come to a second worker of the
// process before the first one knows that it lost it, and would write its older checkpoint over the newer
// one.
#pragma once

#include <cstdint>

#include "daemon/log/defence.h"

namespace tocsin::daemon {

// Of one partition. Its owner sees to it that one thread uses it at a time.
class NewestHandle {
 public:
  // The number of a new handle, which is the newest from now on.
  [[nodiscard]] uint64_t Open() { return ++newest_; }
  [[nodiscard]] bool MayUse(uint64_t handle) const {
    return handle == newest_ || !Holds(Defence::kOneHandleForAPartition);
  }

 private:
  uint64_t newest_ = 0;
};

}  // namespace tocsin::daemon
