#include "alerts/notice_text.h"

#include <algorithm>
#include <array>
#include <kainjow/mustache.hpp>

#include "alerts/event_text.h"
#include "alerts/localize.h"
#include "alerts/value_text.h"
#include "base/check.h"
#include "base/text.h"
#include "embedded/alerts_texts.h"
#include "schemas/enum_names.h"

namespace tocsin::alerts {

using schemas::EventType;
namespace ms = kainjow::mustache;

namespace {

constexpr size_t kReasonsMax = 6;

// Every name a layout may use; a layout that uses another is an error of ours, found when it is first read.
constexpr std::array kLayoutNames = {
    "lang",
    "brand",
    "subject",
    "accent",
    "greeting",
    "what",
    "text",
    "has_reasons",
    "reasons_heading",
    "reasons",
    "details_heading",
    "rows",
    "label",
    "colon",
    "line_end",
    "value",
    "done_heading",
    "done",
    "has_review",
    "review",
    "answer_heading",
    "has_links",
    "answer_intro",
    "me_label",
    "me",
    "not_me_label",
    "not_me",
    "answer_note",
    "answer_other",
    "now_heading",
    "now",
    "number",
    "next_heading",
    "next",
    "has_held",
    "held",
    "reach_heading",
    "reach_intro",
    "channels",
    "never",
    "footer",
};

// One notice in one language: each part a sentence of the catalogue.
class Speaker {
 public:
  Speaker(NoticeTemplate form, Locale locale, const NoticeFacts& facts)
      : form_(form), locale_(locale), facts_(facts) {}

  [[nodiscard]] std::string Subject() const {
    std::string key = "subject." + std::string(Name(form_));
    const std::string variant = key + std::string(Variant());
    if (messages_.Has(variant)) key = variant;
    return messages_.Text(locale_, key, {{"brand", facts_.brand}});
  }

  [[nodiscard]] std::string Greeting() const {
    if (facts_.display_name.empty()) return Say("greeting.unnamed");
    return messages_.Text(locale_, "greeting", {{"name", facts_.display_name}});
  }

  [[nodiscard]] std::vector<std::string> What() const {
    std::vector<std::string> lines;
    if (form_ == NoticeTemplate::kTakeover)
      lines.push_back(messages_.Text(locale_, "what.takeover", {{"brand", facts_.brand}}));
    lines.push_back(EventSentence());
    return lines;
  }

  [[nodiscard]] std::vector<std::string> Reasons() const {
    std::vector<std::string> sentences;
    if (form_ == NoticeTemplate::kReported) return sentences;  // The owner's own words are not news to them.
    for (const NoticeFacts::Reason& reason : facts_.reasons) {
      std::string sentence = ReasonSentence(locale_, reason.code, reason.observed, reason.usual);
      if (std::ranges::find(sentences, sentence) == sentences.end()) sentences.push_back(std::move(sentence));
      if (sentences.size() == kReasonsMax) break;
    }
    return sentences;
  }

  [[nodiscard]] std::string When() const { return FormatDateTime(locale_, facts_.what.at, facts_.zone); }
  [[nodiscard]] std::string Until(Timestamp at) const {
    return FormatShortDateTime(locale_, at, facts_.zone);
  }
  [[nodiscard]] std::string Place() const { return LocalizePlace(locale_, CleanText(facts_.what.place)); }
  [[nodiscard]] std::string Device() const { return LocalizeDevice(locale_, CleanText(facts_.what.device)); }
  [[nodiscard]] std::string Amount() const {
    return facts_.what.type == EventType::kTransaction ? FormatMoneyFor(locale_, facts_.what.amount)
                                                       : std::string();
  }
  [[nodiscard]] std::string Where() const {
    const std::string place = Place();
    return place.empty() ? place : messages_.Text(locale_, "where.approximate", {{"place", place}});
  }

  // Label and value, in the order shown.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> Rows() const {
    std::vector<std::pair<std::string, std::string>> rows;
    const auto add = [&](std::string_view key, std::string value) {
      if (!value.empty()) rows.emplace_back(Say(key), std::move(value));
    };
    add("label.when", When());
    add("label.where", Where());
    add("label.device", Device());
    add("label.ip", facts_.ip);
    add("label.amount", Amount());
    add("label.payee", facts_.payee);
    add("label.account", facts_.account);
    add("label.reference", facts_.reference);
    return rows;
  }

