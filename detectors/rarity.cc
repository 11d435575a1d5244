#include "detectors/rarity.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <string_view>

#include "base/check.h"
#include "detectors/novelty.h"
#include "detectors/state/codec.h"
#include "detectors/state/uses_per_device.h"

namespace tocsin::detectors {
namespace {

// How many different things there are, where only those seen are known: what is spread evenly over them is
// what nobody does. Orders of magnitude are enough.
constexpr double kCountries = 200;
constexpr double kSystemsOfACountry = 50;
constexpr double kOperatingSystems = 12;
constexpr double kFamiliesOfASystem = 50;
// Uses this old are kept whatever has arrived since: a little less than Places::kUsesKept.
constexpr Millis kAddressesOf = Places::kUsesKept - std::chrono::hours(1);
// Below this a use is forgotten: it neither counts nor makes its thing one that has been seen.
constexpr double kForgotten = 0.05;

double UsesOf(const Tenure& tenure, Timestamp at) {
  const double uses = SettledUses(tenure, at);
  return uses < kForgotten ? 0 : uses;
}

// A list, with what each of its entries counts at a time: worked out once, however often it is asked for.
template <class Entry>
class UsesAt {
 public:
  UsesAt(const std::vector<Entry>& list, Timestamp at) : list_(list) {
    CHECK(list.size() <= kMax);
    for (size_t i = 0; i < list.size(); ++i) uses_[i] = UsesOf(list[i].tenure, at);
  }
  [[nodiscard]] double operator[](size_t i) const { return uses_[i]; }

  // Counts one level: `same` tells the event's own value, `first` whether an entry is the first of its value.
  template <class Same, class First>
  [[nodiscard]] LevelCounts Count(Same same, First first) const {
    LevelCounts counts;
    for (size_t i = 0; i < list_.size(); ++i) {
      if (uses_[i] == 0) continue;
      counts.all += uses_[i];
      if (same(list_[i])) counts.value += uses_[i];
      if (first(i)) counts.kinds += 1;
    }
    return counts;
  }
  template <class Key>
  [[nodiscard]] LevelCounts CountBy(const Key& wanted, Key (*key)(const Entry&)) const {
    return Count([&](const Entry& entry) { return key(entry) == wanted; },
                 [&](size_t i) {
                   const Key own = key(list_[i]);
                   for (size_t before = 0; before < i; ++before) {
                     if (uses_[before] > 0 && key(list_[before]) == own) return false;
                   }
                   return true;
                 });
  }

 private:
  static constexpr size_t kMax = std::max({Places::kKnownMax, Networks::kKnownMax, Devices::kKnownMax});

