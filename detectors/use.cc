#include "detectors/use.h"

#include <tuple>

#include "detectors/asked.h"
#include "detectors/state/codec.h"
#include "detectors/verdict.h"

namespace tocsin::detectors {
namespace {

UseView UseBy(const schemas::Event& event, uint32_t device_key, uint32_t address_hash) {
  const schemas::Facts& facts = event.facts;
  return {.at = event.occurred_at,
          .event_id = event.event_id.view(),
          .point = KeptPoint(facts.place.point),
          .radius_km = KeptRadiusKm(facts.place.radius_km),
          .label = {},
          .address_hash = address_hash,
          .device_key = device_key};
}

}  // namespace

std::string_view WhyNotComparable(const schemas::Event& event) {
  if (!event.IsSuccessfulUse()) return kNotAUse;
  const schemas::Place& place = event.facts.place;
  if (!place.known()) return WhyMissing(place.missing);
  if (event.facts.network.anonymous()) return kAnonymised;
  if (!place.usable_for_speed()) return kCountryOnly;
  return {};
}

UseView UseOf(const schemas::Event& event) {
  return UseBy(event, DeviceKey(event.facts.device), AddressHash(event.facts.network));
}

UseView UseOf(const schemas::Event& event, const Context& context) {
  return UseBy(event, DeviceKey(event, context), AddressHash(event, context));
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
