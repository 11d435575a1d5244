#include "alerts/digest.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "alerts/addressed.h"
#include "alerts/calm.h"
#include "alerts/cases.h"
#include "alerts/fold.h"
#include "alerts/notice_draft.h"
#include "alerts/reference.h"
#include "base/hash.h"

namespace tocsin::alerts {
namespace {

// What waits for a contact that never comes is of no use by then: no case lasts longer.
constexpr std::chrono::days kWaits{14};

// Grave, and not told because the owner could not be reached.
bool IsOverdue(const Folded& item, const CaseFile& file) {
  const Case* const of = file.FindCase(item.case_id);
  return item.severity >= schemas::Severity::kHigh && of != nullptr && of->unreachable;
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
  facts.left = LeftOf(folded);
  facts.not_listed = NotListedOf(folded);
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
