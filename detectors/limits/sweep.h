// One limit along the account's transactions in order, with and without a change to one of them.
#pragma once

#include <string_view>
#include <vector>

#include "detectors/limits/judge.h"

namespace tocsin::detectors {

// One transaction that changes: as it was (nullptr: not there or not counting) and as it is now.
struct MovementChange {
  uint64_t transaction_key = 0;
  const Movement* before = nullptr;
  const Movement* after = nullptr;
  std::string_view before_event_id;
  std::string_view after_event_id;

  // The earliest time at which anything can be judged differently; kTimestampMax: nothing can. REQUIRES:
  // before or after.
  [[nodiscard]] Timestamp From() const;
};

struct SweepInput {
  Question question = Question::kOver;
  const Limit& limit;
  const LimitTable& table;
  const schemas::AccountProfile& owner;
  const TimeZone& zone;
  const MoneyHistory& money;
  MovementChange change;
};

// Appends what the change makes true or untrue of `limit`. Returns why the limit cannot be
// evaluated at `change.after`; "" when it can, or does not match.
std::string_view SweepLimit(const SweepInput& input, std::vector<LimitChange>& changes);

}  // namespace tocsin::detectors
