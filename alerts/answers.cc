#include "alerts/answers.h"

#include <algorithm>
#include <vector>

#include "alerts/cases.h"
#include "alerts/message_key.h"

namespace tocsin::alerts {

using schemas::FeedbackBy;
using schemas::FeedbackVerdict;

void NoteReport(const schemas::Event& event, schemas::Family family, Case& one) {
  const schemas::Feedback* feedback = event.feedback();
  if (family != schemas::Family::kReport || feedback == nullptr) return;
  if (feedback->by != FeedbackBy::kOwner || feedback->verdict != FeedbackVerdict::kNotMe) return;
  one.owner_answer = FeedbackVerdict::kNotMe;
  one.answered_at = event.occurred_at;
}

namespace {

// The case in which "not me" stands now, or end(). It does while a case is open, and until a person has
// decided, whatever became of the case.
template <class Cases>
auto FindDenied(Cases& cases, Timestamp at) {
  return std::ranges::find_if(cases, [at](const Case& one) {
    return (one.owner_answer == FeedbackVerdict::kNotMe && IsOpen(one, at)) || IsDenied(one, at);
  });
}

// A person has looked at the account: what was denied in cases before these is decided.
void ForgetDenials(CaseFile& file) {
  const auto denied = [](const Case& one) { return one.denied_at != kTimestampMin; };
  if (std::ranges::none_of(file.cases(), denied)) return;
  for (Case& one : file.MutableCases()) one.denied_at = kTimestampMin;
}

}  // namespace

bool SaidNotMe(const CaseFile& file, std::string_view notice_id, Timestamp at) {
  if (FindDenied(file.cases(), at) != file.cases().end()) return true;
  const auto notice = std::ranges::find(file.notices(), notice_id, &NoticeSent::notice_id);
  if (notice == file.notices().end()) return false;
  if (const Case* const one = file.FindCase(notice->case_id))
    return one->owner_answer == FeedbackVerdict::kNotMe;
  // Another case took its place: as far as the timeline goes, which is as long as a link lives.
  return std::ranges::any_of(file.timeline().Items(), [&](const TimelineItem& item) {
    return item.verdict == FeedbackVerdict::kNotMe && item.by == FeedbackBy::kOwner && item.at >= notice->at;
  });
}

bool Contradicts(const CaseFile& file, const schemas::Feedback& feedback, Timestamp at) {
  return feedback.by == FeedbackBy::kOwner && feedback.verdict == FeedbackVerdict::kMe &&
         SaidNotMe(file, feedback.notice_id, at);
}

Answered TakeAnswer(const schemas::Event& event, CaseFile& file) {
  const schemas::Feedback* feedback = event.feedback();
  if (feedback == nullptr) return {};
  if (feedback->by == FeedbackBy::kAnalyst && feedback->verdict != FeedbackVerdict::kNone)
    ForgetDenials(file);
  if (Contradicts(file, *feedback, event.occurred_at)) {
    std::vector<Case>& cases = file.MutableCases();
    const auto denied = FindDenied(cases, event.occurred_at);
    return denied == cases.end() ? Answered{} : Answered{.one = &*denied, .why = {}, .contradicts = true};
  }
  Case* const one = AnsweredCase(file, *feedback);
  if (one == nullptr) return {};

  const bool from_owner = feedback->by == FeedbackBy::kOwner;
  const bool denies =
      feedback->verdict == FeedbackVerdict::kMe || feedback->verdict == FeedbackVerdict::kFalsePositive;
  const bool stands = one->owner_answer == FeedbackVerdict::kNotMe;
  if (from_owner && !stands && (denies || feedback->verdict == FeedbackVerdict::kNotMe)) {
    one->owner_answer = denies ? FeedbackVerdict::kMe : FeedbackVerdict::kNotMe;
    one->answered_at = event.occurred_at;
  }

  Answered answered{.one = one};
  if (one->state != CaseState::kOpen || !denies) return answered;
  if (feedback->by == FeedbackBy::kAnalyst) {
    answered.why = MessageKey("ticket.resolved.false_positive").name();
  } else if (one->severity < schemas::Severity::kHigh && !stands &&
             !(from_owner && (MayBeTakenOver(*one) || IsStrangersMoney(*one) || HasSecret(*one)))) {
    answered.why =
        (from_owner ? MessageKey("ticket.resolved.me") : MessageKey("ticket.resolved.false_positive")).name();
  }
  return answered;
}

}  // namespace tocsin::alerts
