#include "detectors/novelty_alert.h"

#include <algorithm>
#include <utility>

#include "detectors/learning/learning.h"
#include "detectors/learning/lesson.h"

namespace tocsin::detectors {

std::optional<Verdict> Unremarkable(const schemas::Event& event, const AccountState& state,
                                    const Context& context, const NoveltyResult& novelty,
                                    const Tenure* introduction, Millis unseen_after) {
  if (!event.IsSuccessfulUse()) return Verdict::NotEvaluable(kNotAUse);
  if (novelty.novelty == Novelty::kNotEvaluable) return Verdict::NotEvaluable(novelty.why);
  if (!PastLearning(state, event.occurred_at, context.learning)) return Verdict::NotEvaluable(kLearning);
  if (!novelty.compared) return Verdict::NotEvaluable(kLearning);
  if (introduction != nullptr && novelty.novelty == Novelty::kKnown) {
    const Millis unseen = event.occurred_at - std::max(introduction->last_seen, introduction->first_seen);
    context.Note("days_unseen", std::max(0.0, Days(unseen).count()), Needs::kMoreThan,
                 Days(unseen_after).count());
  }
  if (introduction != nullptr && novelty.novelty == Novelty::kPending) {
    const Millis waited = event.occurred_at - std::max(introduction->first_seen, context.held_until);
    context.Note("days_waited", Days(waited).count(), Needs::kLessThan,
                 Days(context.learning.quarantine).count());
  }
  if (!novelty.strange()) return Verdict::Clear();
  if (novelty.novelty == Novelty::kPending && introduction != nullptr &&
      IsRipe(*introduction, event.occurred_at, HoldOf(context))) {
    return Verdict::Clear();
  }
  return std::nullopt;
}

Verdict NoveltyAlert(const schemas::Event& event, const NoveltyResult& novelty, const Tenure* introduction,
                     Claim claim) {
  claim.cause = {event.event_id.str()};
  claim.occurred_at = event.occurred_at;
  if (event.transaction() != nullptr) claim.transaction_id = event.transaction()->transaction_id;

  const bool introduced =
      introduction != nullptr && !introduction->introduced_by.empty() && novelty.novelty != Novelty::kRefused;
  if (!introduced) return Verdict::Alert(std::move(claim));
  if (!PrecedesIntroduction(*introduction, event.occurred_at, event.event_id.view())) {
    claim.cause = {introduction->introduced_by};
    claim.occurred_at = introduction->first_seen;
    return Verdict::Alert(std::move(claim));
  }
  const std::string discriminator = claim.discriminator;
  Verdict verdict = Verdict::Alert(std::move(claim));
  verdict.Retract({.cause = {introduction->introduced_by}, .discriminator = discriminator});
  return verdict;
}

}  // namespace tocsin::detectors
