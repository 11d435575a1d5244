#include "detectors/session_use.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/hash.h"
#include "detectors/asked.h"
#include "detectors/novelty.h"
#include "detectors/state/codec.h"
#include "detectors/verdict.h"

namespace tocsin::detectors {
namespace {

constexpr double kKmPerDegree = 111.2;  // Of latitude, rounded up.

SessionSpot SpotBy(const schemas::Event& event, uint32_t device_key, uint32_t address_hash) {
  const schemas::Facts& facts = event.facts;
  const schemas::Device& device = facts.device;
  SessionSpot spot{.session = SessionHash(event),
                   .first = event.occurred_at,
                   .last = event.occurred_at,
                   .asn = facts.network.asn,
                   .device = device_key,
                   .address = address_hash,
                   .has_device_id = !device.id.empty(),
                   .anonymous = facts.network.anonymous(),
                   .exact = facts.place.usable_for_speed()};
  if (device.known() && !(device.os_family.empty() && device.browser_family.empty())) {
    spot.family = static_cast<uint32_t>(Hash64(device.browser_family, Hash64(device.os_family, 11)));
  }
  if (spot.exact) {
    spot.point = KeptPoint(facts.place.point);
    spot.radius_km = KeptRadiusKm(facts.place.radius_km);
  }
  return spot;
}

}  // namespace

std::string_view WhyNoSessionUse(const schemas::Event& event) {
  if (event.login() != nullptr && !event.IsSuccessfulUse()) return kNotAUse;
  if (event.session_id.empty()) return kNoSession;
  const schemas::Network& network = event.facts.network;
  if (!network.has_address) return kNoAddress;
  if (network.missing == schemas::Missing::kPrivate) return kPrivateAddress;
  return {};
}

uint64_t SessionHash(const schemas::Event& event) { return Hash64(event.session_id, 10) >> 24U; }

SessionSpot SpotOf(const schemas::Event& event) {
  return SpotBy(event, DeviceKey(event.facts.device), AddressHash(event.facts.network));
}

SessionSpot SpotOf(const schemas::Event& event, const Context& context) {
  return SpotBy(event, DeviceKey(event, context), AddressHash(event, context));
}

bool SameSpot(const SessionSpot& a, const SessionSpot& b) {
  if (a.session != b.session || a.asn != b.asn || a.device != b.device || a.exact != b.exact ||
      a.anonymous != b.anonymous)
    return false;
  if (!a.exact || a.point == b.point) return true;
  if (std::abs(a.point.latitude - b.point.latitude) * kKmPerDegree > kSamePlaceKm + 1) return false;
  return DistanceKm(a.point, b.point) <= kSamePlaceKm;
}

size_t FindSpot(const Sessions& sessions, const SessionSpot& use) {
  // From the end: nearly all uses belong to the newest session.
  for (size_t i = sessions.spots.size(); i-- > 0;) {
    if (SameSpot(sessions.spots[i], use)) return i;
  }
  return sessions.spots.size();
}

bool Precedes(const SessionSpot& spot, Timestamp at, std::string_view event_id) {
  return std::tie(at, event_id) < std::tuple(spot.first, std::string_view(spot.first_event));
}

bool SameDeviceId(const SessionSpot& a, const SessionSpot& b) {
  return a.has_device_id && b.has_device_id && a.device == b.device;
}

double EffectiveKm(const SessionSpot& a, const SessionSpot& b) {
  if (!a.exact || !b.exact || a.anonymous || b.anonymous || a.point == b.point) return 0;
  return std::max(0.0, DistanceKm(a.point, b.point) - double{a.radius_km} - double{b.radius_km});
}

double DeviceTrust(const SessionSpot& spot, Timestamp at, const AccountState& state) {
  if (spot.device == 0) return 0;
  double trust = 0;
  for (const KnownDevice& known : state.devices().known) {
    if (DeviceKey(known) == spot.device) trust = std::max(trust, Trust(known.tenure, at));
  }
  return trust;
}

std::string LabelOf(const SessionSpot& spot, const Places& places) {
  if (!spot.exact || spot.anonymous) return {};
  for (const Use& use : places.uses) {
    if (use.point == spot.point) return use.label;
  }
  for (const KnownPlace& known : places.known) {
    if (known.exact && DistanceKm(known.point, spot.point) <= kSamePlaceKm) return known.label;
  }
  return {};
}

}  // namespace tocsin::detectors
