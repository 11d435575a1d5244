#include "detectors/limit_probing.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "detectors/guessing.h"
#include "detectors/lacking.h"
#include "detectors/limits/account_limits.h"
#include "detectors/payments/episodes.h"
#include "detectors/payments/flows.h"
#include "detectors/payments/large_amount.h"
#include "detectors/payments/refusals.h"

namespace tocsin::detectors {
namespace {

bool OverLimit(const Attempt& attempt) { return attempt.reason == schemas::DeclineReason::kLimitExceeded; }

// A payment this small is no step towards the declined one.
constexpr int64_t kStepPart = 4;

// A payment that lets through this much of a limit, or more, has found it.
constexpr double kReaches = 0.95;

// What a ladder may lead up to: a payment that was refused for a limit, or one that a declared limit just let
// through.
struct End {
  Timestamp at;
  std::string_view event_id;
  Money amount;
  schemas::TransactionKind kind = schemas::TransactionKind::kNone;
  bool refused = false;
};

// Payments that lead up to the end, each larger than the one before; stops at `enough`. `flows` are in order.
int StepsTo(const End& end, const std::vector<Flow>& flows, Millis window,
            int enough = std::numeric_limits<int>::max()) {
  int steps = 0;
  int64_t next = end.amount.minor;
  auto flow = std::ranges::partition_point(flows, [&](const Flow& one) { return one.at < end.at; });
  while (steps < enough && flow != flows.begin()) {
    --flow;
    if (end.at - flow->at >= window) break;
    const Movement& paid = *flow->movement;
    if (paid.kind != end.kind || paid.amount.currency != end.amount.currency) continue;
    if (paid.amount.minor >= next || paid.amount.minor < end.amount.minor / kStepPart) break;
    next = paid.amount.minor;
    ++steps;
  }
  return steps;
}

// Calls `take` with each declared limit of a single payment that holds for the account, and its maximum.
template <class Take>
void ForCeilings(const schemas::Event& event, const AccountState& state, const LimitTable& table, Take take) {
  const schemas::AccountProfile& owner = state.profile().OwnerAt(event.occurred_at);
  for (const Limit& limit : table.limits) {
    if (limit.window != Limit::Window::kTransaction || !AppliesTo(limit, event.tenant, owner)) continue;
    const Allowance allowance = AllowanceOf(limit, owner, table);
    if (allowance.max_minor && *allowance.max_minor > 0) take(limit, *allowance.max_minor);
  }
}

bool Reaches(const Movement& paid, const Limit& limit, int64_t max_minor, const LimitTable& table) {
  if (paid.direction != schemas::Direction::kOut || Matches(limit, paid) != Match::kYes) return false;
  const auto amount = ConvertForSum(paid.amount, limit.max->currency, table);
  return amount && ReachesShare(*amount, kReaches, max_minor);
}

class Ceilings {
 public:
  Ceilings(const schemas::Event& event, const AccountState& state, const LimitTable& table) : table_(table) {
    ForCeilings(event, state, table,
                [this](const Limit& limit, int64_t max_minor) { held_.emplace_back(&limit, max_minor); });
  }
  [[nodiscard]] bool empty() const { return held_.empty(); }
  [[nodiscard]] bool IsReachedBy(const Movement& paid) const {
    return std::ranges::any_of(
        held_, [&](const auto& held) { return Reaches(paid, *held.first, held.second, table_); });
  }

