#include "alerts/notice_text.h"

#include <algorithm>
#include <array>
#include <kainjow/mustache.hpp>

#include "alerts/notice_words.h"
#include "base/check.h"
#include "embedded/alerts_texts.h"

namespace tocsin::alerts {

namespace ms = kainjow::mustache;

namespace {

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
ms::data Fill(const NoticeWords& words, Locale locale, const NoticeFacts& facts) {
  ms::data data;
  const auto flag = [&](const char* name, bool value) {
    data.set(name, value ? ms::data::type::bool_true : ms::data::type::bool_false);
  };
  const bool grave = facts.severity >= schemas::Severity::kHigh;
  data.set("lang", std::string(Name(locale)));
  data.set("brand", facts.brand);
  data.set("subject", words.Subject());
  data.set("accent", grave ? "#b3261e" : "#1b1f24");
  data.set("greeting", words.Greeting());
  data.set("what", List(words.What()));
  const std::vector<std::string> reasons = words.Reasons();
  flag("has_reasons", !reasons.empty());
  data.set("reasons", List(reasons));
  ms::data rows(ms::data::type::list);
  for (const auto& [label, value] : words.Rows()) {
    ms::data row;
    row.set("label", label);
    row.set("value", value);
    rows.push_back(row);
  }
  data.set("rows", rows);
  data.set("colon", locale == Locale::kZhCn ? "：" : ": ");
  data.set("line_end", locale == Locale::kZhCn ? "：" : ":");
  data.set("done", List(words.Done()));
  flag("has_review", facts.review_by.has_value());
  data.set("review", words.Review());
  flag("has_links", words.has_links());
  data.set("answer_intro", words.AnswerIntro());
  data.set("me", facts.link_me);
  data.set("not_me", facts.link_not_me);
  data.set("me_label", words.Say("answer.me"));
  data.set("not_me_label", words.Say("answer.not_me"));
  data.set("answer_note", words.AnswerNote());
  data.set("answer_other", words.AnswerWithoutLink());
  data.set("now", List(words.Now()));
  data.set("next", words.Next());
  flag("has_held", facts.held > 0);
  data.set("held", words.Held());
  data.set("reach_intro", words.Say("reach.intro"));
  data.set("channels", List(words.Channels()));
  data.set("never", words.Never());
  data.set("footer", words.Footer());
  for (const char* heading : {"reasons", "details", "done", "answer", "now", "next", "reach"}) {
    data.set(std::string(heading) + "_heading", words.Say("heading." + std::string(heading)));
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
  const NoticeWords words(form, locale, facts);
  RenderedNotice notice{.subject = words.Subject()};
  if (channel == schemas::ContactChannel::kSms || channel == schemas::ContactChannel::kPush) {
    notice.text = words.Short();
    return notice;
  }
  const ms::data data = Fill(words, locale, facts);
  notice.text = WithoutGaps(Render(false, data));
  notice.html = Render(true, data);
  return notice;
}

std::string ShortText(NoticeTemplate form, Locale locale, const NoticeFacts& facts) {
  return NoticeWords(form, locale, facts).Short();
}

std::vector<std::pair<std::string, std::string>> FactList(NoticeTemplate form, Locale locale,
                                                          const NoticeFacts& facts) {
  const NoticeWords words(form, locale, facts);
  std::vector<std::pair<std::string, std::string>> list;
  const auto add = [&](const char* name, std::string value) {
    if (!value.empty()) list.emplace_back(name, std::move(value));
  };
  add("brand", facts.brand);
  add("display_name", facts.display_name);
  add("account", facts.account);
  add("what", Join(words.What()));
  add("occurred_at", FormatRfc3339(facts.what.at));
  add("when", words.When());
  add("where", words.Where());
  add("device", words.Device());
  add("ip", facts.ip);
  add("amount", words.Amount());
  add("payee", facts.payee);
  add("reasons", Join(words.Reasons()));
  add("done", Join(words.Done()));
  if (facts.reply_by) add("reply_by", FormatRfc3339(*facts.reply_by));
  if (facts.review_by) add("review_by", FormatRfc3339(*facts.review_by));
  if (facts.held > 0) add("held", std::to_string(facts.held));
  add("short_text", words.Short());
  return list;
}

}  // namespace tocsin::alerts
