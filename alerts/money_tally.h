// What became of money that was to leave an account, as people add it up: since the story of a case began, or
// of what a digest tells.
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
  // So many more, which come to `amount`; without a currency they are counted alone.
  void Add(const Money& amount, uint64_t more);
};

struct MoneyTally {
  Tally left;  // Or on its way.
  Tally held;  // On its way, and asked to be held.
  Tally back;  // Refused, failed, or returned.
};

// What a digest has no room for (alerts/fold.h).
struct NotListed {
  MoneyTally money;
  uint32_t others = 0;     // Of other payments, or of several,
  uint32_t takeovers = 0;  // of a possible takeover, or reports,
  uint32_t uses = 0;       // and of anything else.
};

[[nodiscard]] MoneyTally TallyOf(const Case& one, Timestamp now);

// "CNY 15,000.00, USD 20.00"; "" without any.
[[nodiscard]] std::string SumsText(Locale locale, const Tally& tally);
// "CNY 15000.00, USD 20.00", for programs.
[[nodiscard]] std::string FormatSums(const Tally& tally);

// "3 payments left or are on their way (CNY 15,000.00); one payment is to be held (CNY 5,000.00)"; "" when
// there were none.
[[nodiscard]] std::string TallyText(Locale locale, const MoneyTally& tally);

}  // namespace tocsin::alerts
