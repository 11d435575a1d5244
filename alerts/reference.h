// The number people see and say on the phone: "T-2026-7KQ4-M2QX". Year, seven Crockford base-32 digits (no I,
// L, O, U) derived from the case id, and a check character, so that a misheard one is noticed before a
// stranger's case is opened.
//
// Check character: with the eleven digits d₁…d₁₁ (year, then the seven) and the check digit d₁₂ as elements
// of GF(32) (x⁵ + x² + 1) and α its generator, Σ αⁱ·dᵢ = 0. Finds every single wrong character and every swap
// of two.
//
// Two cases of one year share a reference about once in 34 billion pairs; the case id stays the identity.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace tocsin::alerts {

// The reference of a case; the year is that of `opened_at` in UTC.
[[nodiscard]] std::string MakeReference(std::string_view case_id, Timestamp opened_at);

// The canonical form of what a person typed: any case, hyphens and spaces as they like, O for 0, I or L
// for 1. nullopt when it is no reference or its check character does not fit.
[[nodiscard]] std::optional<std::string> VerifyReference(std::string_view text);

}  // namespace tocsin::alerts
