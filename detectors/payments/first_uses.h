// When money first moved with each of the account's payees, or payers: for who asks of many windows.
#pragma once

#include <algorithm>
#include <vector>

#include "base/time.h"
#include "detectors/state/payees.h"

namespace tocsin::detectors {

class FirstUses {
 public:
  FirstUses(const Payees& payees, bool incoming) {
    for (const Payee& payee : payees.known) {
      if (payee.incoming == incoming && payee.paid) at_.push_back(payee.first_seen);
    }
    std::ranges::sort(at_);
  }
  // As Payees::NewBetween, without a pass over all of them. REQUIRES: after <= until.
  [[nodiscard]] int NewBetween(Timestamp after, Timestamp until) const {
    return static_cast<int>(std::ranges::upper_bound(at_, until) - std::ranges::upper_bound(at_, after));
  }

 private:
  std::vector<Timestamp> at_;  // In order.
};

}  // namespace tocsin::detectors
