// The account's transactions that count, with what one event changes: the lists that money detectors compare.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "detectors/account_state.h"
#include "detectors/state/money.h"
#include "schemas/event.h"

namespace tocsin::detectors {

struct Context;

inline constexpr Millis kOneDay = std::chrono::hours(24);
// Longer lists are not judged item by item where each takes a look at others: the answer is then "saturated".
inline constexpr size_t kFlowsMax = 512;

struct Flow {
  Timestamp at;
  std::string_view event_id;  // Of the event from which on it counts.
  uint64_t key = 0;           // TransactionKey().
  const Movement* movement = nullptr;
};

// Points into the state and the event; holds no memory until a list is asked for.
class Flows {
 public:
  // REQUIRES: event.transaction().
  Flows(const schemas::Event& event, const AccountState& state);
  // The same; worked out once for all detectors.
  Flows(const schemas::Event& event, const AccountState& state, const Context& context);
  Flows& operator=(const Flows&) = delete;

  // The event's transaction as it is with the event, and as it was without; null while it does not count.
  [[nodiscard]] const Movement* after() const { return after_.Live() ? &after_ : nullptr; }
  [[nodiscard]] const Movement* before() const {
    return known_ != nullptr && known_->Live() ? known_ : nullptr;
  }
  // What the account has of the transaction, counting or not; null: nothing.
  [[nodiscard]] const MoneyEntry* known() const { return known_; }
  // The transaction with the event, counting or not.
  [[nodiscard]] const Movement& movement() const { return after_; }
  // The event itself says that the transaction counts.
  [[nodiscard]] bool EventCounts() const { return event_counts_; }
  // Where it stands in time, counting or not.
  [[nodiscard]] Timestamp at() const { return after_.at; }
  [[nodiscard]] std::string_view event_id() const { return event_id_; }
  // The event makes a transaction count, or gives one back, or changes its time or amount.
  [[nodiscard]] bool Changes() const;
  // The event's transaction counts for the first time, for more than before, or in another currency.
  [[nodiscard]] bool IsNews() const;
  // The event that a counting transaction was known by, when this one, which arrived later, is its beginning
  // instead; "" otherwise. What was found under that event moves to this one.
  [[nodiscard]] std::string_view BeganWith() const {
    if (before() == nullptr || after() == nullptr || known_->event_id == event_id_) return {};
    return known_->event_id;
  }

  // More transactions came than are kept: of the `window` before it some are no longer known.
  [[nodiscard]] bool Forgot(Millis window) const;

  // What counts at times from `from` on and `keep(movement)` wants; in order.
  template <class Keep>
  [[nodiscard]] std::vector<Flow> Before(Timestamp from, Keep keep) const {
    return List(from, keep, false);
  }
  template <class Keep>
  [[nodiscard]] std::vector<Flow> After(Timestamp from, Keep keep) const {
    return List(from, keep, true);
  }

 private:
  template <class Keep>
  [[nodiscard]] std::vector<Flow> List(Timestamp from, Keep keep, bool with) const {
    std::vector<Flow> list;
    bool added = !with || after() == nullptr || after_.at < from || !keep(after_);
    const auto add_own = [&] {
      list.push_back({after_.at, event_id_, after_.transaction_key, &after_});
      added = true;
    };
    const auto& entries = money_.entries;
    const auto begin = std::partition_point(entries.begin(), entries.end(),
                                            [&](const MoneyEntry& entry) { return entry.at < from; });
    for (auto entry = begin; entry != entries.end(); ++entry) {
      if (with && entry->transaction_key == after_.transaction_key) continue;
      if (!entry->Live() || !keep(*entry)) continue;
      if (!added && detectors::Before(after_, *entry)) add_own();
      list.push_back({entry->at, entry->event_id, entry->transaction_key, &*entry});
    }
    if (!added) add_own();
    return list;
  }

  // The lists point into the object: a copy is for its own maker only.
  Flows(const Flows&) = default;

  const MoneyHistory& money_;
  const MoneyEntry* known_;
  Movement after_;
  bool event_counts_;
  std::string_view event_id_;
};

// How many transactions count in (at − window, at]; stops at `enough`.
[[nodiscard]] size_t CountAround(const MoneyHistory& money, Timestamp at, Millis window, size_t enough);

}  // namespace tocsin::detectors
