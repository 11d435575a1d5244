// The account's refused payments of one sort, with the event's own: what limit_probing, card_testing and
// repeated_failure count. A transaction that is declined, and then failed, is one.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/state/attempts.h"
#include "schemas/event.h"

namespace tocsin::detectors {

struct Refusal {
  Timestamp at;  // With the id: of the first of the transaction's events.
  std::string_view event_id;
  const Attempt* attempt = nullptr;  // The one of them that says most, of equals the first.
  int events = 1;
};

// Events without a transaction_id are each of their own.
[[nodiscard]] inline bool OfOneTransaction(const Refusal& refusal, const Attempt& one) {
  return one.transaction_key != 0 && refusal.attempt->transaction_key == one.transaction_key;
}

// How much it says: with what, and why.
[[nodiscard]] inline int Told(const Attempt& attempt) {
  return (attempt.instrument != 0 ? 2 : 0) + (attempt.reason != schemas::DeclineReason::kNone ? 1 : 0);
}

// In order, of events that `keep(attempt)` wants; one that is `same(refusal, attempt)` belongs to that
// refusal. `own` may be null. A function of the set of events: their order of arrival decides nothing.
template <class Keep, class Same>
[[nodiscard]] std::vector<Refusal> Refusals(const PaymentAttempts& attempts, const Attempt* own, Keep keep,
                                            Same same) {
  std::vector<Refusal> list;
  const auto add = [&](const Attempt& one) {
    if (!keep(one)) return;
    const auto known = std::ranges::find_if(list, [&](const Refusal& other) { return same(other, one); });
    if (known == list.end()) {
      list.push_back({one.at, one.event_id, &one});
      return;
    }
    ++known->events;
    if (Told(one) > Told(*known->attempt)) known->attempt = &one;
  };
  for (const Attempt& one : attempts.list) {
    if (own != nullptr && IsEarlier(*own, one)) {
      add(*own);
      own = nullptr;
    }
    add(one);
  }
  if (own != nullptr) add(*own);
  return list;
}

template <class Keep>
[[nodiscard]] std::vector<Refusal> Refusals(const PaymentAttempts& attempts, const Attempt* own, Keep keep) {
  return Refusals(attempts, own, keep, OfOneTransaction);
}

// Which of `list`, made with `own`, begins with it, or says more by it; null: without it the list is the
// same.
[[nodiscard]] inline const Refusal* ChangedBy(const std::vector<Refusal>& list, const Attempt& own) {
  const auto changed = std::ranges::find_if(list, [&](const Refusal& one) {
    return one.attempt == &own || (one.at == own.at && own.event_id == one.event_id);
  });
  return changed == list.end() ? nullptr : &*changed;
}

}  // namespace tocsin::detectors
