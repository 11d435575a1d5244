// The reading of a log without a changelog: the state is what the checkpoint holds.
#pragma once

#include "daemon/log/log.h"

namespace tocsin::daemon {

class NoChangelog final : public ChangelogReading {
 public:
  explicit NoChangelog(int64_t end) : end_(end) {}
  Result<std::optional<int64_t>> Read(size_t, const ChangelogVisitor&) override {
    return std::optional<int64_t>(end_);
  }

 private:
  int64_t end_;
};

}  // namespace tocsin::daemon
