// Finds a device that is not what it says, or whose protection is broken: an emulator, a rooted phone, a
// client whose browser does not exist on its system, an id that was another system before, an id whose
// version moved backward.
//
// Method: each of these is an oddity that an account either always had or did not. One that is new waits in
// quarantine, and its uses are one finding, caused by the event that introduced it. Tablets that ask for the
// desktop's pages, and updates of any size, are no oddities.
//
// Reads: Habits::oddities; Devices::known.
// Blind to: a clean device; a tampered one that says nothing of it; what the account was used to before.
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

class DeviceTampered final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "device_tampered",
      .title = "Tampered device",
      .family = schemas::Family::kDevice,
      .techniques = {"T1633", "F1023"},
      .severity = schemas::Severity::kMedium,
      .weight = 1.0,
      .events = kLogins | kTransactions,
  };
  struct Config {
    double contradiction_weight = 1.5;  // Of two systems at once, or another system under the same id.
    static const std::array<Setting<Config>, 1> kSettings;
  };

  explicit DeviceTampered(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
