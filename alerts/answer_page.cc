#include "alerts/answer_page.h"

#include <string_view>

#include "alerts/html.h"

namespace tocsin::alerts {
namespace {

constexpr std::string_view kStyle =
    "body{margin:0;background:#eef1f4;color:#1b1f24;font:17px/1.55 -apple-system,'Segoe UI',Roboto,'PingFang "
    "SC',"
    "'Microsoft YaHei','Noto Sans CJK SC',sans-serif}"
    "main{max-width:34em;margin:0 auto;padding:1em .8em}"
    ".card{background:#fff;color:#1b1f24;border:1px solid #d5dae0;border-radius:10px;padding:1.4em 1.2em;"
    "overflow-wrap:anywhere}"
    "h1{font-size:1.4em;line-height:1.3;margin:.2em 0 .6em}p,ul{margin:0 0 .8em}ul{padding-left:1.3em}"
    ".brand,.more{color:#57606a;font-size:.9em}footer{padding:.8em .3em}"
    "button{display:block;box-sizing:border-box;width:100%;min-height:3.2em;margin:0 0 .8em;padding:.6em 1em;"
    "border-radius:8px;font:inherit;font-weight:bold;cursor:pointer}"
    "button.not{background:#b3261e;color:#fff;border:2px solid #b3261e}"
    "button.yes{background:#fff;color:#1b1f24;border:2px solid #1b1f24}"
    "button:focus-visible,a:focus-visible{outline:3px solid #0b57d0;outline-offset:2px}"
    ".never{background:#fff6e5;color:#4a3200;border-radius:8px;padding:.8em 1em;margin:1em 0 0}"
    "ol{padding-left:1.5em;margin:0 0 .8em}li{margin:0 0 .4em}"
    "@media(prefers-color-scheme:dark){body{background:#101316;color:#e8eaed}"
    ".card{background:#1c2126;color:#e8eaed;border-color:#3c444d}.brand,.more{color:#b4bcc6}"
    "button.yes{background:#1c2126;color:#fff;border-color:#e8eaed}"
    "button:focus-visible,a:focus-visible{outline-color:#a8c7fa}"
    ".never{background:#3a2d0f;color:#ffe6b0}a{color:#a8c7fa}}";

std::string Escaped(std::string_view text) {
  std::string out;
  AppendHtml(out, text);
  return out;
}

class Page {
 public:
  Page(Locale locale, const AlertsConfig& config) : locale_(locale), config_(config) {}

  [[nodiscard]] std::string Say(MessageKey key) const {
    return Escaped(Messages::Instance().Text(locale_, key, {{"brand", config_.notices.brand}}));
  }
  void Paragraph(MessageKey key) { body_ += "<p>" + Say(key) + "</p>\n"; }

  void Steps(std::initializer_list<MessageKey> keys) {
    body_ += "<ol>\n";
    for (const MessageKey key : keys) body_ += "<li>" + Say(key) + "</li>\n";
    body_ += "</ol>\n";
  }

  void Buttons(schemas::FeedbackVerdict link) {
    const std::string me =
        R"(<button class="yes" name="answer" value="me">)" + Say("answer.me") + "</button>\n";
    const std::string not_me =
        R"(<button class="not" name="answer" value="not_me">)" + Say("answer.not_me") + "</button>\n";
    body_ += "<form method=\"post\">\n";
    body_ += link == schemas::FeedbackVerdict::kMe ? me + not_me : not_me + me;
    body_ += "</form>\n";
  }

  void Support() {
    const SupportConfig& support = config_.support;
    const bool zh = locale_ == Locale::kZhCn;
    const std::string& app = zh && !support.app_path_zh.empty() ? support.app_path_zh : support.app_path;
    const std::string& hours = zh ? support.hours_zh : support.hours_en;
    const auto line = [&](MessageKey key, std::initializer_list<Argument> arguments) {
      body_ += "<li>" + Escaped(Messages::Instance().Text(locale_, key, arguments)) + "</li>\n";
    };
    body_ += "<p>" + Say("reach.intro") + "</p>\n<ul>\n";
    if (!app.empty()) line("reach.app", {{"path", app}});
    if (!support.phone.empty())
      line("reach.phone", {{"name", zh && !support.name_zh.empty() ? support.name_zh : support.name},
                           {"phone", support.phone}});
    if (!support.address.empty()) line("reach.address", {{"address", support.address}});
    if (!hours.empty()) line("reach.hours", {{"hours", hours}});
    body_ += "</ul>\n";
  }

  // In the other language it is asked for by GET: what came of an answer would be the question again.
  [[nodiscard]] std::string Whole(MessageKey heading, bool other_language) const {
    const std::string title = Say(heading);
    const bool zh = locale_ == Locale::kZhCn;
    std::string out = "<!DOCTYPE html>\n<html lang=\"" + std::string(Name(locale_)) + "\">\n<head>\n";
    out +=
        "<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, "
        "initial-scale=1\">\n";
    out +=
        "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n";
    out +=
        "<title>" + title + "</title>\n<style>" + std::string(kStyle) + "</style>\n</head>\n<body>\n<main>\n";
    out += "<div class=\"card\">\n<p class=\"brand\">" + Escaped(config_.notices.brand) + "</p>\n";
    out += "<h1>" + title + "</h1>\n" + body_ + "<p class=\"never\">" + Say("never") + "</p>\n</div>\n";
    if (other_language) {
      out += "<footer><p class=\"more\">";
      out += zh ? R"(<a href="?lang=en" lang="en">English</a>)"
                : R"(<a href="?lang=zh-CN" lang="zh-CN">中文</a>)";
      out += "</p></footer>\n";
    }
    out += "</main>\n</body>\n</html>\n";
    return out;
  }

 private:
  const Locale locale_;
  const AlertsConfig& config_;
  std::string body_;
};

}  // namespace

std::string RenderAnswerPage(AnswerPage page, Locale locale, const AlertsConfig& config,
                             schemas::FeedbackVerdict link) {
  Page out(locale, config);
  MessageKey heading = "page.thanks";
  switch (page) {
    case AnswerPage::kAsk:
      heading = "heading.answer";
      out.Paragraph("page.ask");
      out.Buttons(link);
      return out.Whole(heading, true);
    case AnswerPage::kThanksMe:
      out.Paragraph("page.thanks.me");
      out.Paragraph("page.thanks.restricted");
      break;
    case AnswerPage::kThanksNotMe:
      out.Paragraph("page.thanks.not_me");
      out.Paragraph("page.now");
      out.Steps({"page.step.app", "page.step.look"});
      break;
    case AnswerPage::kAnswered:
      heading = "page.answered";
      out.Paragraph("page.answered.text");
      break;
    case AnswerPage::kExpired:
      heading = "page.expired";
      out.Paragraph("page.expired.text");
      out.Steps({"page.step.support", "page.step.app", "page.step.look"});
      out.Paragraph("page.expired.me");
      break;
    case AnswerPage::kUnknown:
      heading = "page.unknown";
      out.Paragraph("page.unknown.text");
      break;
    case AnswerPage::kLater:
      heading = "page.later";
      out.Paragraph("page.later.text");
      break;
  }
  out.Support();
  return out.Whole(heading, page == AnswerPage::kExpired || page == AnswerPage::kUnknown);
}

}  // namespace tocsin::alerts