 private:
  const LimitTable& table_;
  std::vector<std::pair<const Limit*, int64_t>> held_;
};

// Nothing is led up to by the event's payment: it is no end itself, and all that might be one came before it.
// The usual case, without a list.
bool LeadsNowhere(const Flows& flows, const schemas::Event& event, const AccountState& state,
                  const LimitTable& table) {
  const Movement* const before = flows.before();
  const Movement* const after = flows.after();
  bool reaches = false;
  ForCeilings(event, state, table, [&](const Limit& limit, int64_t max_minor) {
    for (const Movement* const paid : {before, after})
      reaches = reaches || (paid != nullptr && Reaches(*paid, limit, max_minor, table));
  });
  if (reaches) return false;
  const Timestamp from = before == nullptr ? flows.at() : std::min(before->at, flows.at());
  const auto& entries = state.money().entries;
  for (auto entry = entries.rbegin(); entry != entries.rend() && entry->at >= from; ++entry) {
    if (&*entry != flows.known()) return false;
  }
  return std::ranges::none_of(state.attempts().list, [&](const Attempt& attempt) {
    return attempt.at >= from && OverLimit(attempt);
  });
}

// In order.
std::vector<End> EndsOf(const std::vector<Refusal>& refusals, const std::vector<Flow>& flows,
                        const Ceilings& ceilings) {
  std::vector<End> ends;
  ends.reserve(refusals.size());
  for (const Refusal& one : refusals)
    ends.push_back({one.at, one.event_id, one.attempt->amount, one.attempt->kind, true});
  for (const Flow& flow : flows) {
    if (ceilings.IsReachedBy(*flow.movement))
      ends.push_back({flow.at, flow.event_id, flow.movement->amount, flow.movement->kind, false});
  }
  std::ranges::sort(ends, {}, [](const End& end) { return std::pair(end.at, end.event_id); });
  return ends;
}

// Refused ones in the window that ends with this one.
int64_t DeclinesUntil(const std::vector<End>& ends, size_t last, Millis window) {
  const auto begin = static_cast<std::ptrdiff_t>(WindowBegin(ends, last, window, 0));
  return std::count_if(ends.begin() + begin, ends.begin() + static_cast<std::ptrdiff_t>(last) + 1,
                       [](const End& end) { return end.refused; });
}

}  // namespace

const std::array<Setting<LimitProbing::Config>, 3> LimitProbing::Config::kSettings{{
    {.key = "declines_min",
     .member = &Config::declines_min,
     .min = 2,
     .max = 50,
     .unit = "payments",
     .doc = "Payments declined for exceeding a limit, in the window, from which on it is being probed."},
    {.key = "steps_min",
     .member = &Config::steps_min,
     .min = 2,
     .max = 50,
     .unit = "payments",
     .doc =
         "Payments, each larger than the one before, that lead up to a declined one, or to one at a declared "
         "limit, and make it a probe."},
    {.key = "window",
     .member = &Config::window,
     .min = 60,
     .max = 86'400,
     .doc = "In which declined payments are counted."},
}};

Verdict LimitProbing::Evaluate(const schemas::Event& event, const AccountState& state,
                               const Context& context) const {
  const bool probes =
      IsRefused(event) && event.transaction()->decline_reason == schemas::DeclineReason::kLimitExceeded;
  const Flows flows(event, state, context);
  // The usual case, when nobody asks why.
  if (!probes && context.measures == nullptr &&
      (!flows.Changes() || LeadsNowhere(flows, event, state, context.limits))) {
    return Verdict::Clear();
  }
  const Ceilings ceilings(event, state, context.limits);
  const auto none = [&] {
    context.Note("declines", int64_t{0}, Needs::kAtLeast, int64_t{config_.declines_min});
    return ClearFor("at_a_limit", context);
  };
  if (!probes && ceilings.empty() && std::ranges::none_of(state.attempts().list, OverLimit)) return none();

  const Attempt own = probes ? ReadAttempt(event) : Attempt{};
  if (!probes && !flows.Changes()) return ClearFor(kNewsOfPayment, context);
  const Millis window = config_.window;
  const auto out = [](const Movement& m) { return m.direction == schemas::Direction::kOut; };
  const std::vector<Flow> flows_before = flows.Before(kTimestampMin, out);
  const std::vector<Flow> flows_after = flows.After(kTimestampMin, out);
  const std::vector<Refusal> refusals = Refusals(state.attempts(), probes ? &own : nullptr, OverLimit);
  const Refusal* const changed = probes ? ChangedBy(refusals, own) : nullptr;
  // Another event of its transaction has said it all.
  if (changed == nullptr && !flows.Changes()) return ClearFor(kNewsOfPayment, context);
  const std::vector<End> before =
      EndsOf(Refusals(state.attempts(), nullptr, OverLimit), flows_before, ceilings);
  const std::vector<End> after = EndsOf(refusals, flows_after, ceilings);
  if (before.empty() && after.empty()) return none();

  // The two lists of ends are told apart by their address.
  const auto flows_of = [&](const std::vector<End>& list) -> const std::vector<Flow>& {
    return &list == &before ? flows_before : flows_after;
  };
  const auto mark = [&](const std::vector<End>& list) {
    std::vector<bool> over(list.size());
    size_t begin = 0;
    int declines = 0;  // From `begin` on.
    for (size_t i = 0; i < list.size(); ++i) {
      declines += list[i].refused ? 1 : 0;
      for (const size_t from = WindowBegin(list, i, window, begin); begin < from; ++begin)
        declines -= list[begin].refused ? 1 : 0;
      over[i] = (list[i].refused && declines >= config_.declines_min) ||
                StepsTo(list[i], flows_of(list), window, config_.steps_min) >= config_.steps_min;
    }
    return over;
  };
  const auto make = [&](const std::vector<End>& list, const Episode& episode) {
    const End& last = list[episode.last];
    const int64_t declines = DeclinesUntil(list, episode.last, window);
    const int64_t steps = StepsTo(last, flows_of(list), window);
    const std::string amount = FormatMoney(last.amount);
    Claim claim;
    claim.severity = kInfo.severity;
    claim.confidence = declines >= config_.declines_min ? 60 : 50;
    claim.weight = kInfo.weight;
    if (declines >= config_.declines_min) {
      claim.reasons.push_back(
          {"limit_probing", CountText(declines, window), BelowText(config_.declines_min, window)});
    }
    if (steps >= config_.steps_min)
      claim.reasons.push_back({last.refused ? "limit_probing_steps" : "limit_probing_reached", amount, ""});
    if (claim.reasons.empty()) claim.reasons.push_back({"limit_probing", CountText(declines, window), ""});
    claim.evidence = {{"declines", declines},
                      {"declines_min", int64_t{config_.declines_min}},
                      {"steps", steps},
                      {"steps_min", int64_t{config_.steps_min}},
                      {"window_seconds", int64_t{config_.window.count()}},
                      {"amount", FormatAmount(last.amount)},
                      {"currency", std::string(last.amount.currency.code())}};
    return claim;
  };
  const Timestamp at = changed != nullptr ? changed->at : flows.at();
  const auto is_own = [at](const End& end) { return end.at == at; };
  if (context.measures != nullptr && std::ranges::none_of(after, is_own)) NoteLack(context, "at_a_limit");
  for (size_t i = 0; context.measures != nullptr && i < after.size(); ++i) {
    if (after[i].at != at) continue;
    if (after[i].refused)
      context.Note("declines", DeclinesUntil(after, i, window), Needs::kAtLeast,
                   int64_t{config_.declines_min});
    context.Note("steps", int64_t{StepsTo(after[i], flows_after, window)}, Needs::kAtLeast,
                 int64_t{config_.steps_min});
  }
  Verdict verdict = Verdict::Clear();
  JudgeEpisodes(before, after, window, at, "", mark, make, verdict);
  return verdict;
}

}  // namespace tocsin::detectors