  const std::vector<Entry>& list_;
  std::array<double, kMax>
      uses_;  // NOLINT(cppcoreguidelines-pro-type-member-init): written before it is read.
};

std::string_view CountryKeyOf(const KnownPlace& place) { return place.country; }
uint32_t SystemKeyOf(const KnownNetwork& network) { return network.asn; }
std::string_view OsKeyOf(const KnownDevice& device) { return device.os_family; }

RarityFactor FactorOf(double population, double uniform, double owner) {
  return {.log_ratio = std::clamp(StrangerLogRatio(population, uniform, owner), kFactorMin, kFactorMax),
          .population_share = population,
          .account_share = owner};
}

// The two levels of the population: the upper one, and the lower one within it.
struct PopulationShares {
  double upper;
  double within;
};
PopulationShares SharesOf(const PairTally& tally, double uppers, double lowers) {
  return {
      .upper = BackedOff({tally.upper, tally.total, static_cast<double>(tally.uppers)}, 1 / uppers),
      .within = BackedOff({tally.lower, tally.upper, static_cast<double>(tally.kinds_in_upper)}, 1 / lowers)};
}

// Lower level seen no more often than the upper one: a provider of home is not one abroad.
double OwnerShare(LevelCounts upper, LevelCounts lower, const PopulationShares& everybody) {
  const double owner_upper = BackedOff(upper, everybody.upper);
  const double upper_share = upper.all > 0 ? upper.value / upper.all : 0;
  lower.value = std::min(lower.value, upper_share * lower.all);
  return BackedOff(lower, owner_upper * everybody.within);
}

std::optional<RarityFactor> NetworkFactor(const schemas::Event& event, const AccountState& state,
                                          const Population& population, double& account_uses) {
  const schemas::Place& place = event.facts.place;
  const uint32_t asn = event.facts.network.asn;
  if (!place.known() || !IsCountryCode(place.country) || asn == 0) return std::nullopt;
  const Timestamp at = event.occurred_at;
  const PopulationShares everybody =
      SharesOf(population.NetworkTally(place.country, asn), kCountries, kSystemsOfACountry);
  const LevelCounts country =
      UsesAt(state.places().known, at).CountBy<std::string_view>(place.country, CountryKeyOf);
  const LevelCounts system = UsesAt(state.networks().known, at).CountBy<uint32_t>(asn, SystemKeyOf);
  account_uses = std::max(account_uses, system.all);
  return FactorOf(everybody.upper * everybody.within, 1 / (kCountries * kSystemsOfACountry),
                  OwnerShare(country, system, everybody));
}

std::optional<RarityFactor> DeviceFactor(const schemas::Event& event, const AccountState& state,
                                         const Population& population, const DeviceMatch& match,
                                         double& account_uses) {
  const schemas::Device& device = event.facts.device;
  if (!device.known() || device.os_family.empty()) return std::nullopt;
  const Timestamp at = event.occurred_at;
  const PopulationShares everybody = SharesOf(population.DeviceTally(device.os_family, FamilyOf(device)),
                                              kOperatingSystems, kFamiliesOfASystem);
  const std::vector<KnownDevice>& known = state.devices().known;
  const std::string_view os = KeptDeviceText(device.os_family);
  const std::string_view family = KeptDeviceText(FamilyOf(device));
  const UsesAt uses(known, at);
  const LevelCounts system = uses.CountBy<std::string_view>(os, OsKeyOf);
  LevelCounts things =
      uses.Count([&](const KnownDevice& entry) { return entry.os_family == os && FamilyOf(entry) == family; },
                 [](size_t) { return true; });
  account_uses = std::max(account_uses, things.all);
  const double owner = OwnerShare(system, things, everybody);
  // One level further down, for a device that says which one it is. Nobody else has it: what a stranger
  // would bring and what a new one of the owner's would be are equally rare, so only the account's history
  // is left of the ratio.
  double unseen = 1;
  if (!device.id.empty() && things.all > 0 && match.family == NoveltyResult::kNone) {
    const bool own = match.exact != NoveltyResult::kNone && uses[match.exact] > 0;
    if (!own) unseen = things.kinds / (things.all + things.kinds);
  }
  RarityFactor factor =
      FactorOf(everybody.upper * everybody.within, 1 / (kOperatingSystems * kFamiliesOfASystem), owner);
  factor.log_ratio = std::min(factor.log_ratio - std::log(unseen), kFactorMax);
  return factor;
}

// The last days' uses; more than one from one address within kUseGrain is one sitting.
std::optional<RarityFactor> AddressFactor(const schemas::Event& event, const AccountState& state,
                                          uint32_t address) {
  // Only these are among the uses.
  if (!event.facts.place.usable_for_speed() || event.facts.network.anonymous()) return std::nullopt;
  if (address == 0) return std::nullopt;
  const std::vector<Use>& uses = state.places().uses;
  const Timestamp settled_until = event.occurred_at - kSettled;
  // Which of them count: more are kept than there were for an event that arrives late.
  std::bitset<Places::kUsesMax> considered;
  UsesPerDevice of_devices;
  for (size_t i = uses.size(); i-- > 0 && uses[i].at >= event.occurred_at - kAddressesOf;) {
    considered[i] =
        uses[i].at <= settled_until && of_devices.Admit(uses[i].device_key) && uses[i].address_hash != 0;
  }
  LevelCounts counts;
  for (size_t i = 0; i < uses.size(); ++i) {
    if (!considered[i]) continue;
    // In order of time: the last one before it is the nearest.
    size_t before = i;
    while (before > 0 && !(considered[before - 1] && uses[before - 1].address_hash == uses[i].address_hash))
      --before;
    if (before == 0) {
      counts.kinds += 1;
    } else if (uses[i].at - uses[before - 1].at < kUseGrain) {
      continue;
    }
    counts.all += 1;
    if (uses[i].address_hash == address) counts.value += 1;
  }
  if (counts.all == 0) return std::nullopt;
  if (counts.value > 0)
    return RarityFactor{.log_ratio = kFactorMin, .account_share = counts.value / counts.all};
  const double unseen = counts.kinds / (counts.all + counts.kinds);
  return RarityFactor{.log_ratio = -std::log(unseen), .account_share = 0};
}

}  // namespace

double BackedOff(const LevelCounts& seen, double wider) {
  const double weight = seen.all + seen.kinds;
  return weight > 0 ? (seen.value + seen.kinds * wider) / weight : wider;
}

double StrangerLogRatio(double population, double uniform, double owner) {
  return std::log((0.5 * population + 0.5 * uniform) / owner);
}

double Rarity::score() const {
  const auto whereabouts = [&](const std::optional<RarityFactor>& factor) {
    const double ratio = factor ? factor->log_ratio : 0;
    return ratio > 0 ? ratio * TrustDamping(device_trust) : ratio;
  };
  return whereabouts(network) + whereabouts(address) + (device ? device->log_ratio : 0);
}

Rarity RarityOf(const schemas::Event& event, const AccountState& state, const Population& population) {
  return RarityOf(event, state, population, MatchDevice(event, state), AddressHash(event.facts.network),
                  DeviceTrust(event, state));
}

Rarity RarityOf(const schemas::Event& event, const AccountState& state, const Population& population,
                const DeviceMatch& match, uint32_t address, double device_trust) {
  Rarity rarity;
  rarity.network = NetworkFactor(event, state, population, rarity.account_uses);
  rarity.device = DeviceFactor(event, state, population, match, rarity.account_uses);
  rarity.address = AddressFactor(event, state, address);
  rarity.device_trust = device_trust;
  return rarity;
}

}  // namespace tocsin::detectors
