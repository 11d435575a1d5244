// Merges the topics of one partition by record time, so that a backlog of logins is not processed hours ahead
// of the transactions of the same accounts.
//
// Each topic is a queue of which the merge sees the head. A record may go when no other topic can still bring
// an older one: every topic shows a head or is known to be drained. Ties go to the topic that is named first.
// Late records within one topic stay where the topic has them: the order of a topic is never changed.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/time.h"

namespace tocsin::daemon {

// One thread.
class TopicMerge {
 public:
  explicit TopicMerge(size_t topics) : heads_(topics) {}

  // The oldest record that waits in `topic` was appended `at`.
  void SetHead(size_t topic, Timestamp at) { heads_[topic] = {Seen::kRecord, at}; }
  // Nothing waits, and the log has nothing more: others need not wait for it.
  void SetDrained(size_t topic) { heads_[topic] = {Seen::kDrained, {}}; }
  // Nothing is here, but more may be on its way: the others wait.
  void SetUnknown(size_t topic) { heads_[topic] = {Seen::kUnknown, {}}; }

  // The topic whose head goes next; nullopt while one is unknown, or when all are drained. `impatient`: does
  // not wait for those that are unknown.
  [[nodiscard]] std::optional<size_t> Next(bool impatient = false) const;

  // A record waits, and an unknown topic keeps it waiting.
  [[nodiscard]] bool Waits() const;
  [[nodiscard]] bool AnyUnknown() const;
  [[nodiscard]] bool IsUnknown(size_t topic) const { return heads_[topic].seen == Seen::kUnknown; }

 private:
  enum class Seen { kUnknown, kDrained, kRecord };
  struct Head {
    Seen seen = Seen::kUnknown;
    Timestamp at;
  };
  std::vector<Head> heads_;  // Few: one per input topic.
};

}  // namespace tocsin::daemon
