#include "alerts/answered_causes.h"

#include <algorithm>

namespace tocsin::alerts {
namespace {

using schemas::Feedback;
using schemas::FeedbackVerdict;

bool Tightens(const Feedback& feedback) {
  return feedback.verdict == FeedbackVerdict::kNotMe || feedback.verdict == FeedbackVerdict::kConfirmedFraud;
}

// `finding` of case `one` is what the notice told of, or belongs to its case where that is enough.
bool IsOfNotice(const CaseFile& file, const Feedback& feedback, const Case& one, const CaseFinding& finding) {
  return std::ranges::any_of(file.notices(), [&](const NoticeSent& notice) {
    if (notice.notice_id != feedback.notice_id || notice.case_id != one.case_id) return false;
    return Tightens(feedback) || (notice.reason == finding.reason && finding.at <= notice.at);
  });
}

}  // namespace

bool IsAnswered(const CaseFile& file, const Feedback& feedback, const Case& one, const CaseFinding& finding) {
  if (!feedback.finding_id.empty()) return finding.finding_id == feedback.finding_id;
  if (!feedback.case_id.empty()) return one.case_id == feedback.case_id;
  return !feedback.notice_id.empty() && IsOfNotice(file, feedback, one, finding);
}

std::vector<std::string_view> AnsweredCauses(const CaseFile& file, const Feedback& feedback) {
  std::vector<std::string_view> causes;
  for (const Case& one : file.cases()) {
    for (const CaseFinding& finding : one.findings) {
      if (!IsAnswered(file, feedback, one, finding)) continue;
      causes.insert(causes.end(), finding.cause.begin(), finding.cause.end());
    }
  }
  std::ranges::sort(causes);
  const auto repeated = std::ranges::unique(causes);
  causes.erase(repeated.begin(), repeated.end());
  return causes;
}

}  // namespace tocsin::alerts
