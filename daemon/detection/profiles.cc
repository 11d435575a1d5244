#include "daemon/detection/profiles.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace tocsin::daemon {
namespace {

using detectors::Limit;
using schemas::Direction;
using schemas::TransactionKind;
using Kind = detectors::Verdict::Kind;

constexpr std::array kConditions = {
    // Guidelines on Shared Responsibility Framework (2024), duties of financial institutions: 12 h
    // cooling-off after a login on a new device, word of it and of high-risk activities, surveillance of a
    // sudden drain.
    Condition{Profile::kMasSrf, "mas_srf.cooling_off", {"cooling_off"}},
    Condition{Profile::kMasSrf, "mas_srf.new_device_login", {"new_device"}},
    Condition{Profile::kMasSrf,
              "mas_srf.high_risk_activity",
              {"sensitive_burst", "takeover_chain", "second_factor_removed", "limit_raised_then_spent",
               "new_payee_large"}},
    Condition{Profile::kMasSrf, "mas_srf.account_drain", {"account_drain"}},
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
    Condition{Profile::kPsd2Art18, "psd2_art18.high_risk_payee_location", {"high_risk_country"}},
    // Person to person: 25 receipts or INR 400,000 in 24 h, those below INR 2,000 apart; never more than 50.
    Condition{Profile::kNpciP2p, "npci_p2p.limits", {"limit_breach"}},
    Condition{Profile::kNpciP2p, "npci_p2p.first_payment_to_payee", {"new_payee_large"}},
    Condition{Profile::kNpciP2p, "npci_p2p.pass_through", {"pass_through"}},
};

// Its detectors that answered `kind`, with why they could not where that was the answer. Those that do not
// look at such events have not answered.
std::string Answers(const Condition& condition, const detectors::DetectionResult& result, Kind kind) {
  std::string answers;
  for (const std::string_view detector : condition.detectors) {
    if (detector.empty()) continue;
    const detectors::Verdict& verdict = result.Of(detector);
    if (verdict.kind() != kind) continue;
    if (kind == Kind::kNotEvaluable && verdict.why() == detectors::kOtherEvent) continue;
    answers.append(answers.empty() ? "" : ", ").append(detector);
    if (kind == Kind::kNotEvaluable) answers.append(" ").append(verdict.why());
  }
  return answers;
}

std::string Outcome(const Condition& condition, const detectors::DetectionResult& result) {
  if (condition.detectors.front().empty()) return "not evaluated";
  std::string outcome;
  const auto add = [&](std::string_view word, const std::string& answers) {
    if (!answers.empty()) outcome.append(outcome.empty() ? "" : "; ").append(word).append(answers);
  };
  add("met: ", Answers(condition, result, Kind::kAlert));
  if (!outcome.empty()) return outcome;
  add("not met: ", Answers(condition, result, Kind::kClear));
  add("not evaluable: ", Answers(condition, result, Kind::kNotEvaluable));
  return outcome.empty() ? "not applicable" : outcome;
}

void AddLimit(Limit limit, detectors::LimitTable& table) {
  const auto same = [&](const Limit& known) { return known.name == limit.name; };
  if (std::ranges::none_of(table.limits, same)) table.limits.push_back(std::move(limit));
}

}  // namespace

std::optional<Profile> ProfileFromName(std::string_view name) {
  if (name == "mas-srf") return Profile::kMasSrf;
  if (name == "psd2-art18") return Profile::kPsd2Art18;
  if (name == "npci-p2p") return Profile::kNpciP2p;
  return std::nullopt;
}

std::span<const Condition> Conditions() { return kConditions; }

void AddProfileLimits(std::span<const Profile> profiles, detectors::LimitTable& table) {
  if (std::ranges::find(profiles, Profile::kNpciP2p) == profiles.end()) return;
  const Currency rupee = Currency::Find("INR").value_or(Currency());
  Limit receipts{.name = "npci-p2p-receipts",
                 .kinds = {TransactionKind::kTransfer},
                 .direction = Direction::kIn,
                 .window = Limit::Window::kRolling,
                 .rolling = std::chrono::hours(24),
                 .max = Money{.minor = 400'000'00, .currency = rupee},
                 .max_count = 25,
                 .min = Money{.minor = 2'000'00, .currency = rupee}};
  Limit most = receipts;
  most.name = "npci-p2p-receipts-most";
  most.max.reset();
  most.min.reset();
  most.max_count = 50;
  AddLimit(std::move(receipts), table);
  AddLimit(std::move(most), table);
}

void AddConditions(std::span<const Profile> profiles, const detectors::DetectionResult& result,
                   std::vector<schemas::Evidence>& evidence) {
  for (const Condition& condition : kConditions) {
    if (std::ranges::find(profiles, condition.profile) == profiles.end()) continue;
    evidence.push_back({condition.name, Outcome(condition, result)});
  }
}

}  // namespace tocsin::daemon
