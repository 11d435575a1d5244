#include "alerts/notices.h"

#include <algorithm>
#include <tuple>

#include "alerts/addressed.h"
#include "alerts/calm.h"
#include "alerts/cases.h"
#include "alerts/fold.h"
#include "alerts/notice_draft.h"
#include "alerts/owner_text.h"
#include "alerts/payment_fact.h"
#include "alerts/subject.h"
#include "base/hash.h"
#include "base/text.h"

namespace tocsin::alerts {

using schemas::ActionKind;
using schemas::Family;
using schemas::Recipient;

namespace {

constexpr size_t kReasonsMax = 12;

bool IsGrave(const Step& lead) {
  return lead.severity >= schemas::Severity::kHigh || MayBeTakenOver(*lead.one);
}

// The contacts of now may be the thief's.
bool PreviousToo(const Step& lead, const schemas::Event& event) {
  if (IsGrave(lead)) return true;
  const schemas::AccountChange* change = event.change();
  return change != nullptr && (change->change == schemas::ChangeKind::kEmailChanged ||
                               change->change == schemas::ChangeKind::kPhoneChanged);
}

void AddCounterparty(const schemas::Event& event, NoticeFacts& facts) {
  const schemas::Transaction* transaction = event.transaction();
  if (transaction == nullptr) return;
  (transaction->direction == schemas::Direction::kIn ? facts.sender : facts.payee) =
      MaskedOther(*transaction);
}

const std::string& PaymentOf(const schemas::Claim& claim, const schemas::Event& event) {
  const bool of_event =
      claim.transaction_id.empty() && event.transaction() != nullptr && !IsOfLater(claim, event);
  return of_event ? event.transaction()->transaction_id : claim.transaction_id;
}

NoticeFacts FactsOf(const AlertsConfig& config, const Judged& judged, const Step& lead,
                    std::span<const Step> steps, const CaseFile& file, const Decision& decision) {
  const schemas::Event& event = judged.event;
  const Case& one = *lead.one;
  const std::string& payment = PaymentOf(*lead.claim, event);
  NoticeFacts facts = BeginFacts(config, judged, &one);
  facts.severity = lead.severity;
  facts.what = SubjectOf(*lead.claim, event, file.timeline());
  if (facts.what.event_id == event.event_id.view()) {
    if (event.ip && event.ip->IsPublic()) facts.ip = event.ip->ToMasked();
    AddCounterparty(event, facts);
  }
  facts.what.payee.clear();  // It is in full.

  const auto add_reason = [&facts](const schemas::Reason& reason) {
    if (facts.reasons.size() < kReasonsMax) {
      facts.reasons.push_back(
          {std::string(reason.code), OwnerText(reason.observed, 120), OwnerText(reason.usual, 120)});
    }
  };
  for (const schemas::Reason& reason : lead.claim->reasons) add_reason(reason);
  for (const Step& step : steps) {
    if (step.claim != lead.claim && step.tells() && !step.answer.secret && !step.claim->reasons.empty())
      add_reason(step.claim->reasons.front());
  }

  for (const schemas::Action& action : decision.actions) {
    const auto same = [&](const NoticeFacts::Done& done) { return done.action == action.action; };
    const bool of_another = action.action == ActionKind::kHoldTransaction && action.target != payment;
    if (action.case_id == one.case_id && !of_another && std::ranges::none_of(facts.done, same))
      facts.done.push_back({action.action, action.expires_at});
  }
  AddInForce(judged, file, payment, facts);
  if (facts.held > 0)
    facts.left = LeftOf(file.folded(), one.case_id, one.last_notice_at, PaymentKey(payment));
  return facts;
}

// What should lead a message: the most severe; of equals the graver kind of message, then what restricts,
// then the heavier evidence.
bool LeadsBefore(const Step& a, const Step& b) {
  const auto rank = [](const Step& step) {
    const NoticeTemplate form = TemplateOf(step.reason(), step.claim->family);
    const bool mild = form == NoticeTemplate::kLoginNew || form == NoticeTemplate::kLimitApproach;
    return std::tuple(step.severity, form == NoticeTemplate::kReported,
                      step.claim->family == Family::kTakeover, !mild, step.restricts, step.claim->weight);
  };
  return rank(a) > rank(b);
}

bool Restrict(std::span<const Step> steps) {
  return std::ranges::any_of(steps, [](const Step& step) { return step.restricts != Restricts::kNothing; });
}

// A payment that is kept from going out is told as a payment, whatever made it suspect; and what is grave is
// not called new.
NoticeTemplate FormOf(const Step& lead, std::span<const Step> steps, const schemas::Event& event) {
  NoticeTemplate form = TemplateOf(lead.reason(), lead.claim->family);
  if (form == NoticeTemplate::kLoginNew && lead.severity >= schemas::Severity::kHigh)
    form = NoticeTemplate::kLoginSuspicious;
  const bool sign_in = form == NoticeTemplate::kLoginNew || form == NoticeTemplate::kLoginSuspicious;
  const bool kept = event.transaction() != nullptr && Restrict(steps);
  return sign_in && kept ? NoticeTemplate::kMoney : form;
}

// It tells of a login that failed, and of no use of the account.
bool IsOfAttempt(const Step& step, const schemas::Event& event) {
  return event.login() != nullptr && !event.IsSuccessfulUse() && !IsOfLater(*step.claim, event);
}

// What no message of its own tells is for the digest.
void FoldAll(std::span<const Step> steps, const schemas::Event& event, CaseFile& file, Decision& decision) {
  for (const Step& step : steps) {
    if (step.tells() && step.answer.notice) Fold(step, event, file);
  }
  ++decision.notices_held;
}

}  // namespace

bool MoneyLeaves(const Step& step, const schemas::Event& event) {
  const schemas::Transaction* payment = event.transaction();
  if (payment == nullptr || !Leaves(payment->direction, payment->status)) return false;
  if (PaymentOf(*step.claim, event) != payment->transaction_id) return false;
  return step.severity >= schemas::Severity::kHigh || step.restricts != Restricts::kNothing ||
         MayBeTakenOver(*step.one);
}

void Tell(const AlertsConfig& config, const CalmHours& hours, const Judged& judged,
          std::span<const Step> steps, CaseFile& file, Decision& decision) {
  const Timestamp at = judged.event.occurred_at;
  const OwnersDay day(hours, ZoneOf(config.notices, judged.owner));
  const Step* lead = nullptr;
  const Step* held = nullptr;
  for (const Step& step : steps) {
    if (!step.tells() || !step.answer.notice) continue;
    const bool leaves = MoneyLeaves(step, judged.event);
    const CalmQuestion question{.reason = step.reason(),
                                .severity = step.severity,
                                .restricts = step.restricts,
                                .money_leaves = leaves,
                                .money_doubled = leaves && step.one->money.DoubledSinceTold(
                                                               judged.event.transaction()->amount.currency),
                                .attempt = IsOfAttempt(step, judged.event),
                                .at = at};
    const Step*& best =
        MayTell(config.calm, day, question, *step.one, file.notices()) == Calm::kTell ? lead : held;
    if (best == nullptr || LeadsBefore(step, *best)) best = &step;
  }
  if (lead == nullptr && held == nullptr) return;
  if (lead == nullptr) {
    ++held->one->notices_held;
    return FoldAll(steps, judged.event, file, decision);
  }
  // A message that goes out anyway is led by the gravest that happened, whether or not that alone would be
  // told again.
  if (held != nullptr && LeadsBefore(*held, *lead)) lead = held;

  Case& one = *lead->one;
  std::vector<Recipient> recipients = RecipientsOf(config.notices, judged, PreviousToo(*lead, judged.event));
  one.unreachable = recipients.empty();
  if (recipients.empty()) {
    ++decision.notices_unaddressed;
    return FoldAll(steps, judged.event, file, decision);
  }

  schemas::Notice notice;
  notice.notice_id = ToHex(IdentityHash()
                               .Add("notice")
                               .Add(one.case_id)
                               .Add(lead->reason())
                               .Add(lead->finding_id)
                               .Add(static_cast<int64_t>(lead->severity))
                               .Add(judged.event.event_id.view())
                               .Finish());
  notice.case_id = one.case_id;
  notice.severity = lead->severity;
  notice.recipients = std::move(recipients);
  notice.reference = one.reference;
  const Addressed addressed(judged, file, IsGrave(*lead));
  // Who is kept from their money hears of it at once.
  notice = Complete(config, addressed.judged(), FormOf(*lead, steps, judged.event),
                    FactsOf(config, addressed.judged(), *lead, steps, file, decision),
                    Restrict(steps) ? at : day.ToldAt(at, lead->severity), std::move(notice));

  const bool attempts = std::ranges::all_of(steps, [&](const Step& step) {
    return !step.tells() || !step.answer.notice || IsOfAttempt(step, judged.event);
  });
  for (const Step& step : steps) {
    if (!step.tells() || !step.answer.notice) continue;
    NoteTold({.reason = std::string(step.reason()),
              .at = at,
              .severity = step.severity,
              .notice_id = notice.notice_id,
              .case_id = step.one->case_id,
              .attempts = attempts},
             file.MutableNotices());
  }
  one.notices_held = 0;
  one.last_notice_at = std::max(one.last_notice_at, at);
  one.last_notice_severity = std::max(one.last_notice_severity, lead->severity);
  one.money.MarkTold();
  decision.notices.push_back(std::move(notice));
}

}  // namespace tocsin::alerts
