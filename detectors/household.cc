#include "detectors/household.h"

#include <algorithm>

#include "detectors/novelty.h"

namespace tocsin::detectors {
namespace {

// The account's own for kSteadyAfter, and still in use, however often.
bool IsSteady(const Tenure& tenure, Timestamp at) {
  return IsKnownAt(tenure, at) && at - tenure.first_seen >= kSteadyAfter &&
         at - LastSeen(tenure) <= kUnseenAfter;
}

bool IsSteadyDevice(uint32_t device_key, Timestamp at, const Devices& devices) {
  return device_key != 0 && std::ranges::any_of(devices.known, [&](const KnownDevice& known) {
           return DeviceKey(known) == device_key && IsSteady(known.tenure, at);
         });
}

bool IsSteadyPlace(const GeoPoint& point, Timestamp at, const Places& places) {
  return std::ranges::any_of(places.known, [&](const KnownPlace& known) {
    return known.exact && IsSteady(known.tenure, at) && DistanceKm(known.point, point) <= kSamePlaceKm;
  });
}

}  // namespace

bool IsHousehold(const Dweller& one, const Dweller& other, Timestamp at, const AccountState& state) {
  const auto trusted = [&](const Dweller& dweller) {
    return DeviceTrust(dweller.device_key, at, state) >= kHouseholdTrust;
  };
  // Trust grows by uses that nobody doubts: of two who are always online together each is doubted for the
  // other, whatever they answer.
  const auto steady = [&](const Dweller& dweller) {
    return IsSteadyDevice(dweller.device_key, at, state.devices());
  };
  const auto at_home = [&](const Dweller& dweller) {
    return IsSteadyPlace(dweller.point, at, state.places());
  };
  const bool of_the_house = (trusted(one) && trusted(other)) || (steady(one) && steady(other));
  return of_the_house && at_home(one) && at_home(other);
}

}  // namespace tocsin::detectors
