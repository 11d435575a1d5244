// Regulator profiles: which rule books there are, and the limits they set. What a rule book asks of an event
// is in conditions.h.
//
// Not legal advice: a profile lists what this program looks at beside what the text asks for, gaps included
// (docs/profiles.md).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "detectors/limits/limit.h"

namespace tocsin::daemon {

enum class Profile : uint8_t { kMasSrf, kPsd2Art18, kNpciP2p };
inline constexpr std::string_view kProfileNames = "mas-srf, psd2-art18, npci-p2p";
[[nodiscard]] std::optional<Profile> ProfileFromName(std::string_view name);

// The limits of npci-p2p, the only rule book with some that can be declared.
[[nodiscard]] std::vector<detectors::Limit> ReceiptLimits();

// Adds the profiles' limits; one that the configuration declares under the same name stays as it is.
void AddProfileLimits(std::span<const Profile> profiles, detectors::LimitTable& table);

}  // namespace tocsin::daemon
