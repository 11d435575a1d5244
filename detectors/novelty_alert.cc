#include "detectors/novelty_alert.h"

#include <algorithm>
#include <utility>

#include "detectors/asked.h"
#include "detectors/lacking.h"
#include "detectors/learning/lesson.h"
#include "schemas/enum_names.h"

namespace tocsin::detectors {

std::string NamedAfter(std::string_view what, Timestamp first_seen) {
  return std::string(what) + " " + std::to_string(first_seen.time_since_epoch() / kUnseenAfter);
}

std::string DeviceSubject(uint32_t device_key) { return std::to_string(device_key); }

std::string ClassSubject(schemas::NetworkClass network_class) {
  return std::string(schemas::Name(network_class));
}

std::string SystemSubject(uint32_t asn, schemas::NetworkClass network_class) {
  return "AS" + std::to_string(asn) + " " + ClassSubject(network_class);
}

std::string AnonymitySubject(AnonymousKind kind) { return std::to_string(static_cast<int>(kind)); }

bool IsStrange(const NoveltyResult& novelty, const Tenure* introduction, Timestamp at,
               const Context& context) {
  if (!novelty.strange()) return false;
  return novelty.novelty != Novelty::kPending || introduction == nullptr ||
         !IsRipe(*introduction, at, HoldOf(context));
}

std::optional<Verdict> Unremarkable(const schemas::Event& event, const AccountState& state,
                                    const Context& context, const NoveltyResult& novelty,
                                    const Tenure* introduction, Millis unseen_after) {
  if (!event.IsSuccessfulUse()) return Verdict::NotEvaluable(kNotAUse);
  if (novelty.novelty == Novelty::kNotEvaluable) return Verdict::NotEvaluable(novelty.why);
  if (!PastLearning(event, state, context)) return Verdict::NotEvaluable(kLearning);
  if (!novelty.compared) return Verdict::NotEvaluable(kLearning);
  if (introduction != nullptr && novelty.novelty == Novelty::kKnown) {
    const Millis unseen = event.occurred_at - std::max(LastSeen(*introduction), introduction->first_seen);
    context.Note("days_unseen", std::max(0.0, Days(unseen).count()), Needs::kMoreThan,
                 Days(unseen_after + SilenceBefore(event, state)).count());
  }
  if (introduction != nullptr && novelty.novelty == Novelty::kPending) {
    const Millis waited = event.occurred_at - std::max(introduction->first_seen, context.held_until);
    context.Note("days_waited", Days(waited).count(), Needs::kLessThan,
                 Days(context.learning.quarantine).count());
  }
  if (novelty.novelty == Novelty::kSimilar) NoteLack(context, "new");
  if (!IsStrange(novelty, introduction, event.occurred_at, context)) return Verdict::Clear();
  NoteHas(context, "new");
  return std::nullopt;
}

bool MakesKnown(const Verdict& quiet, const schemas::Event& event, const NoveltyResult& novelty,
                const Tenure* introduction) {
  return introduction != nullptr && !introduction->introduced_by.empty() && quiet.why() == kLearning &&
         novelty.novelty != Novelty::kRefused &&
         PrecedesIntroduction(*introduction, event.occurred_at, event.event_id.view());
}

void TakeBack(const Tenure& introduction, std::string_view what, Verdict& verdict) {
  verdict.Retract({.cause = {introduction.introduced_by},
                   .subject = what.empty() ? std::string() : NamedAfter(what, introduction.first_seen)});
}

namespace {

// The claim, and the end of the finding that the introduction had caused.
Verdict Moved(Claim claim, const Tenure& introduction, std::string subject) {
  Retraction gone{.cause = {introduction.introduced_by},
                  .discriminator = claim.discriminator,
                  .subject = std::move(subject)};
  Verdict verdict = Verdict::Alert(std::move(claim));
  verdict.Retract(std::move(gone));
  return verdict;
}

}  // namespace

Verdict NoveltyAlert(const schemas::Event& event, const NoveltyResult& novelty, const Tenure* introduction,
                     Claim claim) {
  claim.cause = {event.event_id.str()};
  claim.occurred_at = event.occurred_at;
  if (event.transaction() != nullptr) claim.transaction_id = event.transaction()->transaction_id;

  const bool introduced =
      introduction != nullptr && !introduction->introduced_by.empty() && novelty.novelty != Novelty::kRefused;
  const bool precedes =
      introduced && PrecedesIntroduction(*introduction, event.occurred_at, event.event_id.view());
  if (introduced && !precedes) {
    claim.cause = {introduction->introduced_by};
    claim.occurred_at = introduction->first_seen;
  }
  const std::string what = std::exchange(claim.subject, {});
  if (what.empty() || novelty.novelty == Novelty::kRefused) {
    if (!precedes) return Verdict::Alert(std::move(claim));
    return Moved(std::move(claim), *introduction, {});
  }
  claim.subject = NamedAfter(what, claim.occurred_at);
  const std::string before = precedes ? NamedAfter(what, introduction->first_seen) : claim.subject;
  if (before == claim.subject) return Verdict::Alert(std::move(claim));
  return Moved(std::move(claim), *introduction, before);
}

}  // namespace tocsin::detectors
