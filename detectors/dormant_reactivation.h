// Finds an account that wakes after months of silence and at once is used by somebody new, or for more money
// than it ever was: nobody watches accounts that nobody uses.
//
// Method: silence is the time between two successful uses. In the days after one that was long enough, a new
// device (low), and money out above what 95 of 100 of the account's payments of that kind reach (medium).
// With too few payments of its own the population's are the measure. The owner who comes back with the old
// device and pays what was always paid is clear.
//
// A new device is one finding, caused by the event that introduced it; each payment is one. A use in the
// midst of the silence that arrives late retracts what the silence had made strange.
//
// Reads: Sessions::waking; Devices::known; MoneyHistory::histograms.
// Blind to: an attacker on the owner's device who takes little; silence before the account's first event.
//
// Thread safety: immutable after construction; Evaluate may run on any number of threads.
#pragma once

#include <array>
#include <chrono>
#include <optional>

#include "base/setting.h"
#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/detector_info.h"
#include "detectors/verdict.h"
#include "schemas/event.h"

namespace tocsin::detectors {

class DormantReactivation final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "dormant_reactivation",
      .title = "Dormant account reactivated",
      .family = schemas::Family::kDevice,
      .techniques = {"F1042"},
      .severity = schemas::Severity::kMedium,
      .weight = 1.5,
      .events = kLogins | kTransactions,
  };
  struct Config {
    std::chrono::seconds silence = std::chrono::hours(24 * 90);  // At least; its end is included.
    std::chrono::seconds window = std::chrono::hours(72);        // After waking; its end is included.
    double quantile = 0.95;                                      // Of payments that are no surprise.
    int payments_min = 10;  // Own payments from which on the account is its own measure.
    static const std::array<Setting<Config>, 4> kSettings;
  };

  explicit DormantReactivation(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  [[nodiscard]] std::optional<Claim> LargeMoney(const schemas::Event& event, const AccountState& state,
                                                const Context& context) const;
  Config config_;
};

}  // namespace tocsin::detectors
