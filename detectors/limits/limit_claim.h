// Limits in words and numbers: the claim of limit_breach and limit_approach about one transaction.
#pragma once

#include <string>
#include <string_view>

#include "base/time_zone.h"
#include "detectors/limits/judge.h"
#include "schemas/finding.h"

namespace tocsin::detectors {

// The window's length: "transaction", "24h", "90m", "15s", "day", "week", "month", "year". As the
// configuration has it.
[[nodiscard]] std::string WindowName(const Limit& limit);

// Cause, discriminator (the limit's name) and evidence. REQUIRES: change.now.
[[nodiscard]] schemas::Claim LimitClaim(const LimitChange& change, const schemas::Event& event,
                                        const TimeZone& zone);

// "CNY 68000.00 in 24 h"; a calendar window by its ISO 8601 name in the account's zone: "2026-03-01",
// "2026-W09", "2026-03", "2026". And what is allowed: "limit daily-out: CNY 50000.00".
[[nodiscard]] schemas::Reason SumReason(std::string_view code, const LimitLevel& level, const TimeZone& zone);
// "51 in 24 h", "limit daily-count: 50".
[[nodiscard]] schemas::Reason CountReason(std::string_view code, const LimitLevel& level,
                                          const TimeZone& zone);

[[nodiscard]] schemas::Retraction LimitRetraction(std::string_view detector, const LimitChange& change);

}  // namespace tocsin::detectors
