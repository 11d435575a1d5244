#include "detectors/limit_approach.h"

#include "detectors/limits/judge.h"
#include "detectors/limits/limit_claim.h"

namespace tocsin::detectors {

const std::array<Setting<LimitApproach::Config>, 0> LimitApproach::Config::kSettings = {};

Verdict LimitApproach::Evaluate(const schemas::Event& event, const AccountState& state,
                                const Context& context) const {
  const LimitAnswer answer = JudgeLimits(Question::kNear, event, state, context);
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
