// Finds a successful use through a network that hides where its user is (VPN, proxy, Tor, relay, hosting),
// where the account is not in the habit of it.
//
// Method: the kind of anonymous network against the kinds the account is known to use. A VPN that is always
// there is normal; the first one is not. Without data on anonymity the answer is "not evaluable", never
// "clear".
//
// Reads: Networks::known; Devices::known for trust.
// Blind to: residential proxies that no database knows; an attacker who uses the kind that the owner uses.
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

class AnonymousNetwork final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "anonymous_network",
      .title = "Anonymous network",
      .family = schemas::Family::kLocation,
      .techniques = {"T1090.003"},  // Multi-hop proxy.
      .severity = schemas::Severity::kLow,
      .weight = 1.2,
      .events = kLogins | kTransactions,
  };
  struct Config {
    double tor_weight = 2.0;  // Tor is rarely anybody's everyday way.
    static const std::array<Setting<Config>, 1> kSettings;
  };

  explicit AnonymousNetwork(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
