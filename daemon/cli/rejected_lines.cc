#include "daemon/cli/rejected_lines.h"

namespace tocsin::daemon {

bool RejectedLines::WantsStateBefore(const schemas::Event& event) {
  return next_ != nullptr && next_->WantsStateBefore(event);
}

void RejectedLines::Saw(const Observed& observed) {
  if (next_ != nullptr) next_->Saw(observed);
}

void RejectedLines::Passed(const Unjudged& unjudged) {
  if (unjudged.why == Unjudged::Why::kRejected) {
    if (rejected_ == 0) {
      const schemas::Rejection& why = *unjudged.rejection;
      first_ =
          "line " + std::to_string(unjudged.record.offset) + ": " + std::string(schemas::CodeName(why.code));
      if (!why.field.empty()) first_ += ": " + why.field;
      if (!why.detail.empty()) first_ += ": " + why.detail;
    }
    ++rejected_;
  }
  if (next_ != nullptr) next_->Passed(unjudged);
}

std::string RejectedLines::WhenAll(uint64_t lines) const {
  if (lines == 0 || rejected_ < lines) return {};
  return "all lines were rejected, " + std::to_string(rejected_) + " of " + std::to_string(lines) +
         ": nothing was judged; the first is " + first_;
}

}  // namespace tocsin::daemon
