#include "detectors/new_payee_large.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "detectors/asked.h"
#include "detectors/lacking.h"
#include "detectors/payments/counterparty.h"
#include "detectors/payments/flows.h"
#include "detectors/payments/large_amount.h"

namespace tocsin::detectors {
namespace {

using Config = NewPayeeLarge::Config;

// An account that is not known for `history` yet may have old friends that were never seen.
bool MayBeAnOldFriend(Timestamp at, const AccountState& state, const Config& config) {
  const Timestamp known_since = state.profile().first_seen;
  return known_since == kTimestampMin || at - known_since < config.history;
}

LargeAmount LargeFor(const Movement& payment, const AccountState& state, const Context& context,
                     const Config& config) {
  return LargeAmountFor(payment, state, context, config.check_amount, config.quantile, config.payments_min);
}

bool IsLarge(const Movement& payment, const LargeAmount& large) {
  return large.known() && payment.amount.minor >= large.minor && payment.amount.minor != 0;
}

// Too little for anybody: what is usual for the account need not be asked.
bool IsBelowCheck(const Movement& payment, const Context& context, const Config& config) {
  const auto check = Convert(config.check_amount, payment.amount.currency, context.limits);
  return check && check->minor >= 0 && payment.amount.minor < check->minor;
}

Claim MakeClaim(const Movement& payment, std::string_view event_id, Timestamp first_named, bool added,
                const LargeAmount& large, const Config& config) {
  const auto amount = [&](int64_t minor) { return FormatAmount({minor, payment.amount.currency}); };
  Claim claim;
  claim.severity = NewPayeeLarge::kInfo.severity;
  claim.confidence = added ? 65 : 55;
  claim.weight = NewPayeeLarge::kInfo.weight;
  claim.cause = {std::string(event_id)};
  claim.occurred_at = payment.at;
  // What is large for all, or for most accounts, is no habit of this one.
  const bool habit = large.own && large.account_minor == large.minor;
  claim.reasons = {{"new_payee_large", FormatMoney(payment.amount),
                    habit ? FormatMoney({large.minor, payment.amount.currency}) : std::string()}};
  claim.evidence = {{"amount", amount(payment.amount.minor)},
                    {"currency", std::string(payment.amount.currency.code())},
                    {"payee_age_hours", Hours(payment.at - first_named).count()},
                    {"payee_age_hours_max", Hours(Millis(config.age)).count()},
                    {"payee_added", int64_t{added ? 1 : 0}},
                    {"large_from", amount(large.minor)}};
  if (large.check_minor >= 0) claim.evidence.push_back({"check_amount", amount(large.check_minor)});
  if (large.account_minor >= 0)
    claim.evidence.push_back(
        {large.own ? "account_quantile" : "population_quantile", amount(large.account_minor)});
  return claim;
}

// Of a payee that was added: the payments after it that arrived before it, and that nobody could judge. The
// change itself is none of this detector's events.
Verdict JudgeEarlier(const schemas::Event& event, const AccountState& state, const Context& context,
                     const Config& config) {
  Verdict verdict = Verdict::NotEvaluable(kOtherEvent);
  const schemas::AccountChange& change = *event.change();
  if (change.change != schemas::ChangeKind::kPayeeAdded) return verdict;
  const Timestamp at = event.occurred_at;
  const uint32_t key = PayeeKey(change.payee_id);
  const Payee* payee = state.payees().Find(key, false);
  if (payee == nullptr || !payee->paid || payee->first_seen == kTimestampMin) return verdict;
  const Timestamp first = std::min(payee->first_seen, at);
  // What was paid later was judged.
  const Timestamp until = std::min(payee->added_at, first + config.age);
  const auto& entries = state.money().entries;
  for (auto payment = std::ranges::lower_bound(entries, at, {}, &MoneyEntry::at);
       payment != entries.end() && payment->at < until; ++payment) {
    if (payment->payee_tag != PayeeTag(key) || !payment->Live()) continue;
    if (!MayBeAnOldFriend(payment->at, state, config)) continue;
    const LargeAmount large = LargeFor(*payment, state, context, config);
    if (IsLarge(*payment, large))
      verdict.Add(MakeClaim(*payment, payment->event_id, first, true, large, config));
  }
  return verdict;
}

}  // namespace

const std::array<Setting<NewPayeeLarge::Config>, 5> NewPayeeLarge::Config::kSettings{{
    {.key = "age",
     .member = &Config::age,
     .min = 3600,
     .max = 86'400,
     .doc = "How long after it was first paid or added a payee is new."},
    {.key = "check_amount",
     .member = &Config::check_amount,
     .doc = "No smaller amount is large; in other currencies by the table of exchange rates."},
    {.key = "quantile",
     .member = &Config::quantile,
     .min = 0.5,
     .max = 0.9999,
     .unit = "",
     .doc = "Share of the account's own payments of that kind that are not large."},
    {.key = "payments_min",
     .member = &Config::payments_min,
     .min = 5,
     .max = 1000,
     .unit = "payments",
     .doc = "Own payments of that kind from which on the account is its own measure; before, the population "
            "is."},
    {.key = "history",
     .member = &Config::history,
     .min = 0,
     .max = 7'776'000,
     .doc = "How long an account must have been known before a payee never seen is taken for a new one."},
}};

Verdict NewPayeeLarge::Evaluate(const schemas::Event& event, const AccountState& state,
                                const Context& context) const {
  if (event.change() != nullptr) return JudgeEarlier(event, state, context, config_);
  const schemas::Transaction& transaction = *event.transaction();
  if (transaction.direction != schemas::Direction::kOut) return Verdict::NotEvaluable("money_in");
  const auto named = PayeeOf(event, context);
  if (!named) return Verdict::NotEvaluable("no_payee");
  const Flows flows(event, state, context);
  if (!flows.EventCounts() || flows.after() == nullptr) return Verdict::NotEvaluable("not_counted");
  if (!flows.IsNews() && flows.BeganWith().empty()) return ClearFor(kNewsOfPayment, context);

  const Movement& own = *flows.after();
  const Payee* payee = state.payees().Find(named->key, false);
  if (payee != nullptr && payee->first_seen == kTimestampMin) return ClearFor("new_payee", context);
  const Timestamp first = payee == nullptr ? own.at : std::min(payee->first_seen, own.at);
  context.Note("payee_age_hours", Hours(own.at - first).count(), Needs::kLessThan,
               Hours(Millis(config_.age)).count());
  if (own.at - first >= config_.age) return Verdict::Clear();
  if (context.measures == nullptr && IsBelowCheck(own, context, config_)) return Verdict::Clear();
  const LargeAmount large = LargeFor(own, state, context, config_);
  if (!large.known()) return Verdict::NotEvaluable("no_rate");
  if (context.measures != nullptr) {
    context.Note("amount", FormatMoney(own.amount), Needs::kAtLeast,
                 FormatMoney({large.minor, own.amount.currency}));
  }
  if (!IsLarge(own, large)) return Verdict::Clear();
  const bool added = payee != nullptr && payee->added_at <= own.at;
  const bool judged = added || !MayBeAnOldFriend(own.at, state, config_);
  Verdict verdict = Verdict::NotEvaluable(kLearning);
  if (judged) {
    Claim claim = MakeClaim(own, flows.event_id(), first, added, large, config_);
    claim.transaction_id = transaction.transaction_id;
    verdict = Verdict::Alert(std::move(claim));
  }
  if (!flows.BeganWith().empty()) verdict.Retract({.cause = {std::string(flows.BeganWith())}});
  return verdict;
}

}  // namespace tocsin::detectors
