#include "detectors/limit_approach.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "detectors/lacking.h"
#include "detectors/limits/judge.h"
#include "detectors/limits/limit_claim.h"

namespace tocsin::detectors {
namespace {

// Which limits were reached and no finding all the same: they are exceeded, or were near before.
void NoteExcuses(const LimitAnswer& answer, const schemas::Event& event, const AccountState& state,
                 const Context& context, size_t noted) {
  Measures over;
  Context exceeding = context;
  exceeding.measures = &over;
  (void)JudgeLimits(Question::kOver, event, state, exceeding);
  const Measures near(context.measures->begin() + static_cast<std::ptrdiff_t>(noted),
                      context.measures->end());
  for (const Limit& limit : context.limits.limits) {
    const std::string prefix = "limit " + limit.name + ", ";
    const auto is_met = [&](const Measure& measure) {
      return (measure.name == prefix + "sum" || measure.name == prefix + "count") &&
             IsMet(measure).value_or(false);
    };
    const bool found = std::ranges::any_of(answer.changes, [&](const LimitChange& one) {
      return one.now && one.level.limit->name == limit.name;
    });
    if (found || std::ranges::none_of(near, is_met)) continue;
    const char* const excuse = std::ranges::any_of(over, is_met) ? "not_exceeded" : "not_near_before";
    NoteLack(context, prefix + excuse);
  }
}

}  // namespace

const std::array<Setting<LimitApproach::Config>, 0> LimitApproach::Config::kSettings = {};

Verdict LimitApproach::Evaluate(const schemas::Event& event, const AccountState& state,
                                const Context& context) const {
  const size_t noted = context.measures == nullptr ? 0 : context.measures->size();
  const LimitAnswer answer = JudgeLimits(Question::kNear, event, state, context);
  if (context.measures != nullptr) NoteExcuses(answer, event, state, context, noted);
  Verdict verdict = answer.why.empty() ? Verdict::Clear() : Verdict::NotEvaluable(answer.why);
  if (answer.changes.empty()) return verdict;

  const TimeZone zone = AccountZone(state.profile().OwnerAt(event.occurred_at));
  for (const LimitChange& change : answer.changes) {
    if (!change.now) {
      verdict.Retract(LimitRetraction(kInfo.id, change));
      continue;
    }
    Claim claim = LimitClaim(change, event, zone);
    claim.severity = kInfo.severity;
    claim.weight = kInfo.weight;  // A limit's own weight is for its breach.
    if (change.level.SumHigh()) claim.reasons.push_back(SumReason("limit_approach", change.level, zone));
    if (change.level.CountHigh()) claim.reasons.push_back(CountReason("limit_approach", change.level, zone));
    verdict.Add(std::move(claim));
  }
  return verdict;
}

}  // namespace tocsin::detectors
