// When money first moved with each of the account's payees, or payers: for who asks of many windows.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "base/time.h"
#include "detectors/state/money.h"
#include "detectors/state/payees.h"

namespace tocsin::detectors {

// The event moves money with somebody.
struct FirstUse {
  uint32_t key = 0;  // PayeeKey().
  Timestamp at;
};

class FirstUses {
 public:
  // As it is with `with`, whatever had arrived before it. A payee that was added is used when it is first
  // paid.
  FirstUses(const Payees& payees, const MoneyHistory& money, bool incoming,
            const std::optional<FirstUse>& with) {
    bool known = false;
    for (const Payee& payee : payees.known) {
      if (payee.incoming != incoming) continue;
      const bool own = with && payee.key == with->key;
      known = known || own;
      if ((!payee.paid && !own) || payee.first_seen == kTimestampMin) continue;
      Timestamp first = kTimestampMax;
      if (payee.paid) first = payee.added_at > payee.first_seen ? payee.first_seen : FirstPaid(payee, money);
      at_.push_back(own ? std::min(first, with->at) : first);
    }
    if (with && !known) at_.push_back(with->at);
    std::ranges::sort(at_);
  }
  // How many were first used after `after`, up to and including `until`. REQUIRES: after <= until.
  [[nodiscard]] int NewBetween(Timestamp after, Timestamp until) const {
    return static_cast<int>(std::ranges::upper_bound(at_, until) - std::ranges::upper_bound(at_, after));
  }

 private:
  // Of one that was added before it was paid.
  static Timestamp FirstPaid(const Payee& payee, const MoneyHistory& money) {
    const auto& entries = money.entries;
    for (auto entry = std::ranges::lower_bound(entries, payee.first_seen, {}, &MoneyEntry::at);
         entry != entries.end(); ++entry) {
      if (entry->counted && entry->payee_tag == PayeeTag(payee.key)) return entry->at;
    }
    return payee.first_seen;
  }

  std::vector<Timestamp> at_;  // In order.
};

}  // namespace tocsin::detectors
