// A use of the account as speed sees it: when, where and with what.
#pragma once

#include <string_view>

#include "detectors/state/places.h"
#include "schemas/event.h"

namespace tocsin::detectors {

struct Context;

// Why the event is no use that can be compared or kept: it did not succeed, it has no place better than a
// country, or its address is anonymised. "" when it is one; else a constant of verdict.h, or kAnonymised.
inline constexpr std::string_view kAnonymised = "anonymised";
[[nodiscard]] std::string_view WhyNotComparable(const schemas::Event& event);

// The event as a use; views into it. The label is left empty: who needs one makes it (PlaceLabel).
// REQUIRES: WhyNotComparable(event).empty().
[[nodiscard]] UseView UseOf(const schemas::Event& event);
[[nodiscard]] UseView UseOf(const schemas::Event& event, const Context& context);
[[nodiscard]] UseView ViewOf(const Use& use);

// By time, then event id.
[[nodiscard]] bool IsEarlier(const UseView& a, const UseView& b);

}  // namespace tocsin::detectors
