#include "alerts/ticket_text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include "alerts/cases.h"
#include "alerts/event_text.h"
#include "alerts/in_force.h"
#include "alerts/localize.h"
#include "alerts/notice_facts.h"
#include "alerts/support_matter.h"
#include "alerts/value_text.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "schemas/enum_names.h"

namespace tocsin::alerts {

using schemas::TicketOperation;

namespace {

constexpr std::string_view kNew = "● ";
constexpr size_t kIdMax = 128;

// What leads is no alarm but a matter for support, with words of its own: "" for all else.
std::string_view SupportMatter(const CaseFinding* leading) {
  return leading != nullptr && IsSupportMatter(leading->detector) ? leading->detector : std::string_view();
}

bool HasFamily(const Case& one, schemas::Family family) {
  return std::ranges::find(one.findings, family, &CaseFinding::family) != one.findings.end();
}

// One ticket in one language.
class Writer {
 public:
  Writer(Locale locale, const TicketFacts& facts) : locale_(locale), facts_(facts) {}

  [[nodiscard]] std::string Subject() const {
    const CaseFinding* leading = facts_.leading;
    std::string headline = "ticket.headline.explained";
    if (leading != nullptr) {
      headline =
          leading->reason == "confirmed_fraud" ? "ticket.headline.confirmed"
          : !SupportMatter(leading).empty()
              ? "ticket.headline." + std::string(SupportMatter(leading))
              : "ticket.headline." + std::string(alerts::Name(TemplateOf(leading->reason, leading->family)));
    }
    return "[" + facts_.one.reference + "] " +
           messages_.Text(locale_, "ticket.subject",
                          {{"priority", schemas::Name(facts_.one.priority)},
                           {"headline", Say(MessageKey::Of(headline))},
                           {"account", MaskId(CleanText(facts_.account_id))}});
  }

  // What has to be decided and what was done stands above what may be long.
  [[nodiscard]] std::string Body() {
    CaseTable();
    Summary();
    Heading("ticket.heading.decision");
    Line(Decision());
    Actions();
    Owner();
    Findings();
    TimelineTable();
    const std::string operation = Operation();
    return operation.empty() ? std::move(out_) : operation + "\n\n" + out_;
  }

  [[nodiscard]] std::string Decision() const {
    const Case& one = facts_.one;
    const bool frozen = facts_.frozen || HasInForce(one, schemas::ActionKind::kFreeze, facts_.now);
    if (facts_.operation == TicketOperation::kResolve) {
      const bool restricted = frozen || IsRestricted(one, facts_.now);
      return Say(restricted ? MessageKey("ticket.decision.resolve_restricted")
                            : MessageKey("ticket.decision.resolve"));
    }
    if (HasFamily(one, schemas::Family::kReport))
      return Say(frozen ? MessageKey("ticket.decision.reported")
                        : MessageKey("ticket.decision.reported_open"));
    const CaseFinding* leading = facts_.leading;
    const std::string_view matter = SupportMatter(leading);
    if (frozen && matter.empty()) return Say("ticket.decision.frozen");
    if (HasInForce(one, schemas::ActionKind::kHoldTransaction, facts_.now))
      return Say("ticket.decision.held");
    if (!matter.empty()) {
      const std::string by_reason = "ticket.decision." + leading->reason;
      return Say(
          MessageKey::Of(messages_.Has(by_reason) ? by_reason : "ticket.decision." + std::string(matter)));
    }
    const bool money = leading != nullptr && (leading->family == schemas::Family::kLimit ||
                                              leading->family == schemas::Family::kMoney);
    if (money && HasFamily(one, schemas::Family::kLimit)) return Say("ticket.decision.limit");
    return Say(money ? MessageKey("ticket.decision.money") : MessageKey("ticket.decision.login"));
  }

