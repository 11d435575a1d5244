// Finds stolen cards being tried on the account: many different small attempts that are declined, or several
// cards within the hour.
//
// Method: declined payments and top-ups in a sliding window of `window`, those for the owner's own reasons
// (insufficient balance, a limit) left out. The account is a testing ground with `instruments_min` different
// cards, with `declines_min` attempts that differ in card or amount, or with a ladder: `ladder_min` of them,
// each amount larger than the one before. An owner who tries the same payment with the same card again and
// again is no tester (repeated_failure sees him); unnamed cards may be many. What is declined and then failed
// is one attempt (payments/refusals.h). One finding a burst, that grows.
//
// Reads: AccountState::attempts.
// Blind to: cards tried on many accounts, few on each; attempts the platform does not publish.
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

class CardTesting final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "card_testing",
      .title = "Card testing",
      .family = schemas::Family::kMoney,
      .techniques = {"F1012"},
      .severity = schemas::Severity::kMedium,
      .weight = 1.2,
      .events = kTransactions,
  };
  struct Config {
    int declines_min = 5;
    int instruments_min = 3;
    int ladder_min = 4;
    std::chrono::seconds window = std::chrono::hours(1);
    static const std::array<Setting<Config>, 4> kSettings;
  };

  explicit CardTesting(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
