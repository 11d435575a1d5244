#include "detectors/learning/learn_sessions.h"

#include "detectors/session_use.h"

namespace tocsin::detectors {
namespace {

void KeepSpot(const schemas::Event& event, AccountState& state) {
  SessionSpot use = SpotOf(event);
  Sessions& sessions = state.MutableSessions();
  const size_t index = FindSpot(sessions, use);
  if (index == sessions.spots.size()) {
    use.first_event.assign(event.event_id.view());
    return sessions.AddSpot(use);
  }
  SessionSpot& spot = sessions.spots[index];
  if (Precedes(spot, event.occurred_at, event.event_id.view())) {
    spot.first = event.occurred_at;
    spot.first_event.assign(event.event_id.view());
  }
  if (event.occurred_at < spot.last) return;
  spot.last = event.occurred_at;
  spot.address = use.address;
}

}  // namespace

void LearnSessions(const schemas::Event& event, AccountState& state) {
  if (event.IsSuccessfulUse()) {
    const Sessions& sessions = state.sessions();
    if (event.occurred_at > sessions.last_use || sessions.WakingWith(event.occurred_at) != sessions.waking)
      state.MutableSessions().NoteUse(event.occurred_at);
  }
  if (WhyNoSessionUse(event).empty()) KeepSpot(event, state);
}

}  // namespace tocsin::detectors
