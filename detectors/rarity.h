// How much more likely a login is for a stranger than for the account's owner: the log-odds behind
// login_rarity (Freeman et al., "Who are you?", NDSS 2016), with each factor apart.
//
// For each thing x of a login (network, device, address):   factor = ln( stranger(x) / owner(x) )
//
//   owner(x)     what the account has done, backed off to what everybody does (Witten–Bell):
//                (seen(x) + kinds · wider(x)) / (all + kinds). `wider` is the same one level up, with the
//                last level the population's share; so an account without history is everybody.
//   stranger(x)  half everybody, half anything at all: ½ · population(x) + ½ · uniform. What nobody does is
//                then a sign by itself, also for an account without history.
//
// Levels: system → country;  model or browser → operating system;  address alone. A network counts as seen
// only as far as its country is, a device only as far as its system is.
//
// Monotone, which the published smoothing is not: of two things that differ only in how often the account
// has used them, the one used less never scores less; of two that it has never used, the one that is rarer
// among all never does.
//
// The account's counts are those of its tenures (SettledUses): confirmed, decayed (half-life 30 d), one for
// an hour of the clock, and none of an hour that has not been over for kSettled, so that events arriving in
// the wrong order by less are judged alike.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "detectors/account_state.h"
#include "detectors/novelty.h"
#include "detectors/population.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// A level's counts.
struct LevelCounts {
  double value = 0;  // Of the thing itself.
  double all = 0;
  double kinds = 0;  // Different things.
};

// (value + kinds · wider) / (all + kinds); `wider` where nothing has been seen.
[[nodiscard]] double BackedOff(const LevelCounts& seen, double wider);
// ln( (½ · population + ½ · uniform) / owner ). REQUIRES: owner > 0.
[[nodiscard]] double StrangerLogRatio(double population, double uniform, double owner);

struct RarityFactor {
  double log_ratio = 0;         // Within kFactorMin … kFactorMax.
  double population_share = 0;  // Of logins of all accounts.
  double account_share = 0;     // Of the account's, backed off.
};
// Nothing usual outweighs something strange: a known device does not make a new country safe.
inline constexpr double kFactorMin = -1;
inline constexpr double kFactorMax = 6;

struct Rarity {
  std::optional<RarityFactor> network;  // Absent: the event does not say.
  std::optional<RarityFactor> device;
  std::optional<RarityFactor> address;
  double account_uses = 0;  // The history behind it: sittings, decayed.
  double device_trust = 0;  // 0…1: a trusted device takes up to half of what speaks against its whereabouts.

  // Sum of the factors; those of whereabouts that are positive times TrustDamping(device_trust).
  [[nodiscard]] double score() const;
};

// REQUIRES: the population has seen enough (LoginsSeen).
[[nodiscard]] Rarity RarityOf(const schemas::Event& event, const AccountState& state,
                              const Population& population);
// By what MatchDevice, AddressHash and DeviceTrust have answered.
[[nodiscard]] Rarity RarityOf(const schemas::Event& event, const AccountState& state,
                              const Population& population, const DeviceMatch& match, uint32_t address,
                              double device_trust);

}  // namespace tocsin::detectors
