// Finds a successful login that is far more likely for a stranger than for the account's owner; and for every
// other login, says how much it leans to either side.
//
// Method: log-odds of country and network, system and device, and address, each as common among all accounts
// against as common for this one, backed off level by level (rarity.h); without history by the population
// alone. Where and with what both speak for a stranger on an account that is learning, the owner is told.
//
// Reads: Places, Networks, Devices; Context::population.
// Blind to: a stranger with the owner's device, network and address, or who comes first; what is not told.
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

class LoginRarity final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "login_rarity",
      .title = "Rare login",
      .family = schemas::Family::kRarity,
      .techniques = {"T1078", "F1006"},  // Valid accounts; account takeover.
      .severity = schemas::Severity::kLow,
      .weight = 1,  // For each unit of the score, which is in log-odds already.
      .events = kLogins,
  };
  struct Config {
    double alert_at = 3.5;
    double score_max = 4;
    int population_min = 1000;
    static const std::array<Setting<Config>, 3> kSettings;
  };
  static constexpr double kScoreMin = -1;  // The most usual login is worth this much less than no login.

  explicit LoginRarity(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event. A clear verdict carries the score as its leaning.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
