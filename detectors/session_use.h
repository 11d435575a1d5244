// A use of a session as session_moved and concurrent_places see it, shared with the learner.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "detectors/account_state.h"
#include "detectors/state/sessions.h"
#include "schemas/event.h"

namespace tocsin::detectors {

struct Context;

// Why the event is no use of a session that can be compared or kept: it has no session or no address that
// tells anything, or it is a login that failed. "" when it is one; else a constant of verdict.h, or
// kNoSession.
inline constexpr std::string_view kNoSession = "no_session";
[[nodiscard]] std::string_view WhyNoSessionUse(const schemas::Event& event);

// Of the session's id; never compared with anything but its like.
[[nodiscard]] uint64_t SessionHash(const schemas::Event& event);

// Without its first_event, which would have to be allocated. REQUIRES: WhyNoSessionUse(event).empty().
[[nodiscard]] SessionSpot SpotOf(const schemas::Event& event);
[[nodiscard]] SessionSpot SpotOf(const schemas::Event& event, const Context& context);

// The same session, autonomous system, device and spot (within kSamePlaceKm).
[[nodiscard]] bool SameSpot(const SessionSpot& a, const SessionSpot& b);
// Index of the kept spot that the use belongs to; spots.size() when it is a new one.
[[nodiscard]] size_t FindSpot(const Sessions& sessions, const SessionSpot& use);

// The use comes before all that are known of the spot, by time, then event id.
[[nodiscard]] bool Precedes(const SessionSpot& spot, Timestamp at, std::string_view event_id);

// The same device by an id of its own: a browser that calls itself something else is still it.
[[nodiscard]] bool SameDeviceId(const SessionSpot& a, const SessionSpot& b);
// Shortest distance that the two circles allow; 0 when one of them is hidden or no better than a country.
[[nodiscard]] double EffectiveKm(const SessionSpot& a, const SessionSpot& b);

// Trust (0…1) of the spot's device.
[[nodiscard]] double DeviceTrust(const SessionSpot& spot, Timestamp at, const AccountState& state);
// "Kunming, CN" where the account knows a place there; "" where not.
[[nodiscard]] std::string LabelOf(const SessionSpot& spot, const Places& places);

}  // namespace tocsin::detectors
