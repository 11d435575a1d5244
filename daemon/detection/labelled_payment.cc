#include "daemon/detection/labelled_payment.h"

#include <algorithm>

#include "detectors/state/transaction_key.h"

namespace tocsin::daemon {
namespace {

// What a payment caused: one finding, or more of one case.
struct Caused {
  std::string case_id;
  std::string finding_id;
  bool more = false;

  void Add(const std::string& other_case, const std::string& other_finding) {
    more = !finding_id.empty() && !other_case.empty() && case_id == other_case;
    case_id = other_case;
    finding_id = other_finding;
  }
};

Caused CausedBy(std::string_view transaction_id, const detectors::MoneyEntry* paid,
                const alerts::CaseFile& cases) {
  // A bank's word may come weeks later: a finding knows its payment for longer than the account does.
  const uint64_t key = alerts::PaymentKey(transaction_id);
  const std::string_view event_id = paid == nullptr ? std::string_view() : paid->event_id.view();
  const auto is_cause = [&](const auto& finding) {
    return finding.payment == key ||
           (!event_id.empty() && std::ranges::find(finding.cause, event_id) != finding.cause.end());
  };
  Caused caused;
  for (const alerts::Told& told : cases.told()) {
    const bool first = caused.finding_id.empty() || told.mode == schemas::Mode::kLive;
    if (first && is_cause(told)) caused.Add(told.case_id, told.finding_id);
  }
  for (const alerts::Case& one : cases.cases()) {
    for (const alerts::CaseFinding& finding : one.findings) {
      if (is_cause(finding)) caused.Add(one.case_id, finding.finding_id);
    }
  }
  return caused;
}

}  // namespace

void NameSubject(const detectors::MoneyHistory& money, const alerts::CaseFile& cases,
                 schemas::Feedback& feedback) {
  const bool named = !feedback.case_id.empty() || !feedback.finding_id.empty() || !feedback.notice_id.empty();
  if (named || feedback.transaction_id.empty()) return;
  const detectors::MoneyEntry* const paid = money.Find(detectors::TransactionKeyOf(feedback.transaction_id));
  if (const Caused caused = CausedBy(feedback.transaction_id, paid, cases); !caused.finding_id.empty()) {
    (caused.more ? feedback.case_id : feedback.finding_id) = caused.more ? caused.case_id : caused.finding_id;
    return;
  }
  // A finding of many payments is named after its beginning. A theft in the time of such a case is what it is
  // about; that one payment was the owner's says nothing of the others.
  const bool theft = feedback.verdict == schemas::FeedbackVerdict::kConfirmedFraud ||
                     feedback.verdict == schemas::FeedbackVerdict::kNotMe;
  if (!theft || paid == nullptr) return;
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
