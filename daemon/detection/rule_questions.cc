#include "daemon/detection/rule_questions.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

#include "base/money.h"
#include "base/time.h"
#include "daemon/detection/profiles.h"
#include "detectors/account_drain.h"
#include "detectors/cooling_off.h"
#include "detectors/high_risk_country.h"
#include "detectors/limit_breach.h"
#include "detectors/limits/judge.h"
#include "detectors/new_device.h"
#include "detectors/payments/counterparty.h"
#include "detectors/payments/day_drain.h"
#include "detectors/payments/flows.h"
#include "detectors/security_events.h"
#include "schemas/enum_names.h"

namespace tocsin::daemon {
namespace {

using detectors::Verdict;
using schemas::ChangeKind;
using schemas::CounterpartyType;
using schemas::Direction;

constexpr std::string_view kJudgedBefore = "judged_before";
constexpr std::string_view kFirstPayment = "first_payment";

// Singapore dollars and Indian rupees.
Money Dollars(int64_t whole) { return {whole * 100, *Currency::Find("SGD")}; }
Money Rupees(int64_t whole) { return {whole * 100, *Currency::Find("INR")}; }

// Transfers of more than this are high-risk actions.
Money CheckAmount() { return Dollars(1'000); }

// Detectors that are clear of an event which says nothing new of a transaction, whatever they said of it.
constexpr std::array<std::string_view, 5> kJudgeOnce = {"unusual_amount", "velocity", "new_payee_large",
                                                        "structuring", "pass_through"};

bool LooksAt(const detectors::DetectorInfo& detector, const schemas::Event& event) {
  return (detector.events & detectors::Mask(event.type)) != 0;
}

bool HasReason(const Verdict& verdict, std::string_view code) {
  return std::ranges::any_of(verdict.claims(), [&](const schemas::Claim& claim) {
    return std::ranges::find(claim.reasons, code, &schemas::Reason::code) != claim.reasons.end();
  });
}

bool MovesToParty(const schemas::Transaction& transaction) {
  return detectors::MovesToParty(transaction.kind, detectors::IsParty(transaction.counterparty.type));
}

bool IsShop(CounterpartyType type) {
  return type == CounterpartyType::kMerchant || type == CounterpartyType::kTerminal;
}

// Whether the change says, or the profile, what the limit was before.
bool CanCompare(const schemas::AccountChange& change, const schemas::AccountProfile& owner) {
  if (!change.limit) return false;
  const schemas::ChangedLimit& limit = *change.limit;
  if (limit.previous_minor) return true;
  return limit.value_minor && std::ranges::any_of(owner.limits, [&](const schemas::ProfileLimit& known) {
           return known.name == limit.name && known.max.currency == limit.currency;
         });
}

// Whether the account has paid this payee before the event's payment.
enum class Paid : uint8_t {
  kNo,
  kYes,
  kMayHave,    // The account is not known for long enough.
  kForgotten,  // Some time, perhaps only with this payment: when is no longer known.
  kSaturated,  // More payees, or payments, than are kept.
};

// As in new_payee_large: so long an account must have been known.
constexpr Millis kHistory = std::chrono::hours(14 * 24);

Paid HasPaid(uint32_t payee_key, const detectors::Movement& own, const detectors::AccountState& state) {
  bool in_list = false;
  for (const detectors::MoneyEntry& entry : state.money().entries) {
    if (!entry.Live() || entry.payee_tag != detectors::PayeeTag(payee_key)) continue;
    if (entry.transaction_key != own.transaction_key && Before(entry, own)) return Paid::kYes;
    in_list = true;
  }
  const detectors::Payee* const payee = state.payees().Find(payee_key, false);
  if (payee != nullptr && payee->paid) {
    // Named longer ago than payments are kept one by one.
    if (payee->first_seen == kTimestampMin) return in_list ? Paid::kForgotten : Paid::kYes;
    if (state.money().forgotten_until >= payee->first_seen) return Paid::kSaturated;
  }
  // Whom somebody has added is no old friend.
  if (payee != nullptr && payee->added_at <= own.at) return Paid::kNo;
  if (payee == nullptr && state.payees().known.size() >= detectors::Payees::kKnownMax)
    return Paid::kSaturated;
  const Timestamp known_since = state.profile().first_seen;
  return known_since == kTimestampMin || own.at - known_since < kHistory ? Paid::kMayHave : Paid::kNo;
}

}  // namespace

void Outcome::NotEvaluable(std::string_view who, std::string_view why) {
  Add(not_evaluable_, who);
  not_evaluable_.append(" ").append(why);
}

void Outcome::Take(std::string_view detector, const Verdict& verdict, const Judged& judged) {
  switch (verdict.kind()) {
    case Verdict::Kind::kAlert:
      return Met(detector);
    case Verdict::Kind::kClear:
      if (judged.says_nothing_new && std::ranges::find(kJudgeOnce, detector) != kJudgeOnce.end())
        return NotEvaluable(detector, kJudgedBefore);
      return NotMet(detector);
    case Verdict::Kind::kNotEvaluable:
      if (verdict.why() != detectors::kOtherEvent) NotEvaluable(detector, verdict.why());
  }
}

std::string Outcome::Text() const {
  if (!met_.empty()) return "met: " + met_;
  std::string text;
  if (!not_met_.empty()) text.append("not met: ").append(not_met_);
  if (!not_evaluable_.empty())
    text.append(text.empty() ? "" : "; ").append("not evaluable: ").append(not_evaluable_);
  return text.empty() ? "not applicable" : text;
}

void AskCoolingOff(const Judged& judged, Outcome& outcome) {
  constexpr const detectors::DetectorInfo& kInfo = detectors::CoolingOff::kInfo;
  if (!LooksAt(kInfo, judged.event)) return;
  static const detectors::CoolingOff kRule(
      detectors::CoolingOff::Config{.period = std::chrono::hours(12), .check_amount = CheckAmount()});
  const Verdict verdict = kRule.Evaluate(judged.event, judged.state, judged.context);
  // Of one transaction an action is found once.
  if (verdict.clear() && judged.counted_before) return outcome.NotEvaluable(kInfo.id, kJudgedBefore);
  outcome.Take(kInfo.id, verdict, judged);
}

void AskNewDeviceLogin(const Judged& judged, Outcome& outcome) {
  constexpr std::string_view kId = detectors::NewDevice::kInfo.id;
  if (judged.event.login() != nullptr) outcome.Take(kId, judged.result.Of(kId), judged);
}

void AskHighRiskActivity(const Judged& judged, Outcome& outcome) {
  if (const schemas::AccountChange* const change = judged.event.change()) {
    const std::string_view name = schemas::Name(change->change);
    const schemas::AccountProfile& owner = judged.state.profile().OwnerAt(judged.event.occurred_at);
    switch (change->change) {
      case ChangeKind::kPayeeAdded:
      case ChangeKind::kEmailChanged:
      case ChangeKind::kPhoneChanged:
        return outcome.Met(name);
      case ChangeKind::kLimitChanged:
        if (!CanCompare(*change, owner)) return outcome.NotEvaluable(name, "no_previous");
        return detectors::RaisesLimit(*change, owner) ? outcome.Met(name) : outcome.NotMet(name);
      // To switch them off is one; the event does not say which way.
      case ChangeKind::kNotificationsChanged:
        return outcome.NotEvaluable(name, "on_or_off");
      default:
        return outcome.NotMet(name);
    }
  }
  const schemas::Transaction* const transaction = judged.event.transaction();
  if (transaction == nullptr || transaction->direction != Direction::kOut || !judged.event.IsSuccessfulUse())
    return;
  const std::string_view name = schemas::Name(transaction->kind);
  if (!MovesToParty(*transaction)) return outcome.NotMet(name);
  const Money check = CheckAmount();
  const auto minor = detectors::ConvertForSum(transaction->amount, check.currency, judged.context.limits);
  if (!minor) return outcome.NotEvaluable(name, detectors::kNoRate);
  return *minor > check.minor ? outcome.Met(name) : outcome.NotMet(name);
}

void AskAccountDrain(const Judged& judged, Outcome& outcome) {
  constexpr std::string_view kId = detectors::AccountDrain::kInfo.id;
  if (judged.event.transaction() == nullptr) return;
  constexpr double kShare = 0.5;
  const Money balance_min = Dollars(50'000);
  // A late payment may take a later one over the line.
  static const detectors::AccountDrain kRule(
      detectors::AccountDrain::Config{.day_share = kShare, .balance_min = balance_min});
  if (HasReason(kRule.Evaluate(judged.event, judged.state, judged.context), "account_drain_day"))
    return outcome.Met(kId);
  const detectors::OwnDrain own =
      detectors::OwnDayDrain(judged.event, judged.state, judged.context.limits, balance_min, kShare);
  if (!own.why.empty()) return outcome.NotEvaluable(kId, own.why);
  return own.over ? outcome.Met(kId) : outcome.NotMet(kId);
}

void AskPayeeLocation(const Judged& judged, Outcome& outcome) {
  constexpr std::string_view kId = detectors::HighRiskCountry::kInfo.id;
  const schemas::Transaction* const transaction = judged.event.transaction();
  // Of money that comes in the account is the payee.
  if (transaction == nullptr || transaction->direction != Direction::kOut) return;
  const Verdict& verdict = judged.result.Of(kId);
  if (!verdict.alert() || HasReason(verdict, "high_risk_counterparty"))
    return outcome.Take(kId, verdict, judged);
  if (transaction->counterparty.country.empty()) return outcome.NotEvaluable(kId, "no_counterparty_country");
  outcome.NotMet(kId);
}

void AskReceiptLimits(const Judged& judged, Outcome& outcome) {
  constexpr std::string_view kId = detectors::LimitBreach::kInfo.id;
  const schemas::Transaction* const transaction = judged.event.transaction();
  detectors::LimitTable table{.limits = ReceiptLimits(), .rates = judged.context.limits.rates};
  const auto counts = [&](const detectors::Limit& limit) {
    return limit.direction == transaction->direction &&
           std::ranges::find(limit.kinds, transaction->kind) != limit.kinds.end();
  };
  if (transaction == nullptr || std::ranges::none_of(table.limits, counts)) return;
  // An account's own maximum under the declared name is not the rule's.
  for (detectors::Limit& limit : table.limits) limit.name.insert(0, "npci_p2p.limits ");
  const detectors::Context context{
      .population = judged.context.population, .limits = table, .learning = judged.context.learning};
  const detectors::LimitAnswer answer =
      detectors::JudgeLimits(detectors::Question::kOver, judged.event, judged.state, context);
  if (std::ranges::any_of(answer.changes, &detectors::LimitChange::now)) return outcome.Met(kId);
  if (!answer.why.empty()) return outcome.NotEvaluable(kId, answer.why);
  // Only what a transaction changes is told: one that was over stays so in silence.
  return judged.counted_before ? outcome.NotEvaluable(kId, kJudgedBefore) : outcome.NotMet(kId);
}

void AskFirstPayment(const Judged& judged, Outcome& outcome) {
  const schemas::Transaction* const transaction = judged.event.transaction();
  if (transaction == nullptr || transaction->direction != Direction::kOut || !MovesToParty(*transaction) ||
      IsShop(transaction->counterparty.type)) {
    return;
  }
  const detectors::Flows flows(judged.event, judged.state);
  if (!judged.event.IsSuccessfulUse() || flows.after() == nullptr)
    return outcome.NotEvaluable(kFirstPayment, "not_counted");
  const Money least = Rupees(2'000);
  const auto paid_now = detectors::Convert(transaction->amount, least.currency, judged.context.limits);
  if (paid_now && paid_now->minor <= least.minor) return outcome.NotMet(kFirstPayment);
  const auto named = detectors::PayeeOf(*transaction);
  if (!named) return outcome.NotEvaluable(kFirstPayment, "no_payee");
  const Paid paid = HasPaid(named->key, *flows.after(), judged.state);
  if (paid == Paid::kYes) return outcome.NotMet(kFirstPayment);
  if (!paid_now) return outcome.NotEvaluable(kFirstPayment, detectors::kNoRate);
  switch (paid) {
    case Paid::kMayHave:
      return outcome.NotEvaluable(kFirstPayment, detectors::kLearning);
    case Paid::kForgotten:
      return outcome.NotEvaluable(kFirstPayment, "no_history");
    case Paid::kSaturated:
      return outcome.NotEvaluable(kFirstPayment, detectors::kSaturated);
    default:
      return outcome.Met(kFirstPayment);
  }
}

}  // namespace tocsin::daemon
