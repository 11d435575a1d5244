#include "alerts/digest.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "alerts/addressed.h"
#include "alerts/calm.h"
#include "alerts/cases.h"
#include "alerts/notice_draft.h"
#include "alerts/owner_text.h"
#include "alerts/payment_fact.h"
#include "alerts/reference.h"
#include "alerts/subject.h"
#include "base/hash.h"
#include "base/text.h"

namespace tocsin::alerts {
namespace {

constexpr size_t kTextMax = 120;
// What waits for a contact that never comes is of no use by then: no case lasts longer.
constexpr std::chrono::days kWaits{14};

// Grave, and not told because the owner could not be reached.
bool IsOverdue(const Folded& item, const CaseFile& file) {
  const Case* const of = file.FindCase(item.case_id);
  return item.severity >= schemas::Severity::kHigh && of != nullptr && of->unreachable;
}

// What a claim of the event says is about this one; the event's own, when it is.
std::optional<PaymentFact> PaymentOf(const schemas::Claim& claim, const schemas::Event& event,
                                     const Timeline& timeline) {
  if (IsOfLater(claim, event)) {
    const TimelineItem what = SubjectOf(claim, event, timeline);
    if (what.type != schemas::EventType::kTransaction) return std::nullopt;
    return PaymentFact{.said_at = what.at,
                       .kind = what.kind,
                       .direction = what.direction,
                       .status = what.status,
                       .amount = what.amount,
                       .other = MaskId(CleanText(what.payee))};
  }
  const schemas::Transaction* const transaction = event.transaction();
  if (transaction == nullptr) return std::nullopt;
  const bool of_event = claim.transaction_id.empty() || claim.transaction_id == transaction->transaction_id;
  return of_event ? std::optional(ToPaymentFact(event)) : std::nullopt;
}

bool IsOfSamePayment(const Folded& a, const Folded& b) {
  return a.payment && b.payment && a.payment->key != 0 && a.payment->key == b.payment->key;
}

bool Leaves(const Folded& item) { return item.payment && item.payment->leaves(); }

bool IsSame(const Folded& known, const Folded& item) {
  if (known.reason != item.reason || known.case_id != item.case_id) return false;
  return IsOfSamePayment(known, item) || (known.observed == item.observed && !Leaves(known) && !Leaves(item));
}

// `item` is the same as `known`.
void Count(Folded item, Folded& known) {
  known.at = std::min(known.at, item.at);
  known.severity = std::max(known.severity, item.severity);
  if (!IsOfSamePayment(known, item)) {
    ++known.times;
    known.payment.reset();  // It is about several.
    return;
  }
  known.observed = std::move(item.observed);
  known.usual = std::move(item.usual);
  if (item.payment->said_at >= known.payment->said_at) known.payment = std::move(item.payment);
}

// What became of payments that wait to be told.
void NotePayments(const schemas::Event& event, CaseFile& file) {
  const auto concerned = [&event](const Folded& item) {
    return item.payment && item.payment->IsNewsIn(event);
  };
  if (std::ranges::none_of(file.folded(), concerned)) return;
  for (Folded& item : file.MutableFolded()) {
    if (concerned(item)) item.payment = ToPaymentFact(event);
  }
}

// What the event itself led to. Of payments that are held AddInForce says how many they are.
void AddAsked(const Decision& decision, NoticeFacts& facts) {
  for (const schemas::Action& action : decision.actions) {
    const auto same = [&](const NoticeFacts::Done& done) { return done.action == action.action; };
    if (action.action != schemas::ActionKind::kHoldTransaction && std::ranges::none_of(facts.done, same))
      facts.done.push_back({action.action, action.expires_at});
  }
}

}  // namespace

void Fold(const Step& step, const schemas::Event& event, CaseFile& file) {
  const Timestamp at = event.occurred_at;
  std::vector<Folded>& folded = file.MutableFolded();
  Folded item{.reason = std::string(step.reason()),
              .at = at,
              .severity = step.severity,
              .family = step.claim->family,
              .case_id = step.one->case_id,
              .payment = PaymentOf(*step.claim, event, file.timeline())};
  if (!step.claim->reasons.empty()) {
    item.observed = OwnerText(step.claim->reasons.front().observed, kTextMax);
    item.usual = OwnerText(step.claim->reasons.front().usual, kTextMax);
  }
  const auto known = std::ranges::find_if(folded, [&](const Folded& one) { return IsSame(one, item); });
  if (known != folded.end()) return Count(std::move(item), *known);
  if (folded.size() == CaseFile::kFoldedMax) {
    // The last place is for all that found none.
    Folded& rest = folded.back();
    if (!rest.reason.empty()) rest = {.at = rest.at, .severity = rest.severity, .case_id = rest.case_id};
    ++rest.times;
    rest.severity = std::max(rest.severity, item.severity);
    return;
  }
  folded.insert(std::ranges::upper_bound(folded, at, {}, &Folded::at), std::move(item));
}

std::optional<Digest> TakeDigest(const AlertsConfig& config, const CalmHours& hours, const Judged& judged,
                                 CaseFile& file) {
  if (file.folded().empty()) return std::nullopt;
  NotePayments(judged.event, file);
  const Timestamp at = judged.event.occurred_at;
  const OwnersDay day(hours, ZoneOf(config.notices, judged.owner));
  const auto first = std::ranges::min_element(file.folded(), {}, &Folded::at);
  const auto overdue = [&file](const Folded& item) { return IsOverdue(item, file); };
  if (at < day.DigestAfter(first->at) && std::ranges::none_of(file.folded(), overdue)) return std::nullopt;

  const auto grave = [&file](const Folded& item) {
    if (item.family == schemas::Family::kTakeover || item.family == schemas::Family::kReport) return true;
    const Case* const of = file.FindCase(item.case_id);
    return item.severity >= schemas::Severity::kHigh || (of != nullptr && MayBeTakenOver(*of));
  };
  schemas::Notice notice;
  const bool any_grave = std::ranges::any_of(file.folded(), grave);
  notice.recipients = RecipientsOf(config.notices, judged, any_grave);
  if (notice.recipients.empty()) {
    const auto old = [at](const Folded& item) { return item.at < at - kWaits; };
    if (old(*first)) std::erase_if(file.MutableFolded(), old);
    return std::nullopt;
  }
  std::vector<Folded> folded = std::exchange(file.MutableFolded(), {});
  notice.severity = std::ranges::max_element(folded, {}, &Folded::severity)->severity;
  notice.case_id = std::ranges::max_element(folded, {}, &Folded::at)->case_id;
  const Case* const one = file.FindCase(notice.case_id);
  // It ended and another took its place: the reference leads to it all the same, by its name.
  notice.reference = one != nullptr ? one->reference : MakeReference(notice.case_id, at);
  notice.notice_id = ToHex(IdentityHash()
                               .Add("digest")
                               .Add(judged.event.account_id.view())
                               .Add(ToMillis(folded.front().at))
                               .Add(folded.front().reason)
                               .Add(judged.event.event_id.view())
                               .Finish());
  const Addressed addressed(judged, file, any_grave);
  return Digest{.folded = std::move(folded),
                .notice = std::move(notice),
                .facts = BeginFacts(config, addressed.judged(), one),
                .grave = any_grave};
}

void TellDigest(const AlertsConfig& config, const CalmHours& hours, const Judged& judged, Digest digest,
                CaseFile& file, Decision& decision) {
  const Timestamp at = judged.event.occurred_at;
  const std::vector<Folded>& folded = digest.folded;
  schemas::Notice& notice = digest.notice;
  const Case* const one = file.FindCase(notice.case_id);
  const Addressed addressed(judged, file, digest.grave);
  NoticeFacts facts = one != nullptr ? BeginFacts(config, addressed.judged(), one) : std::move(digest.facts);
  facts.reference = notice.reference;
  facts.severity = notice.severity;
  facts.what = {.at = at};
  facts.held = 0;
  AddAsked(decision, facts);
  AddInForce(judged, file, "", facts);
  for (const Folded& item : folded) {
    if (item.reason.empty()) {
      facts.held = item.times;
      continue;
    }
    facts.reasons.push_back({item.reason, item.observed, item.usual, item.at, item.times, item.payment});
    NoteTold({.reason = item.reason,
              .at = at,
              .severity = item.severity,
              .notice_id = notice.notice_id,
              .case_id = item.case_id,
              .digest = true},
             file.MutableNotices());
  }
  for (Case& known : file.MutableCases()) {
    const auto of_it = [&](const Folded& item) { return item.case_id == known.case_id; };
    if (std::ranges::none_of(folded, of_it)) continue;
    known.notices_held = 0;
    known.unreachable = false;
  }
  const OwnersDay day(hours, facts.zone);
  const Timestamp told_at = day.ToldAt(at, notice.severity);
  decision.notices.push_back(Complete(config, addressed.judged(), NoticeTemplate::kDigest, std::move(facts),
                                      told_at, std::move(notice)));
}

}  // namespace tocsin::alerts
