#include "detectors/pass_through.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "detectors/asked.h"
#include "detectors/lacking.h"
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
  int64_t sent_minor = 0;  // Since the first receipt.
};

// What each of `flows` sees of the 24 h that end with it, but for the senders. Amounts in the currency of the
// threshold; what cannot be converted counts for nothing. A window slides over them: each enters once, and
// leaves once.
class Window {
 public:
  Window(const std::vector<Flow>& flows, Currency currency, const LimitTable& table)
      : flows_(flows), inside_(flows.size()) {
    std::vector<size_t> leaving;  // What is given back at some time, by that time.
    const auto gone = [&](size_t i) { return flows[i].movement->GoneAt(); };
    for (size_t i = 0; i < flows.size(); ++i) {
      if (gone(i) != kTimestampMax) leaving.push_back(i);
    }
    std::ranges::sort(leaving, {}, gone);
    passed_.reserve(flows.size());
    size_t left = 0;
    size_t tail = 0;
    for (; end_ < flows.size(); ++end_) {
      const Timestamp at = flows[end_].at;
      for (; left < leaving.size() && gone(leaving[left]) <= at; ++left) Leave(leaving[left]);
      for (; flows[tail].at <= at - kOneDay; ++tail) Leave(tail);
      Enter(ConvertForSum(flows[end_].movement->amount, currency, table));
      constexpr Wide kMost = std::numeric_limits<int64_t>::max();
      passed_.push_back({.received_minor = static_cast<int64_t>(std::min(received_, kMost)),
                         .sent_minor = static_cast<int64_t>(std::min(sent_, kMost))});
    }
  }
  [[nodiscard]] const Passed& At(size_t i) const { return passed_[i]; }

 private:
  __extension__ using Wide = __int128;
  static constexpr size_t kNone = SIZE_MAX;

  void Enter(std::optional<int64_t> amount) {
    if (!amount) return;
    if (IsReceipt(*flows_[end_].movement)) {
      if (first_ == kNone) first_ = end_;
      received_ += *amount;
    } else if (first_ != kNone) {
      sent_ += *amount;
    } else {
      return;
    }
    inside_[end_] = amount;
  }
  void Leave(size_t i) {
    if (!inside_[i]) return;
    (IsReceipt(*flows_[i].movement) ? received_ : sent_) -= *inside_[i];
    inside_[i].reset();
    if (i != first_) return;
    // What was sent before the first receipt that is left was not received here.
    for (++first_; first_ < end_; ++first_) {
      if (!inside_[first_]) continue;
      if (IsReceipt(*flows_[first_].movement)) return;
      sent_ -= *inside_[first_];
      inside_[first_].reset();
    }
    first_ = kNone;
  }

  const std::vector<Flow>& flows_;
  std::vector<std::optional<int64_t>> inside_;  // What of each is in a sum.
  std::vector<Passed> passed_;
  size_t end_ = 0;
  size_t first_ = kNone;  // The first receipt in the window.
  Wide received_ = 0;
  Wide sent_ = 0;
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
  const Flows flows(event, state, context);
  if (!flows.Changes()) return ClearFor(kNewsOfPayment, context);
  const Currency currency = config_.received_min.currency;
  if (!ConvertForSum(event.transaction()->amount, currency, context.limits))
    return Verdict::NotEvaluable("no_rate");

  // A sender that the event brings.
  std::optional<FirstUse> used;
  const auto named = PayeeOf(event, context);
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
  // What was received may be among what is no longer known: a share of the rest says nothing.
  if (flows.Forgot(kOneDay)) return Verdict::NotEvaluable(kSaturated);
  const FirstUses senders_before(state.payees(), state.money(), true, {});
  const FirstUses senders_after(state.payees(), state.money(), true, used);
  const auto moves = [](const Movement& m) { return IsReceipt(m) || IsSent(m); };
  const std::vector<Flow> before = flows.Before(flows.at() - 2 * kOneDay, moves);
  const std::vector<Flow> after = flows.After(flows.at() - 2 * kOneDay, moves);
  const Window window_before(before, currency, context.limits);
  const Window window_after(after, currency, context.limits);
  // The two lists are told apart by their address.
  const auto passed_at = [&](const std::vector<Flow>& list, size_t i) {
    return (&list == &after ? window_after : window_before).At(i);
  };
  const auto senders_at = [&](const std::vector<Flow>& list, size_t i) {
    return (&list == &after ? senders_after : senders_before).NewBetween(list[i].at - kOneDay, list[i].at);
  };
  if (flows.after() != nullptr && !IsSent(*flows.after())) NoteLack(context, "money_passed_on");
  for (size_t i = 0; context.measures != nullptr && i < after.size(); ++i) {
    if (after[i].key != TransactionKey(event) || !IsSent(*after[i].movement)) continue;
    const Passed passed = passed_at(after, i);
    context.Note("received_24h", FormatMoney({passed.received_minor, currency}), Needs::kAtLeast,
                 FormatMoney(config_.received_min));
    if (passed.received_minor > 0) {
      context.Note("share_passed_on",
                   static_cast<double>(passed.sent_minor) / static_cast<double>(passed.received_minor),
                   Needs::kAtLeast, config_.share_min);
    }
    context.Note("new_senders_before_it", int64_t{senders_at(after, i)}, Needs::kAtLeast,
                 int64_t{config_.senders_min});
  }
  if (flows.after() == nullptr) NoteLack(context, kMovesMoney);
  const auto mark = [&](const std::vector<Flow>& list) {
    std::vector<bool> over(list.size());
    for (size_t i = 0; i < list.size(); ++i) {
      if (!IsSent(*list[i].movement)) continue;
      const Passed passed = passed_at(list, i);
      over[i] = passed.received_minor >= config_.received_min.minor &&
                ReachesShare(passed.sent_minor, config_.share_min, passed.received_minor) &&
                senders_at(list, i) >= config_.senders_min;
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
                      {"new_senders", int64_t{senders_at(list, episode.last)}},
                      {"senders_min", int64_t{config_.senders_min}},
                      {"account_age_days", Hours(event.occurred_at - *opened_at).count() / 24}};
    return claim;
  };
  Verdict verdict = Verdict::Clear();
  JudgeEpisodes(before, after, kOneDay, flows.at(), "", mark, make, verdict);
  return verdict;
}

}  // namespace tocsin::detectors
