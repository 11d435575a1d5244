#include "detectors/account_drain.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "detectors/asked.h"
#include "detectors/household.h"
#include "detectors/lacking.h"
#include "detectors/limits/judge.h"
#include "detectors/novelty.h"
#include "detectors/payments/counterparty.h"
#include "detectors/payments/day_drain.h"
#include "detectors/payments/flows.h"
#include "detectors/payments/large_amount.h"

namespace tocsin::detectors {
namespace {

using schemas::Direction;

struct Drain {
  int64_t sum_minor = 0;  // DayDrain's.
  int64_t whole_minor = 0;
  bool over = false;
  bool crosses = false;
};

// `told(flow)`: it told its balance, so that it could be judged when it was the crossing itself.
template <class Told>
Drain DrainAt(const BalancePoint& point, const std::vector<Flow>& flows, double share, int64_t floor_minor,
              Told told) {
  int64_t judged_minor = 0;  // With the last payment before it that was judged.
  bool judged = false;
  const DayDrain day = DayDrainAt(point, flows, share, floor_minor, [&](const Flow& flow) {
    judged = judged || told(flow);
    if (judged) judged_minor = SaturatingAdd(judged_minor, flow.movement->amount.minor);
  });
  return {.sum_minor = day.sum_minor,
          .whole_minor = day.whole_minor,
          .over = day.over,
          .crosses = day.over && !ExceedsShare(judged_minor, share, day.whole_minor)};
}

// A payment that told no balance, in the events up to `point`, as far as the ledger remembers.
bool IsSilent(const Flow& flow, const BalancePoint& point, const Ledger& ledger) {
  if (ledger.currency.none()) return true;
  const auto own = std::ranges::find_if(ledger.statements,
                                        [&](const Statement& s) { return s.event_id == flow.event_id; });
  if (own == ledger.statements.end() || own->has_balance) return false;
  // Its completion may have told it.
  return std::none_of(own, ledger.statements.end(), [&](const Statement& s) {
    return s.has_balance && s.at < point.at && s.change_minor == own->change_minor;
  });
}

// Whom the account has named for days, paid on a device that has been its own for weeks: the rent, or what is
// sent home each month, is all there is for some.
bool IsAccustomed(const schemas::Event& event, Timestamp at, const AccountState& state,
                  const Context& context) {
  const auto named = PayeeOf(event, context);
  const Payee* payee = named ? state.payees().Find(named->key, false) : nullptr;
  if (payee == nullptr) return false;
  if (payee->first_seen != kTimestampMin && at - payee->first_seen <= Payees::kRecent) return false;
  const size_t device = OwnDevice(event, state, context);
  return device != NoveltyResult::kNone &&
         at - state.devices().known[device].tenure.first_seen >= kSteadyAfter;
}

}  // namespace

const std::array<Setting<AccountDrain::Config>, 6> AccountDrain::Config::kSettings{{
    {.key = "single_share",
     .member = &Config::single_share,
     .min = 0.5,
     .max = 1,
     .unit = "",
     .doc = "Share of the balance that one payment may take."},
    {.key = "day_share",
     .member = &Config::day_share,
     .min = 0.1,
     .max = 1,
     .unit = "",
     .doc = "Share of a large balance that the payments of 24 h may take."},
    {.key = "balance_min",
     .member = &Config::balance_min,
     .doc = "A balance of so much or more is large; in other currencies by the table of exchange rates."},
    {.key = "check_amount",
     .member = &Config::check_amount,
     .doc = "No smaller payment drains an account by itself; in other currencies by the table of exchange "
            "rates."},
    {.key = "quantile",
     .member = &Config::quantile,
     .min = 0.5,
     .max = 0.9999,
     .unit = "",
     .doc = "Share of the account's own payments of that kind that are too small to drain it by themselves."},
    {.key = "payments_min",
     .member = &Config::payments_min,
     .min = 5,
     .max = 1000,
     .unit = "payments",
     .doc = "Own payments of that kind from which on the account is its own measure; before, the population "
            "is."},
}};

Verdict AccountDrain::Evaluate(const schemas::Event& event, const AccountState& state,
                               const Context& context) const {
  const schemas::Transaction& transaction = *event.transaction();
  if (transaction.direction != Direction::kOut) return Verdict::NotEvaluable("money_in");
  if (IsNoPayment(transaction.kind, IsParty(transaction.counterparty.type)))
    return Verdict::NotEvaluable("not_counted");
  const Flows flows(event, state, context);
  const bool counts = flows.EventCounts() && flows.after() != nullptr;
  const bool changes = flows.Changes();
  if (!counts && !changes) return Verdict::NotEvaluable("not_counted");
  const Currency currency = transaction.amount.currency;

  // The event's own, and payments whose 24 h it may be part of.
  std::optional<BalancePoint> own;
  if (counts && transaction.balance_after_minor) {
    own = {.at = flows.after()->at,
           .event_id = flows.event_id(),
           .amount_minor = flows.after()->amount.minor,
           .balance_minor = *transaction.balance_after_minor};
  }
  std::vector<BalancePoint> later;
  const auto& statements = state.ledger().statements;
  if (changes && state.ledger().currency == currency && !statements.empty() &&
      statements.back().at > flows.at()) {
    for (const Statement& one : statements) {
      if (one.at <= flows.at() || one.at - flows.at() >= kOneDay || !one.has_balance || one.change_minor >= 0)
        continue;
      later.push_back({one.at, one.event_id, -one.change_minor, one.balance_minor});
    }
  }
  Verdict verdict = own || !counts ? Verdict::Clear() : Verdict::NotEvaluable("no_balance");
  if (!counts) NoteLack(context, kMovesMoney);
  if (!own && later.empty()) return verdict;

  LargeAmount large;
  bool drained = false;
  const int64_t whole =
      own ? SaturatingAdd(own->amount_minor, own->balance_minor) : 0;  // Before the payment.
  if (own && context.measures != nullptr) {
    if (whole > 0) {
      context.Note("share_of_balance", static_cast<double>(own->amount_minor) / static_cast<double>(whole),
                   Needs::kMoreThan, config_.single_share);
    } else {
      context.Note("balance_before", FormatMoney({whole, currency}), Needs::kMoreThan,
                   FormatMoney({0, currency}));
    }
  }
  // A credit line has nothing to be emptied of.
  if (own && own->amount_minor > 0 && whole > 0 &&
      ExceedsShare(own->amount_minor, config_.single_share, whole)) {
    large = LargeAmountFor(*flows.after(), state, context, config_.check_amount, config_.quantile,
                           config_.payments_min);
    if (!large.known()) verdict = Verdict::NotEvaluable(kNoRate);
    drained = large.known() && own->amount_minor >= large.minor;
    if (large.known() && context.measures != nullptr) {
      context.Note("amount", FormatMoney({own->amount_minor, currency}), Needs::kAtLeast,
                   FormatMoney({large.minor, currency}));
    }
    if (drained && IsAccustomed(event, own->at, state, context)) {
      drained = false;
      NoteLack(context, "unaccustomed");
    }
  }
  const auto floor = Convert(config_.balance_min, currency, context.limits);
  if (!floor && own && !drained) verdict = Verdict::NotEvaluable(kNoRate);

  const auto out = [&](const Movement& m) { return DrainsIn(m, currency); };
  // No less than left in any of the 24 h.
  int64_t left = own ? own->amount_minor : 0;
  if (floor) {
    const auto& entries = state.money().entries;
    for (auto entry = entries.rbegin(); entry != entries.rend() && entry->at > flows.at() - kOneDay;
         ++entry) {
      if (out(*entry)) left = SaturatingAdd(left, entry->amount.minor);
    }
  }
  const auto whole_at_most = [&](const BalancePoint& point) {
    return SaturatingAdd(left, std::max<int64_t>(0, point.balance_minor));
  };
  const auto is_large = [&](const BalancePoint& point) { return whole_at_most(point) >= floor->minor; };
  const bool any_large = floor && ((own && is_large(*own)) || std::ranges::any_of(later, is_large));
  // Nothing of a large balance is at stake, or too little: the usual case, without a list.
  if (context.measures == nullptr && later.empty() && !drained &&
      (!any_large || !ExceedsShare(left, config_.day_share, whole_at_most(*own)))) {
    return verdict;
  }
  std::vector<Flow> before;
  std::vector<Flow> after;
  if (any_large) {
    after = flows.After(flows.at() - kOneDay, out);
    if (!later.empty()) before = flows.Before(flows.at() - kOneDay, out);
  }
  const auto amount = [&](int64_t minor) { return FormatAmount({minor, currency}); };
  const auto drain_at = [&](const BalancePoint& point, const std::vector<Flow>& list) {
    if (!any_large) return Drain{};
    return DrainAt(point, list, config_.day_share, floor->minor, [&](const Flow& flow) {
      const bool is_event = flow.event_id == event.event_id.view();
      return is_event ? transaction.balance_after_minor.has_value() : !IsSilent(flow, point, state.ledger());
    });
  };
  if (context.measures != nullptr && own && any_large) {
    const Drain day = drain_at(*own, after);
    context.Note("balance_24h", FormatMoney({day.whole_minor, currency}), Needs::kAtLeast,
                 FormatMoney({floor->minor, currency}));
    if (day.whole_minor > 0) {
      context.Note("share_24h", static_cast<double>(day.sum_minor) / static_cast<double>(day.whole_minor),
                   Needs::kMoreThan, config_.day_share);
    }
    if (day.over && !day.crosses) NoteLack(context, "crosses_the_line");
  }
  const auto judge = [&](const BalancePoint& point, bool is_own) {
    const Drain now = drain_at(point, after);
    if (!is_own) {
      const bool was = drain_at(point, before).crosses;
      if (was == now.crosses) return;
      if (was) return verdict.Retract({.detector = {}, .cause = {std::string(point.event_id)}});
    } else if (!now.crosses && !drained) {
      return;
    }
    Claim claim;
    claim.severity = now.crosses ? schemas::Severity::kHigh : kInfo.severity;
    claim.confidence = now.crosses ? 70 : 60;
    claim.weight = kInfo.weight;
    claim.cause = {std::string(point.event_id)};
    claim.occurred_at = point.at;
    if (is_own) claim.transaction_id = transaction.transaction_id;
    if (is_own && !flows.BeganWith().empty())
      verdict.Retract({.detector = {}, .cause = {std::string(flows.BeganWith())}, .discriminator = ""});
    if (now.crosses) {
      claim.reasons.push_back({"account_drain_day", FormatMoney({now.sum_minor, currency}) + " in 24 h",
                               FormatMoney({now.whole_minor, currency})});
    }
    const int64_t balance_before = SaturatingAdd(point.amount_minor, point.balance_minor);
    if (is_own && drained) {
      claim.reasons.push_back({"account_drain", FormatMoney({point.amount_minor, currency}),
                               FormatMoney({balance_before, currency})});
    }
    claim.evidence = {{"amount", amount(point.amount_minor)},
                      {"currency", std::string(currency.code())},
                      {"balance_before", amount(balance_before)},
                      {"balance_after", amount(point.balance_minor)},
                      {"single_share", config_.single_share}};
    if (large.known() && is_own) claim.evidence.push_back({"large_from", amount(large.minor)});
    if (any_large) {
      claim.evidence.push_back({"sum_24h", amount(now.sum_minor)});
      claim.evidence.push_back({"balance_24h", amount(now.whole_minor)});
      claim.evidence.push_back({"balance_min", amount(floor->minor)});
      claim.evidence.push_back({"day_share", config_.day_share});
    }
    verdict.Add(std::move(claim));
  };
  if (own) judge(*own, true);
  for (const BalancePoint& point : later) judge(point, false);
  return verdict;
}

}  // namespace tocsin::detectors
