// Tells whoever replays a file of something else that none of its lines is an event: without it a run without
// findings looks like a quiet day.
#pragma once

#include <cstdint>
#include <string>

#include "daemon/detection/observer.h"

namespace tocsin::daemon {

// Passes everything on to `next`, which may be null.
class RejectedLines final : public DetectionObserver {
 public:
  explicit RejectedLines(DetectionObserver* next) : next_(next) {}
  [[nodiscard]] bool WantsStateBefore(const schemas::Event& event) override;
  void Saw(const Observed& observed) override;
  void Passed(const Unjudged& unjudged) override;

  // When all of `lines` were rejected, how many and the first with its reason; otherwise "".
  [[nodiscard]] std::string WhenAll(uint64_t lines) const;

 private:
  DetectionObserver* next_;
  uint64_t rejected_ = 0;
  std::string first_;  // "line 1: not_json: …"
};

}  // namespace tocsin::daemon
