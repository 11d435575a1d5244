// What a large amount is for one account: asked by detectors for which a small one is nobody's business.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/money.h"
#include "detectors/account_state.h"
#include "detectors/context.h"

namespace tocsin::detectors {

struct LargeAmount {
  int64_t minor = -1;        // An amount of this much or more is large; -1: nobody knows.
  int64_t check_minor = -1;  // The configured check amount in the payment's currency; -1: no rate.
  int64_t account_minor =
      -1;            // The quantile of the account's own payments, else of the population; -1: none.
  bool own = false;  // account_minor is the account's own.
  [[nodiscard]] bool known() const { return minor >= 0; }
};

// The larger of the check amount, by the table of exchange rates, and of what a share `quantile` of the
// account's payments of that kind and currency do not exceed, from `payments_min` of them on; with fewer, of
// the population's. What is not known does not count.
[[nodiscard]] LargeAmount LargeAmountFor(const Movement& movement, const AccountState& state,
                                         const Context& context, const Money& check, double quantile,
                                         int payments_min);

// part > share · whole, and part ≥ share · whole, in integers: the share in millionths.
[[nodiscard]] bool ExceedsShare(int64_t part, double share, int64_t whole);
[[nodiscard]] bool ReachesShare(int64_t part, double share, int64_t whole);

}  // namespace tocsin::detectors