 private:
  [[nodiscard]] std::string Say(MessageKey key) const { return messages_.Text(locale_, key); }
  [[nodiscard]] std::string SeverityText(schemas::Severity severity) const {
    return Say(MessageKey::Of("severity." + std::string(schemas::Name(severity))));
  }
  [[nodiscard]] std::string When(Timestamp at) const { return FormatShortDateTime(locale_, at, facts_.zone); }
  [[nodiscard]] std::string Count(MessageKey key, uint64_t count) const {
    return messages_.Text(locale_, key, {{"count", std::to_string(count)}});
  }

  void Line(std::string_view text) {
    out_ += text;
    out_ += "\n";
  }
  void Heading(MessageKey key) {
    if (!out_.empty()) out_ += "\n";
    Line("## " + Say(key));
    out_ += "\n";
  }
  // Cells are Markdown already.
  void Row(std::initializer_list<std::string_view> cells) {
    out_ += "|";
    for (const std::string_view cell : cells) {
      out_ += " ";
      out_ += cell;
      out_ += " |";
    }
    out_ += "\n";
  }
  void Rule(size_t columns) {
    out_ += "|";
    for (size_t i = 0; i < columns; ++i) out_ += "---|";
    out_ += "\n";
  }

  // What the operation is, before all else; "" of the first. REQUIRES: all that can be news is written.
  [[nodiscard]] std::string Operation() const {
    switch (facts_.operation) {
      case TicketOperation::kOpen:
        return {};
      case TicketOperation::kAppend:
        return Say(has_news_ ? MessageKey("ticket.operation.append")
                             : MessageKey("ticket.operation.unmarked"));
      case TicketOperation::kEscalate:
        return AndNews(messages_.Text(locale_, "ticket.operation.escalate",
                                      {{"priority", schemas::Name(facts_.one.priority)}}));
      case TicketOperation::kResolve:
        return AndNews(
            messages_.Text(locale_, "ticket.operation.resolve", {{"why", Say(MessageKey::Of(facts_.why))}}));
    }
    return {};
  }
  [[nodiscard]] std::string AndNews(std::string text) const {
    if (has_news_) text += (locale_ == Locale::kZhCn ? "" : " ") + Say("ticket.operation.append");
    return text;
  }

  // "● " before what the ticket did not say yet.
  [[nodiscard]] std::string_view Mark(bool is_new) {
    if (!is_new || facts_.operation == TicketOperation::kOpen) return {};
    has_news_ = true;
    return kNew;
  }
  [[nodiscard]] bool IsSince(Timestamp at) const { return at > facts_.one.said.until && at <= facts_.now; }
  // A late event is news, whenever it happened.
  [[nodiscard]] bool IsNews(const TimelineItem& item) const {
    return item.at > facts_.one.said.until || item.event_id == facts_.event_id;
  }

  void CaseTable() {
    const Case& one = facts_.one;
    Heading("ticket.heading.case");
    const auto fact = [&](MessageKey label, std::string_view value) {
      Line("- **" + Say(label) + "**" + (locale_ == Locale::kZhCn ? "：" : ": ") + std::string(value));
    };
    fact("ticket.label.reference", one.reference);
    fact("ticket.label.account", EscapeMarkdown(CleanText(facts_.account_id, kIdMax)));
    fact("ticket.label.priority", std::string(schemas::Name(one.priority)));
    fact("ticket.label.risk", RiskText());
    if (one.money.begun()) fact("ticket.label.money", MoneyLine());
    fact("ticket.label.opened", When(one.opened_at));
    if (one.due_first_reply > kTimestampMin) fact("ticket.label.first_reply", When(one.due_first_reply));
    if (one.due_review > kTimestampMin) fact("ticket.label.review", When(one.due_review));
  }

