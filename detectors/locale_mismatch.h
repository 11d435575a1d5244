// Finds a login whose client keeps the time of another part of the world than its address.
//
// Method: the client's time zone at that instant against every clock of the place's country, by the face of
// the clock. An account that always did so (an exile's laptop, an office behind a distant gateway) is known
// to; the first such login waits in quarantine, and all until then are one finding. Announced travel is no
// contradiction. With a trusted device it is a note: people travel.
//
// Reads: Habits::oddities; Security::travel; Devices::known for trust.
// Blind to: clients that send no time zone, or lie about it; three hours or less; countries as wide as their
// clocks.
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

class LocaleMismatch final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "locale_mismatch",
      .title = "Clock of another place",
      .family = schemas::Family::kDevice,
      .techniques = {"T1090"},
      .severity = schemas::Severity::kLow,
      .weight = 0.6,
      .events = kLogins,
  };
  struct Config {
    double trust_max = 0.3;  // With a device trusted more than this it is a note, no alert.
    static const std::array<Setting<Config>, 1> kSettings;
  };

  explicit LocaleMismatch(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
