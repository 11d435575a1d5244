#include "daemon/log/topic_merge.h"

#include <algorithm>

namespace tocsin::daemon {

std::optional<size_t> TopicMerge::Next(bool impatient) const {
  std::optional<size_t> oldest;
  for (size_t topic = 0; topic < heads_.size(); ++topic) {
    const Head& head = heads_[topic];
    if (head.seen == Seen::kUnknown && !impatient) return std::nullopt;
    if (head.seen == Seen::kRecord && (!oldest || head.at < heads_[*oldest].at)) oldest = topic;
  }
  return oldest;
}

bool TopicMerge::AnyUnknown() const {
  return std::any_of(heads_.begin(), heads_.end(),
                     [](const Head& head) { return head.seen == Seen::kUnknown; });
}

bool TopicMerge::Waits() const { return AnyUnknown() && Next(true).has_value(); }

}  // namespace tocsin::daemon
