// Finds a successful use with a device that is none of the account's own.
//
// Method: the device's id, or without one its platform, model and families, against the known devices. A
// version that moved forward is the same device. A device in quarantine is still new, but it is the same
// finding, caused by the event that introduced it. One that the owner has refused is always a finding, and a
// heavier one.
//
// Reads: Devices::known.
// Blind to: a stolen device; an id that was copied; without ids, a device of the same make and browser.
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

class NewDevice final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "new_device",
      .title = "New device",
      .family = schemas::Family::kDevice,
      .techniques = {"T1078", "F1023"},  // Valid accounts; new device.
      .severity = schemas::Severity::kLow,
      .weight = 1.2,
      .events = kLogins | kTransactions,
  };
  struct Config {
    double refused_weight = 2.4;  // When the owner has said "not me" of this device.
    static const std::array<Setting<Config>, 1> kSettings;
  };

  explicit NewDevice(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