  [[nodiscard]] std::vector<std::string> Done() const {
    std::vector<std::string> sentences;
    for (const NoticeFacts::Done& done : facts_.done) {
      const std::string key = "done." + std::string(schemas::Name(done.action));
      if (messages_.Has(key))
        sentences.push_back(messages_.Text(locale_, key, {{"until", Until(done.until)}}));
    }
    if (sentences.empty()) sentences.push_back(Say("done.none"));
    return sentences;
  }

  [[nodiscard]] std::string Review() const {
    if (!facts_.review_by) return {};
    return messages_.Text(locale_, "review",
                          {{"by", Until(*facts_.review_by)}, {"reference", facts_.reference}});
  }

  [[nodiscard]] bool has_links() const { return !facts_.link_me.empty() && !facts_.link_not_me.empty(); }
  [[nodiscard]] std::string AnswerIntro() const {
    const bool reported =
        form_ == NoticeTemplate::kReported && facts_.what.verdict == schemas::FeedbackVerdict::kNotMe;
    return Say(reported ? "answer.intro.reported" : "answer.intro");
  }
  [[nodiscard]] std::string AnswerNote() const {
    return messages_.Text(locale_, "answer.note", {{"until", Until(facts_.links_until)}});
  }
  [[nodiscard]] std::string AnswerWithoutLink() const {
    return messages_.Text(locale_, "answer.without_link", {{"reference", facts_.reference}});
  }

  [[nodiscard]] std::vector<std::string> Now() const {
    std::vector<std::string> steps;
    if (form_ == NoticeTemplate::kTakeover || form_ == NoticeTemplate::kReported)
      steps.push_back(Say("now.contacts"));
    for (const char* key : {"now.look", "now.password", "now.second_factor", "now.support"})
      steps.push_back(Say(key));
    return steps;
  }

  [[nodiscard]] std::string Next() const {
    if (facts_.reply_by) return messages_.Text(locale_, "next.ticket", {{"by", Until(*facts_.reply_by)}});
    const std::string hours =
        std::to_string(std::chrono::ceil<std::chrono::hours>(facts_.first_reply).count());
    const std::string time =
        messages_.Text(locale_, facts_.office_hours ? "time.office_hours" : "time.hours", {{"count", hours}});
    const bool limit = form_ == NoticeTemplate::kLimitApproach;
    return messages_.Text(locale_, limit ? "next.limit" : "next.no_ticket", {{"time", time}});
  }

  [[nodiscard]] std::string Held() const {
    if (facts_.held == 0) return {};
    return messages_.Text(locale_, "held", {{"count", std::to_string(facts_.held)}});
  }

  [[nodiscard]] std::vector<std::string> Channels() const {
    std::vector<std::string> lines;
    const SupportConfig& support = facts_.support;
    if (!AppPath().empty()) lines.push_back(messages_.Text(locale_, "reach.app", {{"path", AppPath()}}));
    if (!support.phone.empty()) {
      lines.push_back(
          messages_.Text(locale_, "reach.phone", {{"name", SupportName()}, {"phone", support.phone}}));
    }
    if (!support.address.empty())
      lines.push_back(messages_.Text(locale_, "reach.address", {{"address", support.address}}));
    const std::string& hours = locale_ == Locale::kZhCn ? support.hours_zh : support.hours_en;
    if (!hours.empty()) lines.push_back(messages_.Text(locale_, "reach.hours", {{"hours", hours}}));
    return lines;
  }

  [[nodiscard]] std::string Short() const {
    const SupportConfig& support = facts_.support;
    const std::string& way = !AppPath().empty()       ? AppPath()
                             : !support.phone.empty() ? support.phone
                                                      : support.address;
    return messages_.Text(locale_, "short",
                          {{"brand", facts_.brand},
                           {"subject", Subject()},
                           {"when", Until(facts_.what.at)},
                           {"place", Place()},
                           {"device", Device()},
                           {"amount", Amount()},
                           {"contact", messages_.Text(locale_, "short.contact", {{"way", way}})},
                           {"reference", facts_.reference}});
  }

  [[nodiscard]] std::string Say(std::string_view key) const { return messages_.Text(locale_, key); }
  [[nodiscard]] std::string Never() const {
    return messages_.Text(locale_, "never", {{"brand", facts_.brand}});
  }
  [[nodiscard]] std::string Footer() const {
    return messages_.Text(locale_, "footer", {{"reference", facts_.reference}});
  }