  // As it is now, which fades with the findings, and as it was at its highest.
  [[nodiscard]] std::string RiskText() const {
    const auto text = [](double risk) {
      std::array<char, 16> digits{};
      std::snprintf(digits.data(), digits.size(), "%.3f", risk);
      return std::string(digits.data());
    };
    const TicketSaid& said = facts_.one.said;
    const std::string now = text(facts_.risk);
    const std::string highest = text(said.risk_most);
    const bool fell = said.risk_most > facts_.risk && highest != now;
    return messages_.Text(locale_, "ticket.risk",
                          {{"risk", now},
                           {"highest", fell ? highest : std::string()},
                           {"at", fell ? When(said.risk_most_at) : std::string()}});
  }

  [[nodiscard]] std::string MoneyLine() const {
    const std::string tally = TallyText(locale_, facts_.money);
    const std::string at = When(facts_.one.money.since());
    return tally.empty() ? messages_.Text(locale_, "ticket.money.none", {{"at", at}})
                         : messages_.Text(locale_, "ticket.money.since", {{"at", at}, {"tally", tally}});
  }

  void Summary() {
    const CaseFinding* latest = facts_.one.findings.empty() ? nullptr : &facts_.one.findings.back();
    if (latest == nullptr) return;
    Heading("ticket.heading.summary");
    const uint64_t count = facts_.one.findings.size() + facts_.one.findings_dropped;
    Line(messages_.Text(locale_, "ticket.summary",
                        {{"count", std::to_string(count)}, {"severity", SeverityText(facts_.one.severity)}}) +
         (locale_ == Locale::kZhCn ? "" : " ") + Sentence(*latest) + Since(latest->at));
  }

  // The newest event after the latest finding: the lift of a freeze, an answer.
  [[nodiscard]] std::string Since(Timestamp found_at) const {
    if (facts_.timeline.empty() || facts_.timeline.back().at <= found_at) return {};
    const TimelineItem& newest = facts_.timeline.back();
    std::string what = EventText(locale_, newest);
    if (newest.type == schemas::EventType::kTransaction) what += " " + FormatMoneyFor(locale_, newest.amount);
    return (locale_ == Locale::kZhCn ? "" : " ") +
           messages_.Text(locale_, "ticket.summary.since",
                          {{"what", EscapeMarkdown(what)}, {"at", When(newest.at)}});
  }

  [[nodiscard]] std::string Sentence(const CaseFinding& finding) const {
    return EscapeMarkdown(ReasonSentence(locale_, finding.reason, finding.observed, finding.usual));
  }

  void Findings() {
    if (facts_.one.findings.empty()) return;
    Heading("ticket.heading.reasons");
    Row({Say("ticket.column.utc"), Say("ticket.column.severity"), Say("ticket.column.finding"),
         Say("ticket.column.observed"), Say("ticket.column.usual")});
    Rule(5);
    for (const CaseFinding& finding : facts_.one.findings) {
      // The sentence without its values: they have columns of their own.
      Row({std::string(Mark(!finding.in_ticket)) + Utc(finding.at), SeverityText(finding.severity),
           EscapeMarkdown(ReasonSentence(locale_, finding.reason, "", "")) + " (`" + finding.detector + "`)",
           EscapeMarkdown(LocalizeValue(locale_, finding.observed, finding.reason)),
           EscapeMarkdown(LocalizeValue(locale_, finding.usual, finding.reason))});
    }
    if (facts_.one.findings_dropped > 0) {
      out_ += "\n";
      Line(Count("ticket.findings.dropped", facts_.one.findings_dropped));
    }
  }

  [[nodiscard]] static std::string Utc(Timestamp at) {
    std::string text = FormatRfc3339(at);  // "2026-03-01T04:05:06.789Z"
    text[10] = ' ';
    return text.substr(0, 19);
  }
  [[nodiscard]] std::string Local(Timestamp at) const {
    const LocalTime local = facts_.zone.ToLocal(at);
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%02d-%02d %02d:%02d:%02d", local.month, local.day, local.hour,
                  local.minute, local.second);
    return text.data();
  }

