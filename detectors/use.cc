#include "detectors/use.h"

#include <tuple>

#include "detectors/novelty.h"
#include "detectors/state/codec.h"
#include "detectors/verdict.h"

namespace tocsin::detectors {

std::string_view WhyNotComparable(const schemas::Event& event) {
  if (!event.IsSuccessfulUse()) return kNotAUse;
  const schemas::Place& place = event.facts.place;
  if (!place.known()) return WhyMissing(place.missing);
  if (event.facts.network.anonymous()) return kAnonymised;
  if (!place.usable_for_speed()) return kCountryOnly;
  return {};
}

UseView UseOf(const schemas::Event& event) {
  const schemas::Facts& facts = event.facts;
  return {.at = event.occurred_at,
          .event_id = event.event_id.view(),
          .point = KeptPoint(facts.place.point),
          .radius_km = KeptRadiusKm(facts.place.radius_km),
          .label = {},
          .address_hash = AddressHash(facts.network),
          .device_key = DeviceKey(facts.device)};
}

UseView ViewOf(const Use& use) {
  return {.at = use.at,
          .event_id = use.event_id,
          .point = use.point,
          .radius_km = use.radius_km,
          .label = use.label,
          .address_hash = use.address_hash,
          .device_key = use.device_key};
}

bool IsEarlier(const UseView& a, const UseView& b) {
  return std::tie(a.at, a.event_id) < std::tie(b.at, b.event_id);
}

}  // namespace tocsin::detectors
