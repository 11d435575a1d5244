#include "daemon/detection/labelled_payment.h"

#include <algorithm>

#include "detectors/state/transaction_key.h"

namespace tocsin::daemon {

void NameSubject(const detectors::MoneyHistory& money, const alerts::CaseFile& cases,
                 schemas::Feedback& feedback) {
  const bool named = !feedback.case_id.empty() || !feedback.finding_id.empty() || !feedback.notice_id.empty();
  if (named || feedback.transaction_id.empty()) return;
  const detectors::MoneyEntry* const paid = money.Find(detectors::TransactionKeyOf(feedback.transaction_id));
  if (paid == nullptr || paid->event_id.view().empty()) return;
  const auto caused = [paid](const alerts::CaseFinding& finding) {
    return std::ranges::find(finding.cause, paid->event_id.view()) != finding.cause.end();
  };
  for (const alerts::Case& one : cases.cases()) {
    const auto count = std::ranges::count_if(one.findings, caused);
    if (count == 0) continue;
    feedback.case_id = count > 1 ? one.case_id : "";
    feedback.finding_id = count > 1 ? "" : std::ranges::find_if(one.findings, caused)->finding_id;
  }
  if (!feedback.case_id.empty() || !feedback.finding_id.empty()) return;
  // A finding of many payments is named after its beginning. A theft in the time of such a case is what it is
  // about; that one payment was the owner's says nothing of the others.
  const bool theft = feedback.verdict == schemas::FeedbackVerdict::kConfirmedFraud ||
                     feedback.verdict == schemas::FeedbackVerdict::kNotMe;
  if (!theft) return;
  const auto grows = [](const alerts::CaseFinding& finding) {
    return finding.family == schemas::Family::kTakeover || finding.family == schemas::Family::kMoney;
  };
  for (const alerts::Case& one : cases.cases()) {
    const bool during = one.opened_at <= paid->at && paid->at <= one.last_finding_at;
    if (one.group == alerts::CaseGroup::kSecurity && during && std::ranges::any_of(one.findings, grows))
      feedback.case_id = one.case_id;
  }
}

}  // namespace tocsin::daemon
