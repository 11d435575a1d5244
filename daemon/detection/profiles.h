// Regulator profiles: which conditions a rule book names, which detectors answer them, and the limits it
// sets. With a profile on, every finding says of each condition how it was evaluated for its event:
//
//   "mas_srf.cooling_off": "met: cooling_off"
//   "psd2_art18.malware": "not evaluated"
//
// Not legal advice: a profile lists what this program looks at beside what the text asks for, gaps included
// (docs/profiles.md).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/detector_set.h"
#include "detectors/limits/limit.h"

namespace tocsin::daemon {

enum class Profile : uint8_t { kMasSrf, kPsd2Art18, kNpciP2p };
inline constexpr std::string_view kProfileNames = "mas-srf, psd2-art18, npci-p2p";
[[nodiscard]] std::optional<Profile> ProfileFromName(std::string_view name);

struct Condition {
  Profile profile = Profile::kMasSrf;
  std::string_view name;                        // Of the evidence: "mas_srf.cooling_off".
  std::array<std::string_view, 5> detectors{};  // Whose alert meets it; "" unused, all "": nobody's.
};
// Of all profiles.
[[nodiscard]] std::span<const Condition> Conditions();

// Adds the profiles' limits; one that the configuration declares under the same name stays as it is.
void AddProfileLimits(std::span<const Profile> profiles, detectors::LimitTable& table);

// How each condition came out, as evidence, in parts joined by "; ":
//   met: DETECTOR, …              it alerted; or else
//   not met: DETECTOR, …          it looked, and did not alert
//   not evaluable: DETECTOR REASON, …
// or one of: "not applicable" (its detectors do not look at such an event), "not evaluated" (this version has
// no detector for it).
void AddConditions(std::span<const Profile> profiles, const detectors::DetectionResult& result,
                   std::vector<schemas::Evidence>& evidence);

}  // namespace tocsin::daemon
