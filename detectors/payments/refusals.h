// The account's refused payments of one sort, with the event's own: what limit_probing, card_testing and
// repeated_failure count.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/state/attempts.h"
#include "schemas/event.h"

namespace tocsin::detectors {

struct Refusal {
  Timestamp at;
  std::string_view event_id;
  const Attempt* attempt = nullptr;
};

// In order. `own` may be null.
template <class Keep>
[[nodiscard]] std::vector<Refusal> Refusals(const PaymentAttempts& attempts, const Attempt* own, Keep keep) {
  std::vector<Refusal> list;
  const auto add = [&](const Attempt& one) { list.push_back({one.at, one.event_id, &one}); };
  for (const Attempt& one : attempts.list) {
    if (own != nullptr && IsEarlier(*own, one)) {
      if (keep(*own)) add(*own);
      own = nullptr;
    }
    if (keep(one)) add(one);
  }
  if (own != nullptr && keep(*own)) add(*own);
  return list;
}

}  // namespace tocsin::detectors