  void TimelineTable() {
    Heading("ticket.heading.timeline");
    if (facts_.timeline.empty()) return Line(Say("ticket.timeline.empty"));
    Row({"", Say("ticket.column.utc"), Say("ticket.column.local"), Say("ticket.column.event"),
         Say("ticket.column.amount"), Say("ticket.column.place"), Say("ticket.column.network"),
         Say("ticket.column.device"), Say("ticket.column.id")});
    Rule(9);
    for (const TimelineItem& item : facts_.timeline) {
      const bool money = item.type == schemas::EventType::kTransaction;
      Row({IsFlagged(facts_.one, item) ? "⚑" : "", std::string(Mark(IsNews(item))) + Utc(item.at),
           Local(item.at), EscapeMarkdown(EventText(locale_, item)),
           money ? FormatMoneyFor(locale_, item.amount) : std::string(),
           EscapeMarkdown(LocalizePlace(locale_, CleanText(item.place))),
           EscapeMarkdown(NetworkText(locale_, item)),
           EscapeMarkdown(LocalizeDevice(locale_, CleanText(item.device))),
           EscapeMarkdown(CleanText(item.event_id, kIdMax))});
    }
    out_ += "\n";
    Line(messages_.Text(locale_, "ticket.timeline.flagged", {{"zone", EscapeMarkdown(facts_.zone.name())}}));
    if (facts_.not_shown) {
      Line(messages_.Text(locale_, "ticket.timeline.not_shown",
                          {{"since", Utc(facts_.not_shown->since).substr(0, 10)},
                           {"failed", std::to_string(facts_.not_shown->failed_logins)},
                           {"others", std::to_string(facts_.not_shown->others)}}));
    }
  }

  void Actions() {
    Heading("ticket.heading.actions");
    if (facts_.one.actions.empty()) return Line(Say("ticket.actions.none"));
    for (const Asked& asked : facts_.one.actions) {
      const bool ended = IsRestriction(asked.kind) && !asked.InForce(facts_.now);
      std::string line = "- " + std::string(Mark(IsSince(asked.at) || (ended && IsSince(asked.until)))) +
                         Say(MessageKey::Of("ticket.action." + std::string(schemas::Name(asked.kind))));
      if (asked.target != facts_.account_id)
        line += " (" + EscapeMarkdown(CleanText(asked.target, kIdMax)) + ")";
      line += messages_.Text(locale_, "ticket.action.asked", {{"at", Utc(asked.at)}});
      if (ended) line += messages_.Text(locale_, "ticket.action.ended", {{"at", When(asked.until)}});
      Line(line);
    }
  }

  // The owner's newest "me" after their "not me".
  [[nodiscard]] std::optional<Timestamp> MeAfter(Timestamp not_me) const {
    std::optional<Timestamp> newest;
    for (const TimelineItem& item : facts_.timeline) {
      const bool me = item.verdict == schemas::FeedbackVerdict::kMe && item.by == schemas::FeedbackBy::kOwner;
      if (me && item.at > not_me) newest = std::max(newest.value_or(item.at), item.at);
    }
    return newest;
  }

  void Owner() {
    const Case& one = facts_.one;
    Heading("ticket.heading.owner");
    const auto at = [&](MessageKey key, Timestamp when) {
      return messages_.Text(locale_, key, {{"at", When(when)}});
    };
    if (one.unreachable) {
      Line("- " + Say("ticket.owner.unreachable"));
    } else if (facts_.told_at > kTimestampMin) {
      Line("- " + at("ticket.owner.told", facts_.told_at));
    } else {
      Line("- " + Say("ticket.owner.not_told"));
    }
    if (one.notices_held > 0 && !one.unreachable) Line("- " + Count("ticket.owner.held", one.notices_held));
    if (one.owner_answer == schemas::FeedbackVerdict::kMe) {
      Line("- " + at("ticket.owner.me", one.answered_at));
    } else if (one.owner_answer == schemas::FeedbackVerdict::kNotMe || one.denied_at != kTimestampMin) {
      // In this case, or in one before it.
      const bool here = one.owner_answer == schemas::FeedbackVerdict::kNotMe;
      const Timestamp not_me = here ? one.answered_at : one.denied_at;
      Line("- " + at("ticket.owner.not_me", not_me));
      if (const auto me = MeAfter(not_me)) Line("- " + at("ticket.owner.me_after", *me));
    } else {
      Line("- " + Say("ticket.owner.none"));
    }
  }

