// Finds a login from, or money sent to or received from, a country on the operator's list.
//
// Method: the country of the address, and the counterparty's country, against the list. Who lives in a listed
// country uses the account at home: neither logins from nor counterparties in the profile's own country
// count, unless the configuration says so. No list, or money to nobody knows where: no answer.
//
// Reads: Profile::owner.
// Blind to: hidden addresses; counterparties whose country the platform does not tell.
//
// Thread safety: immutable after construction; Evaluate may run on any number of threads.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/setting.h"
#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/detector_info.h"
#include "detectors/verdict.h"
#include "schemas/event.h"

namespace tocsin::detectors {

class HighRiskCountry final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "high_risk_country",
      .title = "High-risk country",
      .family = schemas::Family::kLocation,
      .techniques = {"T1078", "F1025"},
      .severity = schemas::Severity::kLow,
      .weight = 1.0,
      .events = kLogins | kTransactions,
  };
  struct Config {
    std::string countries;   // ISO 3166-1 alpha-2, separated by commas or spaces.
    bool residents = false;  // Also of accounts whose owner lives there.
    static const std::array<Setting<Config>, 2> kSettings;
  };

  explicit HighRiskCountry(const Config& config);

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  [[nodiscard]] bool IsListed(std::string_view country, const schemas::AccountProfile& owner) const;
  std::vector<std::string> listed_;
  Config config_;
};

}  // namespace tocsin::detectors
