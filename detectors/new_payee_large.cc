#include "detectors/new_payee_large.h"

#include <algorithm>

#include "detectors/payments/counterparty.h"
#include "detectors/payments/flows.h"
#include "detectors/payments/large_amount.h"

namespace tocsin::detectors {

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
  const schemas::Transaction& transaction = *event.transaction();
  if (transaction.direction != schemas::Direction::kOut) return Verdict::NotEvaluable("money_in");
  const auto named = PayeeOf(transaction);
  if (!named) return Verdict::NotEvaluable("no_payee");
  const Flows flows(event, state);
  if (!ReadMovement(event, {}).counted || flows.after() == nullptr)
    return Verdict::NotEvaluable("not_counted");
  if (!flows.IsNews() && flows.BeganWith().empty()) return Verdict::Clear();

  const Movement& own = *flows.after();
  const Payee* payee = state.payees().Find(named->key, false);
  if (payee != nullptr && payee->first_seen == kTimestampMin) return Verdict::Clear();
  const Timestamp first = payee == nullptr ? own.at : std::min(payee->first_seen, own.at);
  context.Note("payee_age_hours", Hours(own.at - first).count(), Needs::kLessThan,
               Hours(Millis(config_.age)).count());
  if (own.at - first >= config_.age) return Verdict::Clear();
  const LargeAmount large =
      LargeAmountFor(own, state, context, config_.check_amount, config_.quantile, config_.payments_min);
  if (!large.known()) return Verdict::NotEvaluable("no_rate");
  if (context.measures != nullptr) {
    context.Note("amount", FormatMoney(own.amount), Needs::kAtLeast,
                 FormatMoney({large.minor, own.amount.currency}));
  }
  if (own.amount.minor < large.minor || own.amount.minor == 0) return Verdict::Clear();
  const bool added = payee != nullptr && payee->added;
  const Timestamp known_since = state.profile().first_seen;
  if (!added && (known_since == kTimestampMin || own.at - known_since < config_.history))
    return Verdict::NotEvaluable(kLearning);

  const auto amount = [&](int64_t minor) { return FormatAmount({minor, own.amount.currency}); };
  Claim claim;
  claim.severity = kInfo.severity;
  claim.confidence = added ? 65 : 55;
  claim.weight = kInfo.weight;
  claim.cause = {std::string(flows.event_id())};
  claim.occurred_at = own.at;
  claim.transaction_id = transaction.transaction_id;
  // What is large for all, or for most accounts, is no habit of this one.
  const bool habit = large.own && large.account_minor == large.minor;
  claim.reasons = {{"new_payee_large", FormatMoney(own.amount),
                    habit ? FormatMoney({large.minor, own.amount.currency}) : std::string()}};
  claim.evidence = {{"amount", amount(own.amount.minor)},
                    {"currency", std::string(own.amount.currency.code())},
                    {"payee_age_hours", Hours(own.at - first).count()},
                    {"payee_age_hours_max", Hours(Millis(config_.age)).count()},
                    {"payee_added", int64_t{added ? 1 : 0}},
                    {"large_from", amount(large.minor)}};
  if (large.check_minor >= 0) claim.evidence.push_back({"check_amount", amount(large.check_minor)});
  if (large.account_minor >= 0)
    claim.evidence.push_back(
        {large.own ? "account_quantile" : "population_quantile", amount(large.account_minor)});
  Verdict verdict = Verdict::Alert(std::move(claim));
  if (!flows.BeganWith().empty()) verdict.Retract({.cause = {std::string(flows.BeganWith())}});
  return verdict;
}

}  // namespace tocsin::detectors
