#include "detectors/session_moved.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "detectors/lacking.h"
#include "detectors/novelty.h"
#include "detectors/session_use.h"

namespace tocsin::detectors {
namespace {

constexpr int kConfidence = 80;
constexpr int kConfidenceTrusted = 40;

bool OtherFamily(const SessionSpot& a, const SessionSpot& b) {
  return a.family != 0 && b.family != 0 && a.family != b.family && !SameDeviceId(a, b);
}

// Whether the two can be told apart: by their systems, by what the devices are, or by where they are.
bool CanCompare(const SessionSpot& a, const SessionSpot& b) {
  if (a.asn == b.asn || SameDeviceId(a, b) || (a.family != 0 && b.family != 0)) return true;
  return a.exact && b.exact && !a.anonymous && !b.anonymous;
}

// Where the session began, as far as is known.
const SessionSpot* OriginOf(uint64_t session, const std::vector<SessionSpot>& spots) {
  const SessionSpot* origin = nullptr;
  for (const SessionSpot& spot : spots) {
    if (spot.session != session) continue;
    if (origin == nullptr || Precedes(*origin, spot.first, spot.first_event)) origin = &spot;
  }
  return origin;
}

// What makes a spot one that has moved, or kept it from being one.
void NoteMove(const SessionSpot& origin, const SessionSpot& spot, const SessionMoved::Config& config,
              const Context& context) {
  const double distance_km = EffectiveKm(origin, spot);
  context.Note("distance_effective_km", distance_km,
               config.distance_km_min > 0 ? Needs::kAtLeast : Needs::kMoreThan, config.distance_km_min);
  if (origin.asn == 0 || origin.asn == spot.asn) {
    NoteLack(context, "other_network");
    return;
  }
  if (OtherFamily(origin, spot)) NoteHas(context, "other_device_family");
  if (distance_km == 0 || distance_km < config.distance_km_min || !SameDeviceId(origin, spot)) return;
  const double hours = Hours(AbsDifference(origin.first, spot.first)).count();
  context.Note("travel_speed_kmh", distance_km / hours, Needs::kMoreThan, config.speed_kmh_max);
}

}  // namespace

const std::array<Setting<SessionMoved::Config>, 3> SessionMoved::Config::kSettings{{
    {.key = "distance_km_min",
     .member = &Config::distance_km_min,
     .min = 0,
     .max = 20000,
     .unit = "km",
     .doc = "A session used this far from where it began, accuracy radii taken off, and through another "
            "network, has moved."},
    {.key = "speed_kmh_max",
     .member = &Config::speed_kmh_max,
     .min = 0,
     .max = 5000,
     .unit = "km/h",
     .doc = "Up to this speed a device that kept its id may have travelled with its session; 0: no distance "
            "is excused."},
    {.key = "trust_max",
     .member = &Config::trust_max,
     .min = 0,
     .max = 1,
     .doc = "When the account trusts the other device more than this, the finding is of low severity."},
}};

Verdict SessionMoved::Evaluate(const schemas::Event& event, const AccountState& state,
                               const Context& context) const {
  if (const std::string_view why = WhyNoSessionUse(event); !why.empty()) return Verdict::NotEvaluable(why);
  if (event.facts.network.asn == 0) {
    const schemas::Missing missing = event.facts.network.missing;
    return Verdict::NotEvaluable(missing == schemas::Missing::kNo ? kNotInDatabase : WhyMissing(missing));
  }

  const std::vector<SessionSpot>& spots = state.sessions().spots;
  const SessionSpot* const origin = OriginOf(SessionHash(event), spots);
  if (origin == nullptr) return ClearFor("session_used_before", context);
  const SessionSpot use = SpotOf(event, context);

  Verdict verdict = Verdict::Clear();
  const auto claim = [&](const SessionSpot& from, const SessionSpot& to, std::string_view cause) {
    Claim made = MakeClaim(from, to, event, state);
    made.cause = {std::string(cause)};
    verdict.Add(std::move(made));
  };
  const size_t index = FindSpot(state.sessions(), use);
  const SessionSpot* const own = index < spots.size() ? &spots[index] : nullptr;
  const auto precedes = [&](const SessionSpot& spot) {
    return Precedes(spot, event.occurred_at, event.event_id.view());
  };

  if (!precedes(*origin)) {
    if (own == origin) return ClearFor("other_spot_of_session", context);
    const bool first = own == nullptr || precedes(*own);
    SessionSpot spot = use;
    if (!first) spot.first = own->first;
    const bool moved = Moved(*origin, spot);
    if (!moved && origin->asn == 0) {
      verdict = Verdict::NotEvaluable(kNotInDatabase);
    } else if (!moved && !CanCompare(*origin, spot)) {
      verdict = Verdict::NotEvaluable(kNoDevice);
    }
    if (context.measures != nullptr) NoteMove(*origin, spot, config_, context);
    if (moved) claim(*origin, spot, first ? event.event_id.view() : std::string_view(own->first_event));
    if (own != nullptr && first && Moved(*origin, *own)) verdict.Retract({.cause = {own->first_event}});
    return verdict;
  }

  // It is late, and the session began here.
  const auto elsewhere = [&](const SessionSpot& spot) { return spot.session == use.session && &spot != own; };
  if (std::ranges::none_of(spots, elsewhere)) NoteLack(context, "other_spot_of_session");
  for (const SessionSpot& spot : spots) {
    if (spot.session != use.session) continue;
    if (context.measures != nullptr && &spot != own) NoteMove(use, spot, config_, context);
    const bool was = &spot != origin && Moved(*origin, spot);
    const bool is = &spot != own && Moved(use, spot);
    if (was && !is) verdict.Retract({.cause = {spot.first_event}});
    if (is) claim(use, spot, spot.first_event);
  }
  return verdict;
}

bool SessionMoved::Moved(const SessionSpot& origin, const SessionSpot& spot) const {
  if (origin.asn == 0 || spot.asn == 0 || origin.asn == spot.asn) return false;
  if (OtherFamily(origin, spot)) return true;
  const double distance_km = EffectiveKm(origin, spot);
  if (distance_km < config_.distance_km_min || distance_km == 0) return false;
  const double hours = Hours(AbsDifference(origin.first, spot.first)).count();
  return !SameDeviceId(origin, spot) || distance_km > config_.speed_kmh_max * hours;
}

Claim SessionMoved::MakeClaim(const SessionSpot& origin, const SessionSpot& spot, const schemas::Event& event,
                              const AccountState& state) const {
  const double trust = DeviceTrust(spot, spot.first, state);
  const bool trusted = trust > config_.trust_max;
  const bool other_family = OtherFamily(origin, spot);
  // The event tells of its own spot; of another only what is kept.
  const bool own = SameSpot(spot, SpotOf(event));
  const std::string from = LabelOf(origin, state.places());
  const std::string to = own ? PlaceLabel(event.facts.place) : LabelOf(spot, state.places());

  Claim claim;
  claim.severity = trusted ? schemas::Severity::kLow : kInfo.severity;
  claim.confidence = trusted ? kConfidenceTrusted : kConfidence;
  claim.weight = kInfo.weight * TrustDamping(trust);
  claim.occurred_at = spot.first;
  if (other_family) {
    claim.reasons.push_back({.code = "session_moved_device",
                             .observed = own ? DeviceLabel(event.facts.device) : std::string(),
                             .usual = {}});
  } else {
    claim.reasons.push_back({.code = "session_moved_place", .observed = to, .usual = from});
  }
  claim.evidence = {
      {"place_earlier", from},
      {"place_later", to},
      {"distance_effective_km", EffectiveKm(origin, spot)},
      {"asn_earlier", int64_t{origin.asn}},
      {"asn_later", int64_t{spot.asn}},
      {"other_device_family", int64_t{other_family ? 1 : 0}},
      {"hidden_network", int64_t{spot.anonymous ? 1 : 0}},
      {"elapsed_seconds",
       std::chrono::duration_cast<std::chrono::seconds>(spot.first - origin.first).count()},
      {"device_trust", trust},
  };
  if (own && event.transaction() != nullptr) claim.transaction_id = event.transaction()->transaction_id;
  return claim;
}

}  // namespace tocsin::detectors
