#include "detectors/device_trust.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "detectors/novelty.h"
#include "detectors/security_events.h"
#include "detectors/state/quarantine.h"

namespace tocsin::detectors {
namespace {

// How soon after the opening of the account, or before it is told, a device was there from the beginning.
constexpr Millis kOpening = std::chrono::hours(24);
constexpr double kOpeningUses = 3;  // What it is worth to have opened the account, in hours of use.
constexpr double kUsesScale = 3;    // As in Trust.
constexpr Millis kOwnFrom = std::chrono::hours(72);
constexpr Millis kListFills = std::chrono::hours(30 * 24);

std::optional<Timestamp> OpenedAt(const AccountState& state, Timestamp at) {
  return state.profile().OwnerAt(at).opened_at;
}

bool IsFirst(const KnownDevice& device, const AccountState& state) {
  return std::ranges::none_of(state.devices().known, [&](const KnownDevice& known) {
    return known.tenure.first_seen < device.tenure.first_seen;
  });
}

// The account was opened with this device, as far as its profile says when.
bool OpenedTheAccount(const KnownDevice& device, Timestamp at, const AccountState& state) {
  const std::optional<Timestamp> opened_at = OpenedAt(state, at);
  return opened_at && AbsDifference(device.tenure.first_seen, *opened_at) <= kOpening &&
         IsKnownAt(device.tenure, at) && IsFirst(device, state);
}

// Of the uses that are kept for speed.
bool IsWhereItWasOpened(const schemas::Event& event, const AccountState& state) {
  const uint32_t address = AddressHash(event.facts.network);
  if (address == 0 || event.facts.network.anonymous()) return false;
  const Timestamp at = event.occurred_at;
  return std::ranges::any_of(state.devices().known, [&](const KnownDevice& device) {
    const uint32_t key = DeviceKey(device);
    return key != 0 && OpenedTheAccount(device, at, state) &&
           std::ranges::any_of(state.places().uses, [&](const Use& use) {
             return use.device_key == key && use.address_hash == address && use.at <= at - kSitting;
           });
  });
}

}  // namespace

double TrustOf(const KnownDevice& device, Timestamp at, const AccountState& state) {
  const Tenure& tenure = device.tenure;
  const double trust = Trust(tenure, at);
  if (at < tenure.first_seen || !OpenedTheAccount(device, at, state)) return trust;
  const Millis unused = std::max(Millis(0), at - tenure.last_seen);
  const double uses = SettledUses(tenure, at) + kOpeningUses * Decay(unused, kTenureHalfLife);
  return std::max(trust, 1 - std::exp(-uses / kUsesScale));
}

bool OnOwnDevice(const schemas::Event& event, const AccountState& state) {
  const size_t own = OwnDevice(event, state);
  if (own == NoveltyResult::kNone) return false;
  const KnownDevice& device = state.devices().known[own];
  return event.occurred_at - device.tenure.first_seen >= kOwnFrom ||
         Trust(device.tenure, event.occurred_at) >= kTrustedFrom || IsFirst(device, state);
}

bool FillsTheList(const schemas::Event& event, const AccountState& state) {
  if (event.change() == nullptr || event.change()->change != schemas::ChangeKind::kPayeeAdded) return false;
  const std::optional<Timestamp> opened_at = OpenedAt(state, event.occurred_at);
  return opened_at && event.occurred_at - *opened_at < kListFills &&
         (OnOwnDevice(event, state) || IsWhereItWasOpened(event, state));
}

}  // namespace tocsin::detectors
