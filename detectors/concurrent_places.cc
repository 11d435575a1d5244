#include "detectors/concurrent_places.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "detectors/household.h"
#include "detectors/novelty.h"
#include "detectors/session_use.h"
#include "detectors/use.h"

namespace tocsin::detectors {
namespace {

constexpr int kConfidence = 75;
constexpr int kConfidenceTrusted = 40;

}  // namespace

const std::array<Setting<ConcurrentPlaces::Config>, 3> ConcurrentPlaces::Config::kSettings{{
    {.key = "window",
     .member = &Config::window,
     .min = 60,
     .max = 7200,
     .doc = "Uses of two sessions at most this far apart in time are at the same time."},
    {.key = "distance_km_min",
     .member = &Config::distance_km_min,
     .min = 50,
     .max = 20000,
     .unit = "km",
     .doc = "Sessions nearer to each other than this, accuracy radii taken off, are never claimed."},
    {.key = "trust_max",
     .member = &Config::trust_max,
     .min = 0,
     .max = 1,
     .doc = "When the account trusts both devices more than this, the finding is of low severity."},
}};

Verdict ConcurrentPlaces::Evaluate(const schemas::Event& event, const AccountState& state,
                                   const Context& context) const {
  if (const std::string_view why = WhyNoSessionUse(event); !why.empty()) return Verdict::NotEvaluable(why);
  const schemas::Place& place = event.facts.place;
  if (!place.known()) return Verdict::NotEvaluable(WhyMissing(place.missing));
  if (event.facts.network.anonymous()) return Verdict::NotEvaluable(kAnonymised);
  if (!place.usable_for_speed()) return Verdict::NotEvaluable(kCountryOnly);

  const std::vector<SessionSpot>& spots = state.sessions().spots;
  const uint64_t session = SessionHash(event);
  const auto near_in_time = [&](const SessionSpot& other) {
    return other.session != session && InWindow(other, event.occurred_at);
  };
  // Nearly always there is no other session.
  if (std::none_of(spots.begin(), spots.end(), near_in_time)) {
    context.Note("other_sessions_in_use", int64_t{0}, Needs::kAtLeast, int64_t{1});
    return Verdict::Clear();
  }
  const SessionSpot use = SpotOf(event, context);
  Verdict verdict = Verdict::Clear();
  for (const SessionSpot& other : spots) {
    if (!near_in_time(other)) continue;
    const double distance_km = context.measures == nullptr ? 0 : EffectiveKm(use, other);
    context.Note("distance_effective_km", distance_km, Needs::kAtLeast, config_.distance_km_min);
    if (!Conflict(use, other)) {
      if (distance_km >= config_.distance_km_min) {
        context.Note(SameDeviceId(use, other) ? "other_device" : "other_address", int64_t{0}, Needs::kAtLeast,
                     int64_t{1});
      }
      continue;
    }
    if (IsHousehold({use.point, use.device}, {other.point, other.device}, event.occurred_at, state)) {
      context.Note("outside_household", int64_t{0}, Needs::kAtLeast, int64_t{1});
      continue;
    }
    const size_t index = FindSpot(state.sessions(), use);
    const bool known = index < spots.size();
    const std::string_view event_id = event.event_id.view();
    const bool first = !known || Precedes(spots[index], event.occurred_at, event_id);
    const auto cause = [&](Timestamp at, std::string_view id) {
      std::vector<std::string> causes = {std::string(id), other.first_event};
      if (Precedes(other, at, id)) return causes;
      std::swap(causes[0], causes[1]);
      return causes;
    };
    Claim claim = MakeClaim(use, other, event, state);
    claim.cause =
        first ? cause(event.occurred_at, event_id) : cause(spots[index].first, spots[index].first_event);
    claim.occurred_at = std::max(other.first, first ? event.occurred_at : spots[index].first);
    verdict.Add(std::move(claim));
    if (known && first) verdict.Retract({.cause = cause(spots[index].first, spots[index].first_event)});
  }
  return verdict;
}

bool ConcurrentPlaces::InWindow(const SessionSpot& other, Timestamp at) const {
  return AbsDifference(other.last, at) <= config_.window || AbsDifference(other.first, at) <= config_.window;
}

bool ConcurrentPlaces::Conflict(const SessionSpot& use, const SessionSpot& other) const {
  const bool same_address = use.address != 0 && use.address == other.address;
  if (same_address || SameDeviceId(use, other)) return false;
  return EffectiveKm(use, other) >= config_.distance_km_min;
}

Claim ConcurrentPlaces::MakeClaim(const SessionSpot& use, const SessionSpot& other,
                                  const schemas::Event& event, const AccountState& state) const {
  const double trust =
      std::min(DeviceTrust(use, event.occurred_at, state), DeviceTrust(other, event.occurred_at, state));
  const bool trusted = trust > config_.trust_max;
  const std::string here = PlaceLabel(event.facts.place);
  const std::string there = LabelOf(other, state.places());
  const Millis apart =
      std::min(AbsDifference(event.occurred_at, other.last), AbsDifference(event.occurred_at, other.first));

  Claim claim;
  claim.severity = trusted ? schemas::Severity::kLow : kInfo.severity;
  claim.confidence = trusted ? kConfidenceTrusted : kConfidence;
  claim.weight = kInfo.weight * TrustDamping(trust);
  claim.reasons.push_back({.code = "concurrent_places", .observed = here, .usual = there});
  claim.evidence = {
      {"place", here},
      {"place_other", there},
      {"distance_effective_km", EffectiveKm(use, other)},
      {"radius_km", double{use.radius_km}},
      {"radius_other_km", double{other.radius_km}},
      {"apart_seconds", std::chrono::duration_cast<std::chrono::seconds>(apart).count()},
      {"window_seconds", int64_t{config_.window.count()}},
      {"device_trust", trust},
  };
  if (event.transaction() != nullptr) claim.transaction_id = event.transaction()->transaction_id;
  return claim;
}

}  // namespace tocsin::detectors