 private:
  [[nodiscard]] std::string_view Variant() const {
    switch (facts_.what.type) {
      case EventType::kLogin:
        return facts_.what.outcome == schemas::LoginOutcome::kFailure ? ".failure" : "";
      case EventType::kTransaction:
        return ".payment";
      case EventType::kAccountChange:
        return ".change";
      case EventType::kFeedback:
        return facts_.what.verdict == schemas::FeedbackVerdict::kConfirmedFraud ? ".confirmed" : "";
      case EventType::kAccountProfile:
        break;
    }
    return "";
  }

  // What happened, and whether it succeeded.
  [[nodiscard]] std::string EventSentence() const {
    const TimelineItem& what = facts_.what;
    const Argument brand{"brand", facts_.brand};
    switch (what.type) {
      case EventType::kLogin: {
        const bool failed = what.outcome == schemas::LoginOutcome::kFailure;
        return messages_.Text(locale_, failed ? "what.login.failure" : "what.login.success", {brand});
      }
      case EventType::kTransaction: {
        const auto status = what.status == schemas::TransactionStatus::kNone
                                ? schemas::TransactionStatus::kAuthorized
                                : what.status;
        const auto kind =
            what.kind == schemas::TransactionKind::kNone ? schemas::TransactionKind::kPayment : what.kind;
        return messages_.Text(locale_, "what.transaction." + std::string(schemas::Name(status)),
                              {brand,
                               {"kind", Say("kind." + std::string(schemas::Name(kind)))},
                               {"amount", Amount()},
                               {"payee", facts_.payee}});
      }
      case EventType::kAccountChange:
        return messages_.Text(locale_, "what.account_change", {brand, {"change", EventText(locale_, what)}});
      case EventType::kFeedback:
      case EventType::kAccountProfile:
        break;
    }
    const bool confirmed = what.verdict == schemas::FeedbackVerdict::kConfirmedFraud;
    return messages_.Text(locale_, confirmed ? "what.report.confirmed" : "what.report.not_me", {brand});
  }

  [[nodiscard]] const std::string& AppPath() const {
    const SupportConfig& support = facts_.support;
    return locale_ == Locale::kZhCn && !support.app_path_zh.empty() ? support.app_path_zh : support.app_path;
  }
  [[nodiscard]] const std::string& SupportName() const {
    const SupportConfig& support = facts_.support;
    return locale_ == Locale::kZhCn && !support.name_zh.empty() ? support.name_zh : support.name;
  }

