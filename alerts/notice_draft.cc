#include "alerts/notice_draft.h"

#include <algorithm>

#include "alerts/answer_token.h"
#include "alerts/in_force.h"
#include "alerts/notice_text.h"
#include "alerts/owner_text.h"
#include "base/text.h"

namespace tocsin::alerts {

using schemas::Contact;
using schemas::Recipient;

namespace {

constexpr size_t kNameMax = 40;

void AddLinks(const AnswersConfig& answers, const schemas::Notice& notice, NoticeFacts& facts) {
  // What was said stands: a link that takes it back would lead nowhere.
  if (answers.base_url.empty() || answers.key.empty() || facts.IsReport()) return;
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

// Promises that are past when the owner reads them are none.
void DropPast(Timestamp told_at, NoticeFacts& facts) {
  std::erase_if(facts.done, [&](const NoticeFacts::Done& done) { return done.until <= told_at; });
  for (std::optional<Timestamp>* by : {&facts.reply_by, &facts.review_by}) {
    if (*by && **by <= told_at) by->reset();
  }
  const auto restricts = [](const NoticeFacts::Done& done) { return IsRestriction(done.action); };
  facts.restricted = facts.frozen || std::ranges::any_of(facts.done, restricts);
  if (!facts.restricted) facts.review_by.reset();
}

}  // namespace

TimeZone ZoneOf(const NoticesConfig& config, const schemas::AccountProfile& owner) {
  return TimeZone::Find(owner.timezone)
      .value_or(TimeZone::Find(config.default_timezone).value_or(TimeZone()));
}

std::vector<Recipient> RecipientsOf(const NoticesConfig& config, const Judged& judged, bool previous_too) {
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
      if (contact.primary == primary && (contact.verified || config.unverified_contacts)) add(contact);
    }
  }
  if (previous_too) {
    const schemas::AccountChange* change = judged.event.change();
    if (change != nullptr && change->previous_contact) add(*change->previous_contact);
    for (const Contact& contact : judged.previous_contacts) add(contact);
  }
  return recipients;
}

NoticeFacts BeginFacts(const AlertsConfig& config, const Judged& judged, const Case* one) {
  NoticeFacts facts;
  facts.brand = config.notices.brand;
  facts.display_name = OwnerText(judged.owner.display_name, kNameMax);
  facts.account = MaskId(CleanText(judged.event.account_id.view()));
  facts.zone = ZoneOf(config.notices, judged.owner);
  facts.first_reply = config.support.first_reply;
  facts.office_hours = !config.support.calendar.always_open;
  facts.support = config.support;
  if (one == nullptr) return facts;
  facts.reference = one->reference;
  facts.has_ticket = one->ticket_open && one->promised_reply > kTimestampMin;
  if (facts.has_ticket) facts.reply_by = one->promised_reply;
  facts.held = one->notices_held;
  return facts;
}

void AddInForce(const Judged& judged, const CaseFile& file, std::string_view payment, NoticeFacts& facts) {
  const Timestamp at = judged.event.occurred_at;
  facts.frozen = file.IsFrozen(judged.owner.status);
  NoticeFacts::Done others{.action = schemas::ActionKind::kHoldTransaction};
  const auto add = [&](const Case& one) {
    if (IsRestricted(one, at) && one.due_review > at)
      facts.review_by = std::min(facts.review_by.value_or(one.due_review), one.due_review);
    for (const Asked& asked : one.actions) {
      if (!IsRestriction(asked.kind) || !asked.InForce(at)) continue;
      if (asked.kind == schemas::ActionKind::kHoldTransaction && asked.target != payment) {
        ++others.others;
        others.until = std::max(others.until, asked.until);
        continue;
      }
      const auto same = [&](const NoticeFacts::Done& done) { return done.action == asked.kind; };
      if (std::ranges::none_of(facts.done, same)) facts.done.push_back({asked.kind, asked.until});
    }
  };
  for (const Case& one : file.cases()) add(one);
  for (const Case& one : file.replaced()) add(one);
  if (others.others > 0) facts.done.push_back(others);
}

schemas::Notice Complete(const AlertsConfig& config, const Judged& judged, NoticeTemplate form,
                         NoticeFacts facts, Timestamp told_at, schemas::Notice draft) {
  const Locale fallback = NearestLocale(config.notices.default_locale, Locale::kEn);
  const Locale locale = NearestLocale(judged.owner.locale, fallback);
  schemas::Notice notice = std::move(draft);
  notice.account_id = judged.event.account_id;
  notice.tenant = judged.event.tenant;
  notice.template_name = Name(form);
  notice.locale = Name(locale);
  notice.occurred_at = judged.event.occurred_at;
  notice.traceparent = judged.event.traceparent;
  if (told_at > notice.occurred_at) notice.deliver_after = told_at;
  DropPast(told_at, facts);
  facts.links_until = told_at + config.answers.ttl;
  AddLinks(config.answers, notice, facts);
  notice.expires_at = facts.links_until;
  notice.link_me = facts.link_me;
  notice.link_not_me = facts.link_not_me;
  RenderedNotice rendered = RenderNotice(form, locale, schemas::ContactChannel::kEmail, facts);
  notice.subject = std::move(rendered.subject);
  notice.text = std::move(rendered.text);
  notice.html = std::move(rendered.html);
  notice.facts = FactList(form, locale, facts);
  return notice;
}

}  // namespace tocsin::alerts
