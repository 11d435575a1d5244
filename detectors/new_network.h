// Finds a successful use from a network that is new to the account: of a class it never used (strong: a
// rented server where there were only home lines), or an autonomous system it did not use in the last 90 days
// (weak, for the record).
//
// Method: class and number of the address's system against the account's known networks. Never single
// addresses: on real traffic 40–45 % of honest logins come from a new one.
//
// Reads: Networks::known; Devices::known for trust.
// Blind to: an attacker at the victim's own provider; systems whose class no database tells.
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

class NewNetwork final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "new_network",
      .title = "New network",
      .family = schemas::Family::kLocation,
      .techniques = {"T1583.003"},  // Acquire infrastructure: virtual private server.
      .severity = schemas::Severity::kLow,
      .weight = 0.9,
      .events = kLogins | kTransactions,
  };
  struct Config {
    double number_weight = 0.3;  // When the class is known and only the autonomous system is new.
    static const std::array<Setting<Config>, 1> kSettings;
  };

  explicit NewNetwork(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