  NoticeTemplate form_;
  Locale locale_;
  const NoticeFacts& facts_;
  const Messages& messages_ = Messages::Instance();
};

ms::data List(const std::vector<std::string>& texts) {
  ms::data list(ms::data::type::list);
  int number = 0;
  for (const std::string& text : texts) {
    ms::data entry;
    entry.set("text", text);
    entry.set("number", std::to_string(++number));
    list.push_back(entry);
  }
  return list;
}

// Every name of kLayoutNames, filled.
ms::data Fill(const Speaker& speaker, Locale locale, const NoticeFacts& facts) {
  ms::data data;
  const auto flag = [&](const char* name, bool value) {
    data.set(name, value ? ms::data::type::bool_true : ms::data::type::bool_false);
  };
  const bool grave = facts.severity >= schemas::Severity::kHigh;
  data.set("lang", std::string(Name(locale)));
  data.set("brand", facts.brand);
  data.set("subject", speaker.Subject());
  data.set("accent", grave ? "#b3261e" : "#1b1f24");
  data.set("greeting", speaker.Greeting());
  data.set("what", List(speaker.What()));
  const std::vector<std::string> reasons = speaker.Reasons();
  flag("has_reasons", !reasons.empty());
  data.set("reasons", List(reasons));
  ms::data rows(ms::data::type::list);
  for (const auto& [label, value] : speaker.Rows()) {
    ms::data row;
    row.set("label", label);
    row.set("value", value);
    rows.push_back(row);
  }
  data.set("rows", rows);
  data.set("colon", locale == Locale::kZhCn ? "：" : ": ");
  data.set("line_end", locale == Locale::kZhCn ? "：" : ":");
  data.set("done", List(speaker.Done()));
  flag("has_review", facts.review_by.has_value());
  data.set("review", speaker.Review());
  flag("has_links", speaker.has_links());
  data.set("answer_intro", speaker.AnswerIntro());
  data.set("me", facts.link_me);
  data.set("not_me", facts.link_not_me);
  data.set("me_label", speaker.Say("answer.me"));
  data.set("not_me_label", speaker.Say("answer.not_me"));
  data.set("answer_note", speaker.AnswerNote());
  data.set("answer_other", speaker.AnswerWithoutLink());
  data.set("now", List(speaker.Now()));
  data.set("next", speaker.Next());
  flag("has_held", facts.held > 0);
  data.set("held", speaker.Held());
  data.set("reach_intro", speaker.Say("reach.intro"));
  data.set("channels", List(speaker.Channels()));
  data.set("never", speaker.Never());
  data.set("footer", speaker.Footer());
  for (const char* heading : {"reasons", "details", "done", "answer", "now", "next", "reach"}) {
    data.set(std::string(heading) + "_heading", speaker.Say("heading." + std::string(heading)));
  }
  return data;
}

// A layout that names something we do not fill would leave a hole in a message.
void CheckNames(std::string_view layout) {
  for (size_t at = layout.find("{{"); at != std::string_view::npos; at = layout.find("{{", at + 2)) {
    const size_t end = layout.find("}}", at);
    CHECK(end != std::string_view::npos);
    std::string_view name = layout.substr(at + 2, end - at - 2);
    if (!name.empty() && std::string_view("#^/").find(name.front()) != std::string_view::npos)
      name.remove_prefix(1);
    CHECK(std::ranges::find(kLayoutNames, name) != kLayoutNames.end());
  }
}

// The library's templates remember things while they render: one of each for a thread.
std::string Render(bool html, const ms::data& data) {
  struct Layouts {
    Layouts() {
      Read(text, "notice_templates/notice.txt.mustache");
      Read(page, "notice_templates/notice.html.mustache");
      text.set_custom_escape([](const std::string& value) { return value; });
    }
    static void Read(ms::mustache& layout, const char* name) {
      const std::string_view source = embedded::alerts_texts(name);
      CHECK(!source.empty());
      CheckNames(source);
      layout = ms::mustache(std::string(source));
      CHECK(layout.is_valid());
    }
    ms::mustache text{""};
    ms::mustache page{""};
  };
  thread_local Layouts layouts;
  return html ? layouts.page.render(data) : layouts.text.render(data);
}

// Sections that are left out leave their blank lines behind: one is enough.
std::string WithoutGaps(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n' && out.ends_with("\n\n")) continue;
    out += c;
  }
  return out;
}

std::string Join(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) {
    if (!all.empty()) all += ' ';
    all += text;
  }
  return all;
}

}  // namespace

RenderedNotice RenderNotice(NoticeTemplate form, Locale locale, schemas::ContactChannel channel,
                            const NoticeFacts& facts) {
  const Speaker speaker(form, locale, facts);
  RenderedNotice notice{.subject = speaker.Subject()};
  if (channel == schemas::ContactChannel::kSms || channel == schemas::ContactChannel::kPush) {
    notice.text = speaker.Short();
    return notice;
  }
  const ms::data data = Fill(speaker, locale, facts);
  notice.text = WithoutGaps(Render(false, data));
  notice.html = Render(true, data);
  return notice;
}

std::string ShortText(NoticeTemplate form, Locale locale, const NoticeFacts& facts) {
  return Speaker(form, locale, facts).Short();
}

std::vector<std::pair<std::string, std::string>> FactList(NoticeTemplate form, Locale locale,
                                                          const NoticeFacts& facts) {
  const Speaker speaker(form, locale, facts);
  std::vector<std::pair<std::string, std::string>> list;
  const auto add = [&](const char* name, std::string value) {
    if (!value.empty()) list.emplace_back(name, std::move(value));
  };
  add("brand", facts.brand);
  add("display_name", facts.display_name);
  add("account", facts.account);
  add("what", Join(speaker.What()));
  add("occurred_at", FormatRfc3339(facts.what.at));
  add("when", speaker.When());
  add("where", speaker.Where());
  add("device", speaker.Device());
  add("ip", facts.ip);
  add("amount", speaker.Amount());
  add("payee", facts.payee);
  add("reasons", Join(speaker.Reasons()));
  add("done", Join(speaker.Done()));
  if (facts.reply_by) add("reply_by", FormatRfc3339(*facts.reply_by));
  if (facts.review_by) add("review_by", FormatRfc3339(*facts.review_by));
  if (facts.held > 0) add("held", std::to_string(facts.held));
  add("short_text", speaker.Short());
  return list;
}

}  // namespace tocsin::alerts
