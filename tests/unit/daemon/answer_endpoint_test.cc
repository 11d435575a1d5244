#include "daemon/http/answer_endpoint.h"

#include <gtest/gtest.h>

namespace tocsin::daemon {
namespace {

using alerts::Locale;
using schemas::FeedbackVerdict;

constexpr Timestamp kNow{std::chrono::hours(500'000)};

class AnswerEndpointTest : public testing::Test {
 protected:
  AnswerEndpointTest() {
    present_.base_url = "https://security.example.com";
    present_.key = std::string(32, 'k');
    present_.key_id = "2";
    before_ = present_;
    before_.key = std::string(32, 'b');
    before_.key_id = "1";
    Make({before_});
  }
  void Make(std::vector<alerts::AnswersConfig> before) {
    AnswerEndpointOptions options;
    options.alerts.answers = present_;
    options.before = std::move(before);
    options.keep = [this](std::string_view account, const std::string& event) -> Result<Done> {
      if (broken_) return Error{ErrorCode::kUnavailable, "disk", "full"};
      kept_.push_back(std::string(account) + " " + event);
      return Done{};
    };
    options.said_not_me = [this](const alerts::AnswerClaim& claim) {
      return durable_not_me_ == claim.account_id.view();
    };
    options.wall_clock = [this] { return now_; };
    endpoint_ = std::make_unique<AnswerEndpoint>(std::move(options));
  }
  std::string Link(FeedbackVerdict verdict, const alerts::AnswersConfig& key, std::string locale = {},
                   std::string notice_id = std::string(32, 'a')) {
    return "/r/" + alerts::MakeAnswerToken({.notice_id = std::move(notice_id),
                                            .account_id = AccountId("account-1"),
                                            .verdict = verdict,
                                            .expires_at = kNow + std::chrono::hours(72),
                                            .locale = std::move(locale)},
                                           key);
  }
  HttpResponse Call(const char* method, const std::string& path, std::string_view body = {},
                    std::string_view language = "en", std::string_view query = {}) {
    HttpRequest request{.method = method, .path = path, .query = query, .body = body, .headers = {}};
    request.headers.emplace("accept-language", language);
    for (const HttpRoute& route : endpoint_->Routes()) {
      if (route.method == method) return route.handle(request);
    }
    return {};
  }

  alerts::AnswersConfig present_;
  alerts::AnswersConfig before_;
  Timestamp now_ = kNow;
  bool broken_ = false;
  std::string durable_not_me_;  // The account whose state has it.
  std::vector<std::string> kept_;
  std::unique_ptr<AnswerEndpoint> endpoint_;
};

bool Has(const HttpResponse& response, std::string_view text) {
  return response.body.find(text) != std::string::npos;
}

TEST_F(AnswerEndpointTest, OpeningTheLinkChangesNothing) {
  const std::string link = Link(FeedbackVerdict::kNotMe, present_);
  for (int i = 0; i < 5; ++i) {
    const HttpResponse page = Call("GET", link);
    EXPECT_EQ(page.status, 200);
    EXPECT_TRUE(Has(page, "value=\"me\"") && Has(page, "value=\"not_me\""));
    EXPECT_FALSE(Has(page, link)) << "the address is not in the page";
  }
  EXPECT_TRUE(kept_.empty());
}

TEST_F(AnswerEndpointTest, TheButtonOfTheLinkComesFirst) {
  const HttpResponse no = Call("GET", Link(FeedbackVerdict::kNotMe, present_));
  EXPECT_LT(no.body.find("value=\"not_me\""), no.body.find("value=\"me\""));
  const HttpResponse yes = Call("GET", Link(FeedbackVerdict::kMe, present_));
  EXPECT_GT(yes.body.find("value=\"not_me\""), yes.body.find("value=\"me\""));
}

TEST_F(AnswerEndpointTest, AnAnswerIsOneEventHoweverOftenItIsPressed) {
  const std::string link = Link(FeedbackVerdict::kNotMe, present_);
  EXPECT_EQ(Call("POST", link, "answer=not_me").status, 200);
  now_ += std::chrono::minutes(1);
  EXPECT_EQ(Call("POST", link, "answer=not_me").status, 200);
  ASSERT_EQ(kept_.size(), 2U);
  const auto id = [](const std::string& event) { return event.substr(event.find("event_id"), 45); };
  EXPECT_EQ(id(kept_[0]), id(kept_[1]));
  EXPECT_EQ(kept_[0].find("account-1 {\"type\":\"feedback\""), 0U);
  EXPECT_NE(kept_[0].find(R"("verdict":"not_me","by":"owner","notice_id":"aaaa)"), std::string::npos);
}

// The process ended with the key as the present one, and began with another.
TEST_F(AnswerEndpointTest, AnAnswerIsOneEventAlsoAfterAChangeOfKeys) {
  const std::string link = Link(FeedbackVerdict::kNotMe, present_);
  const auto id = [](const std::string& event) { return event.substr(event.find("event_id"), 45); };
  EXPECT_EQ(Call("POST", link, "answer=not_me").status, 200);
  const alerts::AnswersConfig old = present_;
  present_.key = std::string(32, 'n');
  present_.key_id = "3";
  Make({before_, old});
  EXPECT_EQ(Call("POST", link, "answer=not_me").status, 200);
  EXPECT_EQ(Call("POST", Link(FeedbackVerdict::kNotMe, present_), "answer=not_me").status, 200);
  ASSERT_EQ(kept_.size(), 3U);
  EXPECT_EQ(id(kept_[0]), id(kept_[1]));
  EXPECT_NE(id(kept_[0]), id(kept_[2])) << "a link of the present key";
}

TEST_F(AnswerEndpointTest, NotMeStands) {
  EXPECT_EQ(Call("POST", Link(FeedbackVerdict::kMe, present_), "answer=me").status, 200);
  EXPECT_EQ(Call("POST", Link(FeedbackVerdict::kMe, present_), "answer=not_me").status, 200);
  const HttpResponse again = Call("POST", Link(FeedbackVerdict::kMe, present_), "answer=me");
  EXPECT_EQ(again.status, 409);
  EXPECT_TRUE(Has(again, "stays protected until support has spoken with you"));
  EXPECT_EQ(kept_.size(), 3U) << "whoever works the case reads of it";
}

// By the link of another notice, before the state of the account has it; and not for ever.
TEST_F(AnswerEndpointTest, NotMeStandsForEveryLinkOfTheAccount) {
  EXPECT_EQ(Call("POST", Link(FeedbackVerdict::kNotMe, present_), "answer=not_me").status, 200);
  const std::string other = Link(FeedbackVerdict::kMe, present_, {}, std::string(32, 'c'));
  EXPECT_EQ(Call("POST", other, "answer=me").status, 409);
  now_ += std::chrono::minutes(11);
  EXPECT_EQ(Call("POST", other, "answer=me").status, 200) << "what the state says counts from now on";
}

TEST_F(AnswerEndpointTest, NotMeStandsAfterARestart) {
  durable_not_me_ = "account-1";
  EXPECT_EQ(Call("POST", Link(FeedbackVerdict::kMe, present_), "answer=me").status, 409);
  EXPECT_EQ(Call("POST", Link(FeedbackVerdict::kMe, present_), "answer=not_me").status, 200);
  durable_not_me_ = "another";
  Make({});
  EXPECT_EQ(Call("POST", Link(FeedbackVerdict::kMe, present_), "answer=me").status, 200);
}

TEST_F(AnswerEndpointTest, KeysChangeWhileLinksAreOnTheirWay) {
  EXPECT_EQ(Call("GET", Link(FeedbackVerdict::kMe, before_)).status, 200);
  Make({});
  EXPECT_EQ(Call("GET", Link(FeedbackVerdict::kMe, before_)).status, 404);
}

TEST_F(AnswerEndpointTest, OldAndForeignLinksSaySo) {
  const std::string link = Link(FeedbackVerdict::kMe, present_);
  EXPECT_EQ(Call("GET", "/r/nonsense").status, 404);
  EXPECT_EQ(Call("POST", link.substr(0, link.size() - 1), "answer=me").status, 404);
  now_ += std::chrono::hours(72);
  EXPECT_EQ(Call("GET", link).status, 410);
  EXPECT_EQ(Call("POST", link, "answer=not_me").status, 410);
  EXPECT_TRUE(kept_.empty());
}

TEST_F(AnswerEndpointTest, ABodyThatIsNoAnswerAsksAgain) {
  for (const char* body : {"", "answer=", "answer=yes", "answer=me&answer=not_me", "x"})
    EXPECT_EQ(Call("POST", Link(FeedbackVerdict::kMe, present_), body).status, 400) << body;
  EXPECT_TRUE(kept_.empty());
}

TEST_F(AnswerEndpointTest, WhatCannotBeKeptIsSaid) {
  broken_ = true;
  EXPECT_EQ(Call("POST", Link(FeedbackVerdict::kNotMe, present_), "answer=not_me").status, 503);
  broken_ = false;
  EXPECT_EQ(Call("POST", Link(FeedbackVerdict::kNotMe, present_), "answer=not_me").status, 200);
}

TEST_F(AnswerEndpointTest, SpeaksTheLanguageOfTheNotice) {
  const std::string link = Link(FeedbackVerdict::kMe, present_, "zh-CN");
  const std::string_view chinese = "<html lang=\"zh-CN\">";
  EXPECT_TRUE(Has(Call("GET", link, {}, "en"), chinese));
  EXPECT_TRUE(Has(Call("POST", link, "", "en"), chinese)) << "no answer";
  EXPECT_TRUE(Has(Call("POST", link, "answer=not_me", "en"), chinese)) << "thanks";
  EXPECT_TRUE(Has(Call("POST", link, "answer=me", "en"), chinese)) << "already answered";
  EXPECT_TRUE(Has(Call("GET", link, {}, "zh-CN", "lang=en"), "<html lang=\"en\">")) << "the reader chose";
  now_ += std::chrono::hours(72);
  EXPECT_TRUE(Has(Call("GET", link, {}, "en"), chinese)) << "too old";
  EXPECT_TRUE(
      Has(Call("GET", Link(FeedbackVerdict::kMe, present_, "en"), {}, "zh-CN"), "<html lang=\"en\">"));
}

TEST_F(AnswerEndpointTest, WithoutOneSpeaksTheLanguageOfTheBrowser) {
  const std::string link = Link(FeedbackVerdict::kMe, present_);
  EXPECT_TRUE(Has(Call("GET", link, {}, "zh-TW,zh;q=0.9,en;q=0.8"), "<html lang=\"zh-CN\">"));
  EXPECT_TRUE(Has(Call("GET", link, {}, "fr, en-GB;q=0.7"), "<html lang=\"en\">"));
  EXPECT_TRUE(Has(Call("GET", link, {}, "en", "lang=zh-CN"), "<html lang=\"zh-CN\">"));
  EXPECT_EQ(AcceptedLocale("fr,de", Locale::kZhCn), Locale::kZhCn);
  EXPECT_EQ(AcceptedLocale(", ;q=1,en", Locale::kZhCn), Locale::kEn);
}

TEST_F(AnswerEndpointTest, ThePageIsKeptNowhereAndFramedByNobody) {
  std::map<std::string, std::string> headers;
  for (const auto& [name, value] : Call("GET", Link(FeedbackVerdict::kMe, present_)).headers)
    headers[name] = value;
  EXPECT_EQ(headers["Cache-Control"], "no-store");
  EXPECT_EQ(headers["Referrer-Policy"], "no-referrer");
  EXPECT_NE(headers["Content-Security-Policy"].find("frame-ancestors 'none'"), std::string::npos);
  EXPECT_NE(headers["Content-Security-Policy"].find("default-src 'none'"), std::string::npos);
}

// Who presses "not me" on the fourth day is still somebody whose money may be leaving.
TEST(AnswerPageTest, AnOldLinkSaysWhatToDoNow) {
  alerts::AlertsConfig config;
  config.support.phone = "+1 555 0100";
  const auto page = [&](Locale locale) {
    return RenderAnswerPage(alerts::AnswerPage::kExpired, locale, config, FeedbackVerdict::kNotMe);
  };
  const std::string english = page(Locale::kEn);
  const std::string chinese = page(Locale::kZhCn);
  for (const char* part : {"No answer was recorded", "<ol>", "Give the case number", "Change your password",
                           "end all other sign-ins", "If money has left", "If it was you", "+1 555 0100"})
    EXPECT_NE(english.find(part), std::string::npos) << part;
  for (const char* part : {"未记录任何回答", "<ol>", "受理编号", "修改密码", "退出其他所有登录",
                           "并非您本人转出", "如果是您本人操作", "+1 555 0100"})
    EXPECT_NE(chinese.find(part), std::string::npos) << part;
  EXPECT_EQ(english.find("<button"), std::string::npos);
}

TEST(AnswerPageTest, EveryPageIsCompleteInEachLanguage) {
  alerts::AlertsConfig config;
  config.notices.brand = "<b>&\"Pay'";
  config.support.phone = "+1 555 0100";
  for (const Locale locale : alerts::kLocales) {
    for (int page = 0; page <= static_cast<int>(alerts::AnswerPage::kLater); ++page) {
      const std::string html =
          RenderAnswerPage(static_cast<alerts::AnswerPage>(page), locale, config, FeedbackVerdict::kMe);
      EXPECT_EQ(html.find("<b>"), std::string::npos);
      EXPECT_EQ(html.find("<script"), std::string::npos);
      EXPECT_EQ(html.find("<img"), std::string::npos);
      EXPECT_EQ(html.find("http"), std::string::npos) << "nothing from elsewhere, no link to sign in";
      EXPECT_NE(html.find("&lt;b&gt;&amp;&quot;Pay&#39;"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace tocsin::daemon
