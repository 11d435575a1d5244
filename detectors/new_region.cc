#include "detectors/new_region.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "detectors/asked.h"
#include "detectors/novelty.h"
#include "detectors/novelty_alert.h"
#include "detectors/state/codec.h"

namespace tocsin::detectors {
namespace {

constexpr int kConfidence = 40;
constexpr double kHiddenFactor = 0.5;

// The nearest of the account's own places, for people; nullptr when it has none.
const KnownPlace* Nearest(const std::vector<KnownPlace>& known, const GeoPoint& point) {
  const KnownPlace* nearest = nullptr;
  for (const KnownPlace& place : known) {
    if (!place.exact || place.tenure.standing != Standing::kKnown) continue;
    if (nearest == nullptr || DistanceKm(place.point, point) < DistanceKm(nearest->point, point))
      nearest = &place;
  }
  return nearest;
}

}  // namespace

const std::array<Setting<NewRegion::Config>, 2> NewRegion::Config::kSettings{{
    {.key = "distance_km_min",
     .member = &Config::distance_km_min,
     .min = 50,
     .max = 5000,
     .unit = "km",
     .doc = "Distance from every known place, accuracy radii taken off, from which on a place is new."},
    {.key = "trust_max",
     .member = &Config::trust_max,
     .min = 0,
     .max = 1,
     .doc = "With a device that the account trusts more than this the finding is for the record only."},
}};

Verdict NewRegion::Evaluate(const schemas::Event& event, const AccountState& state,
                            const Context& context) const {
  if (!event.IsSuccessfulUse()) return Verdict::NotEvaluable(kNotAUse);
  const std::vector<KnownPlace>& known = state.places().known;
  const NoveltyResult novelty =
      RegionNovelty(event, state, CountryNovelty(event, state, context), config_.distance_km_min);
  const Tenure* const introduction = TenureAt(known, novelty.index);
  if (context.measures != nullptr && event.facts.place.usable_for_speed()) {
    const GeoPoint here = KeptPoint(event.facts.place.point);
    if (const KnownPlace* const near = Nearest(known, here)) {
      const double radii_km = double{near->radius_km} + double{KeptRadiusKm(event.facts.place.radius_km)};
      context.Note("distance_effective_km", std::max(0.0, DistanceKm(near->point, here) - radii_km),
                   Needs::kAtLeast, config_.distance_km_min);
    }
  }
  const auto unnamed = [] { return std::string_view(); };
  if (auto verdict = Unremarkable(event, state, context, novelty, introduction, unnamed))
    return std::move(*verdict);

  const schemas::Place& place = event.facts.place;
  const double trust = DeviceTrust(event, state, context);
  // The place of an exit, which says little of its user.
  const bool hidden = event.facts.network.anonymous();
  const KnownPlace* const nearest = Nearest(known, KeptPoint(place.point));
  Claim claim;
  claim.severity = hidden || trust > config_.trust_max ? schemas::Severity::kInfo : kInfo.severity;
  claim.confidence = kConfidence;
  claim.weight = kInfo.weight * TrustDamping(trust) * (hidden ? kHiddenFactor : 1);
  claim.reasons.push_back({.code = "new_region",
                           .observed = PlaceLabel(place),
                           .usual = nearest == nullptr ? "" : nearest->label});
  claim.evidence = {{"place", PlaceLabel(place)},
                    {"known_places", CountKnown(known)},
                    {"distance_km_min", config_.distance_km_min},
                    {"hidden_network", int64_t{hidden ? 1 : 0}},
                    {"device_trust", trust}};
  if (nearest != nullptr) {
    const double distance_km = DistanceKm(nearest->point, KeptPoint(place.point));
    claim.evidence.push_back({"place_nearest", nearest->label});
    claim.evidence.push_back(
        {"distance_effective_km",
         std::max(0.0, distance_km - double{nearest->radius_km} - double{KeptRadiusKm(place.radius_km)})});
  }
  return NoveltyAlert(event, novelty, introduction, std::move(claim));
}

}  // namespace tocsin::detectors
