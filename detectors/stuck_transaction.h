// Finds a withdrawal or transfer that was authorized and then neither completed, failed nor given back: the
// owner waits for his money. Not an attack, a matter for support.
//
// Method: authorizations wait in the ledger for their outcome. One that is `window` older than the account's
// newest event, by event time, and has none is stuck. Time passes for an account when it has an event of any
// kind (docs/adr/0011-time-passes-with-events.md). When the outcome comes, late or not, the finding is
// closed as superseded.
//
// Reads: AccountState::ledger, recent_events.
// Blind to: an account that has no event any more; transactions without an id; more than 32 at once.
//
// Thread safety: immutable after construction; Evaluate may run on any number of threads.
#pragma once

#include <array>
#include <chrono>

#include "base/setting.h"
#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/detector_info.h"
#include "detectors/verdict.h"
#include "schemas/event.h"

namespace tocsin::detectors {

class StuckTransaction final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "stuck_transaction",
      .title = "Stuck transaction",
      .family = schemas::Family::kMoney,
      .techniques = {},
      .severity = schemas::Severity::kInfo,
      .weight = 0,
      .events = kLogins | kTransactions | kChanges | kProfiles | kFeedbacks,
  };
  struct Config {
    std::chrono::seconds window = std::chrono::hours(24);
    static const std::array<Setting<Config>, 1> kSettings;
  };

  explicit StuckTransaction(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
