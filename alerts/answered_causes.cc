#include "alerts/answered_causes.h"

#include <algorithm>

namespace tocsin::alerts {
namespace {

using schemas::Feedback;
using schemas::FeedbackVerdict;

bool Tightens(const Feedback& feedback) {
  return feedback.verdict == FeedbackVerdict::kNotMe || feedback.verdict == FeedbackVerdict::kConfirmedFraud;
}

// A finding of the case is what the notice told of, or belongs to its case where that is enough.
bool IsOfNotice(const CaseFile& file, const Feedback& feedback, std::string_view case_id,
                std::string_view reason, Timestamp at) {
  return std::ranges::any_of(file.notices(), [&](const NoticeSent& notice) {
    if (notice.notice_id != feedback.notice_id || notice.case_id != case_id) return false;
    return Tightens(feedback) || (notice.reason == reason && at <= notice.at);
  });
}

bool IsOfCase(const CaseFile& file, const Feedback& feedback, std::string_view case_id,
              std::string_view reason, Timestamp at) {
  if (case_id.empty()) return false;
  if (!feedback.case_id.empty()) return case_id == feedback.case_id;
  return !feedback.notice_id.empty() && IsOfNotice(file, feedback, case_id, reason, at);
}

// Calls `take` with the causes of each finding that is answered.
template <class Take>
void ForAnswered(const CaseFile& file, const Feedback& feedback, Take take) {
  for (const Case& one : file.cases()) {
    for (const CaseFinding& finding : one.findings) {
      if (IsAnswered(file, feedback, one, finding)) take(finding.cause);
    }
  }
  for (const Told& told : file.told()) {
    if (IsAnswered(file, feedback, told)) take(told.cause);
  }
}

}  // namespace

bool IsAnswered(const CaseFile& file, const Feedback& feedback, const Case& one, const CaseFinding& finding) {
  if (!feedback.finding_id.empty()) return finding.finding_id == feedback.finding_id;
  return IsOfCase(file, feedback, one.case_id, finding.reason, finding.at) ||
         IsOfCase(file, feedback, finding.earlier_case, finding.reason, finding.at);
}

bool IsAnswered(const CaseFile& file, const Feedback& feedback, const Told& told) {
  if (!feedback.finding_id.empty()) return told.finding_id == feedback.finding_id;
  return IsOfCase(file, feedback, told.case_id, told.reason, told.at);
}

bool AnswersAny(const CaseFile& file, const Feedback& feedback) {
  bool any = false;
  ForAnswered(file, feedback, [&any](const std::vector<std::string>& /*cause*/) { any = true; });
  return any;
}

std::vector<std::string_view> AnsweredCauses(const CaseFile& file, const Feedback& feedback) {
  std::vector<std::string_view> causes;
  ForAnswered(file, feedback, [&causes](const std::vector<std::string>& cause) {
    causes.insert(causes.end(), cause.begin(), cause.end());
  });
  std::ranges::sort(causes);
  const auto repeated = std::ranges::unique(causes);
  causes.erase(repeated.begin(), repeated.end());
  return causes;
}

}  // namespace tocsin::alerts
