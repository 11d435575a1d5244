// Finds many changes around the account's defences within minutes: the haste of somebody who does not know
// how long the door stays open.
//
// Method: changes of password, contacts, second factor, devices, payees, notifications and raised limits are
// counted in sliding windows, both ends included. Changes with gaps of at most the window are one run, and
// one run is one finding that grows: its cause is the earliest change. A second factor that is off within a
// minute of its method's removal is one change with it. When all of the window come from a
// device that has earned trust, it weighs half and is low: owners tidy up too. A run whose earliest change
// moves, because one arrived late, is retracted under its old cause.
//
// Reads: AccountState::security_log, devices.
// Blind to: patience; changes the platform does not publish.
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

class SensitiveBurst final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "sensitive_burst",
      .title = "Burst of security changes",
      .family = schemas::Family::kTakeover,
      .techniques = {"T1098", "F1006"},  // Account manipulation; account takeover.
      .severity = schemas::Severity::kMedium,
      .weight = 1.0,
      .events = kChanges,
  };
  struct Config {
    int changes_min = 3;
    std::chrono::seconds window = std::chrono::minutes(10);

    static const std::array<Setting<Config>, 2> kSettings;
  };

  explicit SensitiveBurst(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event. A change that is not counted is clear.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
