#include "alerts/tickets.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "alerts/event_text.h"
#include "alerts/localize.h"
#include "alerts/money_tally.h"
#include "alerts/notice_draft.h"
#include "alerts/notice_facts.h"
#include "alerts/policy.h"
#include "alerts/ticket_text.h"
#include "base/hash.h"
#include "base/text.h"
#include "schemas/enum_names.h"

namespace tocsin::alerts {

using schemas::TicketOperation;

namespace {

std::vector<Locale> LanguagesOf(const AlertsConfig& config) {
  if (config.support.ticket_locale == "both") return {Locale::kZhCn, Locale::kEn};
  const std::string& name =
      config.support.ticket_locale.empty() ? config.notices.default_locale : config.support.ticket_locale;
  return {NearestLocale(name, Locale::kEn)};
}

// What support reads: `say` of each of its languages.
template <class Say>
std::string InEachLanguage(const AlertsConfig& config, Say say) {
  std::string text;
  for (const Locale locale : LanguagesOf(config)) {
    if (!text.empty()) text += "\n\n";
    text += say(locale);
  }
  return text;
}

// The finding a ticket is named after, as of notices: the most severe; of equals the graver kind, then the
// heavier evidence. What the policy has no ticket for leads only where nothing else does.
const CaseFinding* LeadingOf(const AlertsConfig& config, const Judged& judged, double risk, const Case& one) {
  const auto earns = [&](const CaseFinding& finding) {
    const auto ticket = [&](bool money) {
      return Ask(config.policy, {.detector = finding.detector,
                                 .family = finding.family,
                                 .severity = finding.severity,
                                 .risk = risk,
                                 .money = money,
                                 .tier = judged.owner.tier})
          .ticket.has_value();
    };
    return ticket(false) || ticket(true);
  };
  const auto rank = [&](const CaseFinding& finding) {
    const NoticeTemplate form = TemplateOf(finding.reason, finding.family);
    const bool mild = form == NoticeTemplate::kLoginNew || form == NoticeTemplate::kLimitApproach;
    return std::tuple(earns(finding), finding.severity, form == NoticeTemplate::kReported,
                      finding.family == schemas::Family::kTakeover, !mild, finding.weight);
  };
  const CaseFinding* leading = nullptr;
  for (const CaseFinding& finding : one.findings) {
    if (leading == nullptr || rank(finding) >= rank(*leading)) leading = &finding;
  }
  return leading;
}

Timestamp ToldAt(const CaseFile& file, const Case& one) {
  Timestamp told_at = one.last_notice_at;
  for (const NoticeSent& notice : file.notices()) {
    if (notice.case_id == one.case_id) told_at = std::max(told_at, notice.at);
  }
  return told_at;
}

std::vector<schemas::Evidence> EvidenceOf(const Case& one, const MoneyTally& money,
                                          const schemas::Event& event, double risk,
                                          const schemas::Claim* leading) {
  std::vector<schemas::Evidence> evidence = {
      {"risk", risk},
      {"case_severity", std::string(schemas::Name(one.severity))},
      {"findings", static_cast<int64_t>(one.findings.size() + one.findings_dropped)},
      {"notices_held", int64_t{one.notices_held}},
  };
  const auto add = [&evidence](const Tally& tally, std::string_view payments, std::string_view sums) {
    if (tally.payments == 0) return;
    evidence.push_back({payments, static_cast<int64_t>(tally.payments)});
    std::string text = FormatSums(tally);
    if (!text.empty()) evidence.push_back({sums, std::move(text)});
  };
  add(money.left, "payments_left", "money_left");
  add(money.held, "payments_held", "money_held");
  add(money.back, "payments_back", "money_back");
  const schemas::Feedback* const feedback = event.feedback();
  if (feedback != nullptr && feedback->by == schemas::FeedbackBy::kAnalyst)
    evidence.push_back({"decided_by", std::string(schemas::Name(feedback->by))});
  if (leading != nullptr) {
    evidence.push_back({"detector", std::string(leading->detector)});
    evidence.insert(evidence.end(), leading->evidence.begin(), leading->evidence.end());
  }
  return evidence;
}

// Appends that a batch puts out as they come; what is more waits for its end. Each is written with all that
// the ticket says: a flood of findings must not become a flood of tickets.
constexpr uint32_t kBatchMax = 8;

bool HasUnsaid(const Case& one) { return !std::ranges::all_of(one.findings, &CaseFinding::in_ticket); }

void MarkSaid(Case& one) {
  one.said.until = one.said.written;
  for (CaseFinding& finding : one.findings) finding.in_ticket = true;
}

}  // namespace

std::optional<TicketPlan> PlanTicket(const AlertsConfig& config, const BusinessClock& clock, Timestamp at,
                                     std::optional<schemas::Priority> wanted, News news, Case& one) {
  if (wanted && !one.ticket_open) {
    one.ticket_open = true;
    one.priority = std::min(one.priority, *wanted);
    one.due_first_reply = clock.DueAfter(at, config.support.first_reply);
    return TicketPlan{.operation = TicketOperation::kOpen};
  }
  if (!one.ticket_open) return std::nullopt;
  if (wanted && *wanted < one.priority) {
    one.priority = *wanted;
    return TicketPlan{.operation = TicketOperation::kEscalate};
  }
  if (news == News::kAtOnce) return TicketPlan{};
  if (news == News::kNone && !one.append_waits) return std::nullopt;
  if (at >= one.last_append_at + config.calm.ticket_batch) return TicketPlan{};
  if (at >= one.last_append_at)
    return TicketPlan{.deliver_after = one.last_append_at + config.calm.ticket_batch};
  // A batch is under way.
  if (news == News::kCanWait && one.batched < kBatchMax)
    return TicketPlan{.deliver_after = one.last_append_at};
  one.append_waits = true;
  return std::nullopt;
}

void EndBatches(Timestamp at, CaseFile& file) {
  const auto over = [at](const Case& one) {
    return one.ticket_open && !one.append_waits && at >= one.last_append_at &&
           (HasUnsaid(one) || one.said.until < one.said.written);
  };
  if (std::ranges::none_of(file.cases(), over)) return;
  for (Case& one : file.MutableCases()) {
    if (over(one)) MarkSaid(one);
  }
}

void WriteTicket(const AlertsConfig& config, const Judged& judged, const TicketPlan& plan,
                 std::string_view why, const schemas::Claim* leading, const CaseFile& file, Case& one,
                 Decision& decision) {
  const schemas::Event& event = judged.event;
  if (decision.risk > one.said.risk_most) {
    one.said.risk_most = decision.risk;
    one.said.risk_most_at = event.occurred_at;
  }
  const std::vector<TimelineItem> items = file.timeline().Items();
  const MoneyTally money = TallyOf(one, event.occurred_at);
  const TicketFacts facts{.account_id = event.account_id.view(),
                          .tenant = event.tenant,
                          .one = one,
                          .leading = LeadingOf(config, judged, decision.risk, one),
                          .timeline = items,
                          .not_shown = file.timeline().not_shown(),
                          .told_at = ToldAt(file, one),
                          .operation = plan.operation,
                          .money = money,
                          .why = why,
                          .risk = decision.risk,
                          .event_id = event.event_id.view(),
                          .now = event.occurred_at,
                          .frozen = file.IsFrozen(judged.owner.status),
                          .zone = ZoneOf(config.notices, judged.owner)};
  const std::vector<Locale> languages = LanguagesOf(config);

  schemas::Ticket ticket;
  ticket.ticket_id = ToHex(
      IdentityHash().Add("ticket").Add(one.case_id).Add(static_cast<int64_t>(one.ticket_sequence)).Finish());
  ticket.case_id = one.case_id;
  ticket.account_id = event.account_id;
  ticket.tenant = event.tenant;
  ticket.operation = plan.operation;
  ticket.priority = one.priority;
  ticket.reference = one.reference;
  ticket.subject = TicketSubject(languages.front(), facts);
  ticket.decision = TicketDecision(languages.front(), facts);
  for (const Locale locale : languages) {
    if (!ticket.body.empty()) ticket.body += "\n---\n\n";
    ticket.body += TicketBody(locale, facts);
  }
  ticket.body += "\n" + MachineBlock(facts);
  for (const TimelineItem& item : items) ticket.timeline.push_back(ToEntry(item, IsFlagged(one, item)));
  for (const CaseFinding& finding : one.findings) ticket.findings.push_back(finding.finding_id);
  if (one.due_first_reply > kTimestampMin) ticket.due.first_reply = one.due_first_reply;
  if (one.due_review > kTimestampMin) ticket.due.review = one.due_review;
  ticket.evidence = EvidenceOf(one, money, event, decision.risk, leading);
  ticket.occurred_at = event.occurred_at;
  ticket.deliver_after = plan.deliver_after;
  ticket.traceparent = event.traceparent;

  ++one.ticket_sequence;
  one.batched = plan.deliver_after == one.last_append_at ? one.batched + 1 : 1;
  one.last_append_at = std::max({one.last_append_at, event.occurred_at, plan.deliver_after});
  one.append_waits = false;
  one.said.written = std::max(one.said.written, event.occurred_at);
  if (plan.deliver_after == kTimestampMin) MarkSaid(one);
  if (plan.operation == TicketOperation::kResolve) {
    one.ticket_open = false;
    one.promised_reply = kTimestampMin;
  }
  decision.tickets.push_back(std::move(ticket));
}

std::string ReminderText(const AlertsConfig& config, std::string_view clock, int percent, Timestamp due,
                         std::optional<schemas::Priority> raised_to) {
  const TimeZone zone = TimeZone::Find(config.notices.default_timezone).value_or(TimeZone());
  const std::string key = "ticket.reminder." + std::string(clock) +
                          (percent >= 100  ? ".over"
                           : percent >= 80 ? ".soon"
                                           : ".half");
  return InEachLanguage(config, [&](Locale locale) {
    const Messages& messages = Messages::Instance();
    std::string text =
        messages.Text(locale, MessageKey::Of(key), {{"due", FormatShortDateTime(locale, due, zone)}});
    if (raised_to)
      text += messages.Text(locale, "ticket.reminder.raised", {{"priority", schemas::Name(*raised_to)}});
    return text;
  });
}

std::string MaskedAddress(std::string_view address) {
  const size_t domain = std::min(address.rfind('@'), address.size());
  return MaskId(address.substr(0, domain)) + std::string(address.substr(domain));
}

std::string UnreachedText(const AlertsConfig& config, const Unreached& unreached) {
  const TimeZone zone = TimeZone::Find(config.notices.default_timezone).value_or(TimeZone());
  const std::string address = EscapeMarkdown(MaskedAddress(unreached.address));
  const std::string channel = EscapeMarkdown(unreached.channel);
  const MessageKey by_mail =
      unreached.refused ? MessageKey("ticket.unreached.refused") : MessageKey("ticket.unreached.given_up");
  const MessageKey by_other = unreached.refused ? MessageKey("ticket.unreached.channel.refused")
                                                : MessageKey("ticket.unreached.channel.given_up");
  return InEachLanguage(config, [&](Locale locale) {
    return Messages::Instance().Text(locale, unreached.address.empty() ? by_other : by_mail,
                                     {{"at", FormatShortDateTime(locale, unreached.at, zone)},
                                      {"address", address},
                                      {"channel", channel}});
  });
}

}  // namespace tocsin::alerts
