// What became of the money that was to leave since the story of a case began, as people add it up.
//
// Thread safety: pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "alerts/case_file.h"
#include "alerts/messages.h"
#include "base/money.h"
#include "base/time.h"

namespace tocsin::alerts {

struct Tally {
  uint64_t payments = 0;
  std::vector<Money> sums;  // By currency, in the order of the currencies.
};

struct MoneyTally {
  Tally left;  // Or on its way.
  Tally held;  // On its way, and asked to be held.
  Tally back;  // Refused, failed, or returned.
};

[[nodiscard]] MoneyTally TallyOf(const Case& one, Timestamp now);

// "3 payments left or are on their way (CNY 15,000.00); one payment is to be held (CNY 5,000.00)"; "" when
// there were none.
[[nodiscard]] std::string TallyText(Locale locale, const MoneyTally& tally);

}  // namespace tocsin::alerts
