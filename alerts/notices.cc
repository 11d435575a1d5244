#include "alerts/notices.h"

#include <algorithm>
#include <tuple>

#include "alerts/actions.h"
#include "alerts/answer_token.h"
#include "alerts/calm.h"
#include "alerts/notice_text.h"
#include "base/hash.h"
#include "base/text.h"

namespace tocsin::alerts {

using schemas::ActionKind;
using schemas::Contact;
using schemas::Family;
using schemas::Recipient;

namespace {

constexpr size_t kNameMax = 40;
constexpr size_t kReasonsMax = 12;

bool MayBeTakenOver(const Step& step, const schemas::Event& event) {
  if (step.claim->family == Family::kTakeover || step.claim->family == Family::kReport) return true;
  const schemas::AccountChange* change = event.change();
  return change != nullptr && (change->change == schemas::ChangeKind::kEmailChanged ||
                               change->change == schemas::ChangeKind::kPhoneChanged);
}

std::vector<Recipient> RecipientsOf(const Judged& judged, bool previous_too, bool unverified_too) {
  std::vector<Recipient> recipients;
  const auto add = [&](const Contact& contact) {
    if (contact.address.empty() || contact.channel == schemas::ContactChannel::kNone) return;
    const auto same = [&](const Recipient& known) {
      return known.channel == contact.channel && known.address == contact.address;
    };
    if (std::ranges::none_of(recipients, same)) recipients.push_back({contact.channel, contact.address});
  };
  for (const bool primary : {true, false}) {
    for (const Contact& contact : judged.owner.contacts) {
      if (contact.primary == primary && (contact.verified || unverified_too)) add(contact);
    }
  }
  if (previous_too) {
    const schemas::AccountChange* change = judged.event.change();
    if (change != nullptr && change->previous_contact) add(*change->previous_contact);
    for (const Contact& contact : judged.previous_contacts) add(contact);
  }
  return recipients;
}

std::string MaskedPayee(const schemas::Event& event) {
  const schemas::Transaction* transaction = event.transaction();
  if (transaction == nullptr) return {};
  const schemas::Counterparty& payee = transaction->counterparty;
  return MaskId(CleanText(payee.name.empty() ? payee.id : payee.name));
}

NoticeFacts FactsOf(const AlertsConfig& config, const Judged& judged, const Step& lead,
                    std::span<const Step> steps, const std::vector<schemas::Action>& actions) {
  const schemas::Event& event = judged.event;
  const Case& one = *lead.one;
  NoticeFacts facts;
  facts.brand = config.notices.brand;
  facts.display_name = CleanText(judged.owner.display_name, kNameMax);
  facts.account = MaskId(CleanText(event.account_id.view()));
  facts.reference = one.reference;
  facts.severity = lead.severity;
  facts.what = Describe(event);
  facts.zone = TimeZone::Find(judged.owner.timezone)
                   .value_or(TimeZone::Find(config.notices.default_timezone).value_or(TimeZone()));
  if (event.ip && event.ip->IsPublic()) facts.ip = event.ip->ToMasked();
  facts.payee = MaskedPayee(event);

  const auto add_reason = [&facts](const schemas::Reason& reason) {
    if (facts.reasons.size() < kReasonsMax) {
      facts.reasons.push_back(
          {std::string(reason.code), CleanText(reason.observed, 120), CleanText(reason.usual, 120)});
    }
  };
  for (const schemas::Reason& reason : lead.claim->reasons) add_reason(reason);
  for (const Step& step : steps) {
    if (step.claim != lead.claim && step.told && !step.claim->reasons.empty())
      add_reason(step.claim->reasons.front());
  }

  for (const schemas::Action& action : actions) {
    const auto same = [&](const NoticeFacts::Done& done) { return done.action == action.action; };
    if (action.case_id == one.case_id && std::ranges::none_of(facts.done, same)) {
      facts.done.push_back({action.action, action.expires_at});
    }
  }
  const auto freezes = [](const NoticeFacts::Done& done) { return done.action == ActionKind::kFreeze; };
  if (one.frozen && std::ranges::none_of(facts.done, freezes))
    facts.done.push_back({ActionKind::kFreeze, one.due_review});

  if (one.ticket_open) facts.reply_by = one.due_first_reply;
  const auto restricts = [](const NoticeFacts::Done& done) { return IsRestriction(done.action); };
  if (std::ranges::any_of(facts.done, restricts) && one.due_review > kTimestampMin)
    facts.review_by = one.due_review;
  facts.first_reply = config.support.first_reply;
  facts.office_hours = !config.support.calendar.always_open;
  facts.links_until = event.occurred_at + config.answers.ttl;
  facts.held = one.notices_held;
  facts.support = config.support;
  return facts;
}

void AddLinks(const AnswersConfig& answers, const schemas::Notice& notice, NoticeFacts& facts) {
  if (answers.base_url.empty() || answers.key.empty()) return;
  const std::string slash = answers.base_url.ends_with('/') ? "" : "/";
  const auto link = [&](schemas::FeedbackVerdict verdict) {
    const AnswerClaim claim{.notice_id = notice.notice_id,
                            .account_id = notice.account_id,
                            .verdict = verdict,
                            .expires_at = facts.links_until,
                            .locale = notice.locale};
    return answers.base_url + slash + "r/" + MakeAnswerToken(claim, answers);
  };
  facts.link_me = link(schemas::FeedbackVerdict::kMe);
  facts.link_not_me = link(schemas::FeedbackVerdict::kNotMe);
}

// What should lead a message: the most severe; of equals the graver kind of message, then the heavier
// evidence.
bool LeadsBefore(const Step& a, const Step& b) {
  const auto rank = [](const Step& step) {
    return std::tuple(step.severity,
                      TemplateOf(step.reason(), step.claim->family) == NoticeTemplate::kReported,
                      step.claim->family == Family::kTakeover, step.claim->weight);
  };
  return rank(a) > rank(b);
}

void Hold(Case& one, Decision& decision) {
  ++one.notices_held;
  ++decision.notices_held;
}

}  // namespace

void Tell(const AlertsConfig& config, const Judged& judged, std::span<const Step> steps, CaseFile& file,
          Decision& decision) {
  const Timestamp at = judged.event.occurred_at;
  const Step* lead = nullptr;
  const Step* held = nullptr;
  for (const Step& step : steps) {
    if (!step.told || !step.answer.notice) continue;
    const CalmQuestion question{
        .reason = step.reason(), .severity = step.severity, .restriction = step.restricts, .at = at};
    const Step*& best =
        MayTell(config.calm, question, *step.one, file.notices()) == Calm::kTell ? lead : held;
    if (best == nullptr || LeadsBefore(step, *best)) best = &step;
  }
  if (lead == nullptr && held == nullptr) return;
  if (lead == nullptr) return Hold(*held->one, decision);
  // A message that goes out anyway is led by the gravest that happened, whether or not that alone would be
  // told again.
  if (held != nullptr && LeadsBefore(*held, *lead)) lead = held;

  Case& one = *lead->one;
  std::vector<Recipient> recipients =
      RecipientsOf(judged, MayBeTakenOver(*lead, judged.event), config.notices.unverified_contacts);
  one.unreachable = recipients.empty();
  if (recipients.empty()) return Hold(one, decision);

  const NoticeTemplate form = TemplateOf(lead->reason(), lead->claim->family);
  const Locale fallback = NearestLocale(config.notices.default_locale, Locale::kEn);
  const Locale locale = NearestLocale(judged.owner.locale, fallback);
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
  notice.account_id = judged.event.account_id;
  notice.tenant = judged.event.tenant;
  notice.template_name = Name(form);
  notice.locale = Name(locale);
  notice.severity = lead->severity;
  notice.recipients = std::move(recipients);
  notice.reference = one.reference;
  notice.occurred_at = at;
  notice.traceparent = judged.event.traceparent;

  NoticeFacts facts = FactsOf(config, judged, *lead, steps, decision.actions);
  AddLinks(config.answers, notice, facts);
  notice.expires_at = facts.links_until;
  notice.link_me = facts.link_me;
  notice.link_not_me = facts.link_not_me;
  RenderedNotice rendered = RenderNotice(form, locale, schemas::ContactChannel::kEmail, facts);
  notice.subject = std::move(rendered.subject);
  notice.text = std::move(rendered.text);
  notice.html = std::move(rendered.html);
  notice.facts = FactList(form, locale, facts);

  for (const Step& step : steps) {
    if (!step.told || !step.answer.notice) continue;
    NoteTold({.reason = std::string(step.reason()),
              .at = at,
              .severity = step.severity,
              .notice_id = notice.notice_id,
              .case_id = step.one->case_id},
             file.MutableNotices());
  }
  one.notices_held = 0;
  one.last_notice_at = std::max(one.last_notice_at, at);
  one.last_notice_severity = std::max(one.last_notice_severity, lead->severity);
  decision.notices.push_back(std::move(notice));
}

}  // namespace tocsin::alerts
