#include "detectors/limit_breach.h"

#include "detectors/limits/judge.h"
#include "detectors/limits/limit_claim.h"

namespace tocsin::detectors {

const std::array<Setting<LimitBreach::Config>, 0> LimitBreach::Config::kSettings = {};

Verdict LimitBreach::Evaluate(const schemas::Event& event, const AccountState& state,
                              const Context& context) const {
  const LimitAnswer answer = JudgeLimits(Question::kOver, event, state, context);
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
    claim.weight = change.level.limit->weight.value_or(kInfo.weight);
    if (change.level.SumOver()) claim.reasons.push_back(SumReason("limit_breach", change.level, zone));
    if (change.level.CountOver())
      claim.reasons.push_back(CountReason("limit_breach_count", change.level, zone));
    verdict.Add(std::move(claim));
  }
  return verdict;
}

}  // namespace tocsin::detectors
