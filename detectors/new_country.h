// Finds a successful use from a country the account was not used from in the last 90 days.
//
// Method: the country of the address against the countries of the account's known places. A country in
// quarantine is still new, but it is the same finding, caused by the event that introduced it. Across a
// border but near a place of the account's own, or announced travel: clear. With a device the account trusts
// it is most likely the owner on a journey: low, worth a line to the owner, not a person's time. Through a
// hidden network of the account's habit the country is that of an exit, not of a person: the same, and half
// the weight. Weighs more when few accounts are ever used from there.
//
// Reads: Places::known; Security::travel; Devices::known for trust; Networks::known; Population for rarity.
// Blind to: an attacker in the victim's own country, or just across its border; a travel notice that the
// attacker gave.
//
// Thread safety: immutable after construction; Evaluate may run on any number of threads.
#pragma once

#include <array>

#include "base/setting.h"
#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/detector_info.h"
#include "detectors/verdict.h"
#include "schemas/event.h"

namespace tocsin::detectors {

class NewCountry final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "new_country",
      .title = "New country",
      .family = schemas::Family::kLocation,
      .techniques = {"T1078"},  // Valid accounts.
      .severity = schemas::Severity::kMedium,
      .weight = 2.0,
      .events = kLogins | kTransactions,
  };
  struct Config {
    double rare_share = 0.001;  // Below this share of the population's logins a country is rare …
    double rare_weight = 0.7;   // … and the claim weighs this much more.
    double trust_max = 0.3;     // With a device trusted more than this it is a journey: low.
    static const std::array<Setting<Config>, 3> kSettings;
  };

  explicit NewCountry(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
