#include "detectors/pass_through.h"

#include <optional>
#include <vector>

#include "detectors/payments/counterparty.h"
#include "detectors/payments/episodes.h"
#include "detectors/payments/first_uses.h"
#include "detectors/payments/flows.h"
#include "detectors/payments/large_amount.h"

namespace tocsin::detectors {
namespace {

using schemas::Direction;
using schemas::TransactionKind;

bool IsReceipt(const Movement& movement) {
  return movement.direction == Direction::kIn &&
         (movement.kind == TransactionKind::kTransfer ||
          (movement.kind == TransactionKind::kPayment && movement.with_party));
}
bool IsSent(const Movement& movement) {
  return movement.direction == Direction::kOut && !IsNoPayment(movement.kind, movement.with_party);
}

struct Passed {
  int64_t received_minor = 0;
  int64_t sent_minor = 0;
  int senders = 0;
};

// Amounts in the currency of the threshold; what cannot be converted counts for nothing.
class Window {
 public:
  Window(const std::vector<Flow>& flows, const FirstUses& senders, const Context& context, Currency currency)
      : flows_(flows), senders_(senders), context_(context), currency_(currency) {}

  [[nodiscard]] Passed Before(size_t end) const {
    const Timestamp at = flows_[end].at;
    Passed passed;
    passed.senders = senders_.NewBetween(at - kOneDay, at);
    bool receiving = false;
    for (size_t i = 0; i <= end; ++i) {
      const Flow& flow = flows_[i];
      if (flow.at <= at - kOneDay || flow.movement->GoneAt() <= at) continue;
      const auto amount = ConvertForSum(flow.movement->amount, currency_, context_.limits);
      if (!amount) continue;
      if (IsReceipt(*flow.movement)) {
        receiving = true;
        passed.received_minor = SaturatingAdd(passed.received_minor, *amount);
      } else if (receiving) {
        passed.sent_minor = SaturatingAdd(passed.sent_minor, *amount);
      }
    }
    return passed;
  }

 private:
  const std::vector<Flow>& flows_;
  const FirstUses& senders_;
  const Context& context_;
  Currency currency_;
};

}  // namespace

const std::array<Setting<PassThrough::Config>, 4> PassThrough::Config::kSettings{{
    {.key = "share_min",
     .member = &Config::share_min,
     .min = 0.1,
     .max = 1,
     .unit = "",
     .doc = "Share of what was received in 24 h that is passed on."},
    {.key = "received_min",
     .member = &Config::received_min,
     .doc = "Smaller receipts in 24 h are nothing to pass on; in other currencies by the table of exchange "
            "rates."},
    {.key = "senders_min",
     .member = &Config::senders_min,
     .min = 1,
     .max = 40,
     .unit = "senders",
     .doc = "Senders in 24 h who never paid the account before."},
    {.key = "age_max",
     .member = &Config::age_max,
     .min = 86'400,
     .max = 63'072'000,
     .doc = "Age of an account from which on it is not looked at."},
}};

Verdict PassThrough::Evaluate(const schemas::Event& event, const AccountState& state,
                              const Context& context) const {
  const auto& opened_at = state.profile().OwnerAt(event.occurred_at).opened_at;
  if (!opened_at) return Verdict::NotEvaluable("age_unknown");
  context.Note("account_age_days", Days(event.occurred_at - *opened_at).count(), Needs::kLessThan,
               Days(Millis(config_.age_max)).count());
  if (event.occurred_at - *opened_at >= config_.age_max) return Verdict::Clear();
  const Flows flows(event, state);
  if (!flows.Changes()) return Verdict::Clear();
  const Currency currency = config_.received_min.currency;
  if (!ConvertForSum(event.transaction()->amount, currency, context.limits))
    return Verdict::NotEvaluable("no_rate");

  // A sender that the event brings.
  std::optional<FirstUse> used;
  const auto named = PayeeOf(*event.transaction());
  if (named && named->incoming && flows.after() != nullptr && IsReceipt(*flows.after()))
    used = FirstUse{.key = named->key, .at = event.occurred_at};
  const Timestamp until = flows.at() + kOneDay;
  const Payee* known = used ? state.payees().Find(used->key, true) : nullptr;
  const bool adds = used && (known == nullptr || known->first_seen > until);
  const int senders = state.payees().NewBetween(true, flows.at() - kOneDay, until) + (adds ? 1 : 0);
  context.Note("new_senders", int64_t{senders}, Needs::kAtLeast, int64_t{config_.senders_min});
  if (senders < config_.senders_min) {
    return Verdict::Clear();
  }
  const FirstUses senders_before(state.payees(), state.money(), true, {});
  const FirstUses senders_after(state.payees(), state.money(), true, used);
  const auto moves = [](const Movement& m) { return IsReceipt(m) || IsSent(m); };
  const std::vector<Flow> before = flows.Before(flows.at() - 2 * kOneDay, moves);
  const std::vector<Flow> after = flows.After(flows.at() - 2 * kOneDay, moves);
  if (after.size() > kFlowsMax) return Verdict::NotEvaluable(kSaturated);
  const auto passed_at = [&](const std::vector<Flow>& list, size_t i) {
    return Window(list, &list == &after ? senders_after : senders_before, context, currency).Before(i);
  };
  const auto mark = [&](const std::vector<Flow>& list) {
    std::vector<bool> over(list.size());
    for (size_t i = 0; i < list.size(); ++i) {
      if (!IsSent(*list[i].movement)) continue;
      const Passed passed = passed_at(list, i);
      over[i] = passed.senders >= config_.senders_min &&
                passed.received_minor >= config_.received_min.minor &&
                ReachesShare(passed.sent_minor, config_.share_min, passed.received_minor);
    }
    return over;
  };
  const auto make = [&](const std::vector<Flow>& list, const Episode& episode) {
    const Passed passed = passed_at(list, episode.last);
    // As the owner counts.
    const Currency shown = list[episode.last].movement->amount.currency;
    const auto text = [&](int64_t minor) {
      const Money sum{minor, currency};
      return FormatMoney(Convert(sum, shown, context.limits).value_or(sum));
    };
    Claim claim;
    claim.severity = kInfo.severity;
    claim.confidence = 65;
    claim.weight = kInfo.weight;
    if (list[episode.last].key == TransactionKey(event))
      claim.transaction_id = event.transaction()->transaction_id;
    claim.reasons = {{"pass_through", text(passed.sent_minor) + " in 24 h", text(passed.received_minor)}};
    claim.evidence = {{"received", FormatAmount({passed.received_minor, currency})},
                      {"sent", FormatAmount({passed.sent_minor, currency})},
                      {"currency", std::string(currency.code())},
                      {"received_min", FormatAmount(config_.received_min)},
                      {"share_min", config_.share_min},
                      {"new_senders", int64_t{passed.senders}},
                      {"senders_min", int64_t{config_.senders_min}},
                      {"account_age_days", Hours(event.occurred_at - *opened_at).count() / 24}};
    return claim;
  };
  Verdict verdict = Verdict::Clear();
  JudgeEpisodes(before, after, kOneDay, flows.at(), "", mark, make, verdict);
  return verdict;
}

}  // namespace tocsin::detectors
