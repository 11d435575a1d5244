// Findings that are no alarm but something for support to look into: a payment that does not arrive, a
// balance that does not add up. They have tickets with words of their own, and stay what they are however
// much else points to an attack.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace tocsin::alerts {

inline constexpr std::array<std::string_view, 3> kSupportMatters = {"repeated_failure", "balance_mismatch",
                                                                    "stuck_transaction"};

[[nodiscard]] constexpr bool IsSupportMatter(std::string_view detector) {
  return std::ranges::find(kSupportMatters, detector) != kSupportMatters.end();
}

}  // namespace tocsin::alerts
