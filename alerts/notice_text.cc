#include "alerts/notice_text.h"

#include <algorithm>

#include "alerts/layout.h"
#include "alerts/notice_words.h"
#include "base/check.h"
#include "embedded/alerts_texts.h"

namespace tocsin::alerts {
namespace {

std::vector<LayoutValues::Entry> List(std::vector<std::string> texts) {
  std::vector<LayoutValues::Entry> list;
  list.reserve(texts.size());
  for (std::string& text : texts)
    list.push_back({{"text", std::move(text)}, {"number", std::to_string(list.size() + 1)}});
  return list;
}

LayoutValues ValuesOf(NoticeTemplate form, const NoticeWords& words, Locale locale,
                      const NoticeFacts& facts) {
  LayoutValues values;
  const bool grave = facts.severity >= schemas::Severity::kHigh;
  const bool chinese = locale == Locale::kZhCn;
  values.Set("lang", std::string(Name(locale)));
  values.Set("brand", facts.brand);
  values.Set("subject", words.Subject());
  values.Set("accent", std::string(grave ? "#b3261e" : "#1b1f24"));
  values.Set("tone", std::string(grave ? "grave" : "calm"));
  values.Set("greeting", words.Greeting());
  values.Set("what", List(words.What()));
  std::vector<std::string> reasons = words.Reasons();
  values.Set("has_reasons", !reasons.empty());
  values.Set("reasons", List(std::move(reasons)));
  std::vector<LayoutValues::Entry> rows;
  for (auto& [label, value] : words.Rows())
    rows.push_back({{"label", std::move(label)}, {"value", std::move(value)}});
  values.Set("rows", std::move(rows));
  values.Set("colon", std::string(chinese ? "：" : ": "));
  values.Set("line_end", std::string(chinese ? "：" : ":"));
  values.Set("done", List(words.Done()));
  values.Set("has_review", facts.restricted);
  values.Set("review", words.Review());
  values.Set("has_links", words.has_links());
  values.Set("answer_intro", words.AnswerIntro());
  values.Set("me", facts.link_me);
  values.Set("not_me", facts.link_not_me);
  values.Set("me_label", words.Say("answer.me"));
  values.Set("not_me_label", words.Say("answer.not_me"));
  values.Set("answer_note", words.AnswerNote());
  values.Set("answer_other", words.AnswerWithoutLink());
  values.Set("now", List(words.Now()));
  values.Set("next", words.Next());
  const bool digest = form == NoticeTemplate::kDigest;
  values.Set("has_held", facts.held > 0 && !digest);
  values.Set("held", words.Held());
  values.Set("reach_intro", words.Say("reach.intro"));
  values.Set("channels", List(words.Channels()));
  values.Set("never", words.Never());
  values.Set("footer", words.Footer());
  values.Set("reasons_heading",
             words.Say(digest ? MessageKey("heading.digest") : MessageKey("heading.reasons")));
  values.Set("details_heading", words.Say("heading.details"));
  values.Set("done_heading", words.Say("heading.done"));
  values.Set("answer_heading", words.Say(facts.IsReport() ? MessageKey("heading.answer.reported")
                                                          : MessageKey("heading.answer")));
  values.Set("now_heading",
             words.Say(facts.IsReport() ? MessageKey("heading.now.reported") : MessageKey("heading.now")));
  values.Set("next_heading", words.Say("heading.next"));
  values.Set("reach_heading", words.Say("heading.reach"));
  return values;
}

std::string Fill(Layout::Form form, const LayoutValues& values) {
  const auto read = [](const char* name, Layout::Form of) {
    const std::string_view source = embedded::alerts_texts(name);
    CHECK(!source.empty());
    return Layout(source, of);
  };
  static const Layout& text = *new Layout(read("notice_templates/notice.txt.mustache", Layout::Form::kText));
  static const Layout& page = *new Layout(read("notice_templates/notice.html.mustache", Layout::Form::kPage));
  std::string out;
  (form == Layout::Form::kPage ? page : text).Fill(values, out);
  return out;
}

// Sections that are left out leave their blank lines behind: one is enough.
std::string WithoutGaps(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t gap = std::min(text.find("\n\n\n", at), text.size());
    if (gap == text.size()) return out.append(text.substr(at));
    out.append(text.substr(at, gap + 2 - at));
    at = std::min(text.find_first_not_of('\n', gap), text.size());
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
  const LayoutValues values = ValuesOf(form, words, locale, facts);
  notice.text = WithoutGaps(Fill(Layout::Form::kText, values));
  notice.html = Fill(Layout::Form::kPage, values);
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
  if (form != NoticeTemplate::kDigest) add("when", words.When());
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
  if (facts.left.payments > 0) add("payments_left", std::to_string(facts.left.payments));
  add("money_left", FormatSums(facts.left));
  add("short_text", words.Short());
  return list;
}

}  // namespace tocsin::alerts