  Locale locale_;
  const TicketFacts& facts_;
  const Messages& messages_ = Messages::Instance();
  std::string out_;
  bool has_news_ = false;
};

}  // namespace

bool IsFlagged(const Case& one, const TimelineItem& item) {
  // By its time; of what else happened in that second, failures and answers are none of it.
  const bool may_be_newest =
      item.outcome != schemas::LoginOutcome::kFailure && item.type != schemas::EventType::kFeedback;
  return IsCause(one, item.event_id) ||
         (may_be_newest && std::ranges::find(one.findings, item.at, &CaseFinding::at) != one.findings.end());
}

std::string EscapeMarkdown(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\`*_[]<>|#&").find(c) != std::string_view::npos) out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

std::string TicketSubject(Locale locale, const TicketFacts& facts) { return Writer(locale, facts).Subject(); }
std::string TicketBody(Locale locale, const TicketFacts& facts) { return Writer(locale, facts).Body(); }
std::string TicketDecision(Locale locale, const TicketFacts& facts) {
  return Writer(locale, facts).Decision();
}

namespace {

// JSON of one line, such that a page shows it without being moved sideways: broken behind commas, and before
// each object of a list.
std::string InLines(std::string_view json) {
  constexpr size_t kWidth = 96;
  std::string out;
  size_t column = 0;
  bool listed = false;
  bool quoted = false;
  for (size_t begin = 0, end = 0; begin < json.size(); begin = end) {
    for (bool ends = false; !ends && end < json.size(); ++end) {
      if (quoted && json[end] == '\\') {
        ++end;
      } else if (json[end] == '"') {
        quoted = !quoted;
      } else if (!quoted) {
        ends = json[end] == ',' || json.substr(end, 2) == "[{";
      }
    }
    const std::string_view piece = json.substr(begin, end - begin);
    const bool object = begin > 0 && piece.starts_with('{');
    if (object || column + piece.size() > kWidth) {
      out += listed && !object ? "\n    " : "\n  ";
      column = listed && !object ? 4 : 2;
    }
    listed = listed || object;
    out += piece;
    column += piece.size();
  }
  return out;
}

}  // namespace

std::string MachineBlock(const TicketFacts& facts) {
  const Case& one = facts.one;
  std::string text;
  JsonWriter json(text);
  json.BeginObject().Member("schema", "tocsin.ticket.v1").Member("case_id", one.case_id);
  json.Member("reference", one.reference)
      .Member("account_id", facts.account_id)
      .MemberIf("tenant", facts.tenant);
  json.Key("findings").BeginArray();
  for (const CaseFinding& finding : one.findings) {
    json.BeginObject().Member("finding_id", finding.finding_id).Member("detector", finding.detector);
    json.Member("severity", schemas::Name(finding.severity)).Member("occurred_at", finding.at);
    json.Member("reason", finding.reason)
        .MemberIf("observed", finding.observed)
        .MemberIf("usual", finding.usual);
    json.Key("cause").BeginArray();
    for (const std::string& event_id : finding.cause) json.String(event_id);
    json.EndArray().EndObject();
  }
  json.EndArray().EndObject();
  // A back quote can only stand inside a text: escaped, nothing in it can end the block.
  std::string block = "```json\n";
  for (const char c : InLines(text)) c == '`' ? block += "\\u0060" : block += c;
  return block + "\n```\n";
}

}  // namespace tocsin::alerts
