// Second factors that failed and changes around the defences, read from events: shared by the detectors that
// ask what an event would add to the security log, and by the log's learner, which adds it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/state/security_log.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// From this trust on a device with an id of its own is taken for the owner's.
inline constexpr double kTrustedFrom = 0.5;

// What the event is to the security log, with `state` as it was before it; nullopt: nothing. Never allocates
// but for a long event id.
[[nodiscard]] std::optional<SecurityEvent> SecurityEventOf(const schemas::Event& event,
                                                           const AccountState& state, const Context& context);

// Whether SecurityEventOf has a value, without asking what is strange.
[[nodiscard]] bool IsSecurityEvent(const schemas::Event& event, const AccountState& state);

// A limit that is higher than before, or gone. What it was before is in the change, or else in the profile
// under that name and in that currency. A first limit is not raised.
[[nodiscard]] bool RaisesLimit(const schemas::AccountChange& change, const schemas::AccountProfile& owner);

// Denied by the person who was asked, or not answered.
[[nodiscard]] bool IsPrompt(const SecurityEvent& event);
// The password was right, the second factor was not.
[[nodiscard]] bool IsFactorFailure(const SecurityEvent& event);
// A change somebody made to the account's defences.
[[nodiscard]] bool IsChange(const SecurityEvent& event);

using SecurityEvents = std::vector<const SecurityEvent*>;

// The log's events of which `wanted` is true, in order, with one that it does not hold yet (nullptr: none).
template <class Wanted>
[[nodiscard]] SecurityEvents Select(const SecurityLog& log, const SecurityEvent* added, Wanted wanted) {
  SecurityEvents selected;
  selected.reserve(log.events.size() + 1);
  if (added != nullptr && !wanted(*added)) added = nullptr;
  for (const SecurityEvent& event : log.events) {
    if (added != nullptr && EarlierInLog(*added, event)) selected.push_back(std::exchange(added, nullptr));
    if (wanted(event)) selected.push_back(&event);
  }
  if (added != nullptr) selected.push_back(added);
  return selected;
}

// Maximal sequences with gaps of at most `gap`.
using Run = std::span<const SecurityEvent* const>;
[[nodiscard]] std::vector<Run> RunsOf(const SecurityEvents& events, Millis gap);

// Most events of the run in one window, both ends included, and where that window ends (the last such).
struct Densest {
  int count = 0;
  size_t end = 0;  // Index of its last event.
};
[[nodiscard]] Densest DensestWindow(Run run, Millis window);

}  // namespace tocsin::detectors
