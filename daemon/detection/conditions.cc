#include "daemon/detection/conditions.h"

#include <algorithm>
#include <string>

#include "detectors/payments/flows.h"

namespace tocsin::daemon {
namespace {

constexpr std::array kConditions = {
    // Guidelines on Shared Responsibility Framework (2024), duties of financial institutions: 12 h
    // cooling-off after a login on a new device, word of it and of high-risk activities, surveillance of a
    // sudden drain.
    Condition{Profile::kMasSrf, "mas_srf.cooling_off", {"cooling_off"}, &AskCoolingOff},
    Condition{Profile::kMasSrf, "mas_srf.new_device_login", {"new_device"}, &AskNewDeviceLogin},
    Condition{Profile::kMasSrf, "mas_srf.high_risk_activity", {}, &AskHighRiskActivity},
    Condition{Profile::kMasSrf, "mas_srf.account_drain", {"account_drain"}, &AskAccountDrain},
    Condition{Profile::kMasSrf, "mas_srf.outgoing_payment_notice", {}},
    // Commission Delegated Regulation (EU) 2018/389, Article 18(2)(c), (i) to (vi).
    Condition{Profile::kPsd2Art18,
              "psd2_art18.abnormal_spending",
              {"unusual_amount", "velocity", "new_payee_large", "account_drain", "unusual_hour"}},
    Condition{Profile::kPsd2Art18,
              "psd2_art18.unusual_device",
              {"new_device", "device_tampered", "session_moved", "locale_mismatch"}},
    Condition{Profile::kPsd2Art18, "psd2_art18.malware", {}},
    Condition{Profile::kPsd2Art18,
              "psd2_art18.known_scenario",
              {"takeover_chain", "structuring", "card_testing", "pass_through", "mfa_fatigue"}},
    Condition{Profile::kPsd2Art18,
              "psd2_art18.abnormal_location",
              {"new_country", "impossible_travel", "new_region", "anonymous_network", "concurrent_places"}},
    Condition{
        Profile::kPsd2Art18, "psd2_art18.high_risk_payee_location", {"high_risk_country"}, &AskPayeeLocation},
    Condition{Profile::kNpciP2p, "npci_p2p.limits", {"limit_breach"}, &AskReceiptLimits},
    Condition{Profile::kNpciP2p, "npci_p2p.first_payment_to_payee", {}, &AskFirstPayment},
    Condition{Profile::kNpciP2p, "npci_p2p.pass_through", {"pass_through"}},
};

std::string TextOf(const Condition& condition, const Judged& judged) {
  if (condition.question == nullptr && condition.detectors.front().empty()) return "not evaluated";
  Outcome outcome;
  if (condition.question != nullptr) {
    condition.question(judged, outcome);
    return outcome.Text();
  }
  for (const std::string_view detector : condition.detectors) {
    if (!detector.empty()) outcome.Take(detector, judged.result.Of(detector), judged);
  }
  return outcome.Text();
}

}  // namespace

std::span<const Condition> Conditions() { return kConditions; }

void AddConditions(std::span<const Profile> profiles, const schemas::Event& event,
                   const detectors::AccountState& state, const detectors::Context& context,
                   const detectors::DetectionResult& result, std::vector<schemas::Evidence>& evidence) {
  detectors::Context unmeasured = context;
  unmeasured.measures = nullptr;
  Judged judged{.event = event, .state = state, .context = unmeasured, .result = result};
  if (event.transaction() != nullptr) {
    const detectors::Flows flows(event, state);
    judged.counted_before = flows.before() != nullptr && flows.after() != nullptr;
    judged.says_nothing_new = judged.counted_before && !flows.IsNews() && flows.BeganWith().empty();
  }
  for (const Condition& condition : kConditions) {
    if (std::ranges::find(profiles, condition.profile) == profiles.end()) continue;
    evidence.push_back({condition.name, TextOf(condition, judged)});
  }
}

}  // namespace tocsin::daemon
