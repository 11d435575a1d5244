// What must never stand in a message, whatever an attacker writes into names, devices, places and payees.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "alerts/notice_samples.h"
#include "alerts/notice_text.h"
#include "alerts/sms.h"
#include "alerts/ticket_text.h"
#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kHostile =
    "<script>alert(1)</script> \"'><img src=x onerror=1> https://evil.example.com/login \u202Egnp.exe | "
    "**bold** [a](b) {{brand}}";

schemas::Notice HostileNotice(Scenario& s, const std::string& locale) {
  s.owner.locale = locale;
  s.owner.display_name = kHostile;
  schemas::Event event = s.Transfer(kNoon);
  event.ip = IpAddress::Parse("8.8.4.4");
  event.facts.place.city = kHostile;
  event.facts.device.browser_family = kHostile;
  event.facts.device.os_family = kHostile;
  schemas::Transaction transaction = *event.transaction();
  transaction.counterparty.name = kHostile;
  event.payload = transaction;
  schemas::Claim claim = Travel();
  claim.reasons = {{"impossible_travel", kHostile, kHostile}, {"no such reason <b>", kHostile, ""}};
  return s.Decide(event, {claim}).notices.at(0);
}

TEST(NoticeSafetyTest, HostileTextIsOnlyText) {
  for (const char* locale : {"en", "zh-CN"}) {
    Scenario s;
    const schemas::Notice notice = HostileNotice(s, locale);
    EXPECT_THAT(notice.html,
                AllOf(Not(HasSubstr("<script")), Not(HasSubstr("<img")), Not(HasSubstr("onerror=1>"))));
    for (const std::string* part : {&notice.html, &notice.text, &notice.subject}) {
      EXPECT_THAT(*part, AllOf(Not(HasSubstr("evil.example.com")), Not(HasSubstr("https://evil")),
                               Not(HasSubstr("\u202E"))));
      EXPECT_THAT(*part, Not(HasSubstr("Example Pay}}")));
    }
    EXPECT_EQ(notice.subject.find('\n'), std::string::npos);
  }
}

TEST(NoticeSafetyTest, NothingIsShownInFull) {
  Scenario s;
  const schemas::Notice notice = s.Decide(s.Transfer(kNoon), {Travel()}).notices.at(0);
  std::string all = notice.subject + notice.text + notice.html + notice.reference;
  for (const auto& [name, value] : notice.facts) all += value;
  EXPECT_THAT(all,
              AllOf(Not(HasSubstr("acct-29487715")), Not(HasSubstr("6222020200112233445")),
                    Not(HasSubstr("8.8.8.8")), Not(HasSubstr("li@example.com")), Not(HasSubstr("138 0000"))));
  EXPECT_THAT(all, AllOf(HasSubstr("ac…15"), HasSubstr("62…45"), HasSubstr("8.8.8.*")));
}

TEST(NoticeSafetyTest, NoTelephoneNumberOfAStranger) {
  const std::string call = "Fraud team: call +1 888 555 0199 now";
  Scenario s;
  s.owner.display_name = call;
  schemas::Event event = s.Login(kNoon);
  event.facts.device = {.missing = schemas::Missing::kNo, .model = call};
  schemas::Claim device = Travel();
  device.reasons = {{"new_device", call, call}};
  schemas::Claim again = device;
  again.cause = {"another"};
  std::string all;
  for (const auto& [name, value] : s.Decide(event, {device}).notices.at(0).facts) all += value;
  for (const schemas::Notice& notice : s.Decide(s.Login(kNoon + 30h), {again}).notices) all += notice.text;
  all += s.decision.notices.at(0).text + s.decision.notices.at(0).html;
  EXPECT_THAT(all, AllOf(HasSubstr("Fraud team"), Not(HasSubstr("888")), Not(HasSubstr("0199"))));
}

TEST(NoticeSafetyTest, ThePayeeOfAChangeIsNotShownInFull) {
  Scenario s;
  schemas::Event event = s.Login(kNoon);
  event.type = schemas::EventType::kAccountChange;
  event.payload =
      schemas::AccountChange{.change = schemas::ChangeKind::kPayeeAdded, .payee_id = "6222020200112233445"};
  const schemas::Notice notice = s.Decide(event, {Travel()}).notices.at(0);
  std::string all = notice.subject + notice.text + notice.html;
  for (const auto& [name, value] : notice.facts) all += value;
  EXPECT_THAT(all, AllOf(HasSubstr("payee added"), Not(HasSubstr("6222020200112233445"))));
}

TEST(NoticeSafetyTest, PrivateAddressesAreNotShown) {
  Scenario s;
  schemas::Event event = s.Login(kNoon);
  event.ip = IpAddress::Parse("10.1.2.3");
  const schemas::Notice notice = s.Decide(event, {Travel()}).notices.at(0);
  EXPECT_THAT(notice.text, AllOf(Not(HasSubstr("10.1.2")), Not(HasSubstr("IP address"))));
}

// Every message of every kind, in both languages.
class EveryNoticeTest : public ::testing::TestWithParam<std::tuple<NoticeTemplate, Locale>> {};

TEST_P(EveryNoticeTest, SaysWhatAnOwnerNeeds) {
  const auto [form, locale] = GetParam();
  const bool zh = locale == Locale::kZhCn;
  NoticeFacts facts = SampleFacts(form);
  // What the owner has said is not taken back by a link.
  const bool asks = form != NoticeTemplate::kReported;
  EXPECT_EQ(!facts.link_me.empty(), asks);
  for (const bool links : {asks, false}) {
    if (!links) facts.link_me = facts.link_not_me = "";
    const RenderedNotice notice = RenderNotice(form, locale, schemas::ContactChannel::kEmail, facts);
    for (const std::string& part : {notice.text, notice.html}) {
      EXPECT_THAT(part, HasSubstr(facts.reference));
      EXPECT_THAT(part, HasSubstr("UTC+8"));
      if (asks) {
        EXPECT_THAT(part, HasSubstr(zh ? "是我本人操作" : "his was me"));
        EXPECT_THAT(part, HasSubstr(zh ? "不是我本人操作" : "his was not me"));
      }
      EXPECT_THAT(part, HasSubstr(zh ? "修改密码" : "Change your password"));
      EXPECT_THAT(part, HasSubstr(zh ? "二次验证" : "second factor"));
      EXPECT_THAT(part, HasSubstr(zh ? "登录和交易记录" : "recent sign-ins and payments"));
      EXPECT_THAT(part, HasSubstr(zh ? "绝不会向您索要密码或验证码" : "We never ask for your password"));
      EXPECT_THAT(part, HasSubstr(facts.support.phone));
      EXPECT_THAT(part, HasSubstr("help.example.com"));
      EXPECT_THAT(part, HasSubstr(zh ? facts.support.hours_zh : facts.support.hours_en));
      EXPECT_EQ(part.find("{{"), std::string::npos);
      EXPECT_EQ(part.find(zh ? "身份证件" : "identity document") != std::string::npos,
                facts.review_by.has_value());
    }
    EXPECT_EQ(notice.text.find("\n\n\n"), std::string::npos);
    for (const char* outside : {"<img", "<script", "<link", "<form", "<input", "src=", "url(", "@import"}) {
      EXPECT_EQ(notice.html.find(outside), std::string::npos) << outside;
    }
    // The only addresses in the page are the two answers.
    size_t addresses = 0;
    for (size_t at = notice.html.find("href="); at != std::string::npos;
         at = notice.html.find("href=", at + 1))
      ++addresses;
    EXPECT_EQ(addresses, links ? 2u : 0u);
  }
}

TEST_P(EveryNoticeTest, FitsASmallScreen) {
  const auto [form, locale] = GetParam();
  for (const auto channel : {schemas::ContactChannel::kSms, schemas::ContactChannel::kPush}) {
    const RenderedNotice notice = RenderNotice(form, locale, channel, SampleFacts(form));
    EXPECT_EQ(notice.html, "");
    EXPECT_EQ(notice.text.find('\n'), std::string::npos);
  }
}

// One part in English, two in Chinese, with the longest that is likely; the essential is never left out.
TEST_P(EveryNoticeTest, FitsOneShortMessageOrTwo) {
  const auto [form, locale] = GetParam();
  const bool zh = locale == Locale::kZhCn;
  const auto check = [&, form = form, locale = locale](const NoticeFacts& facts) {
    const std::string text = ShortText(form, locale, facts);
    SCOPED_TRACE(text);
    const std::optional<size_t> gsm = GsmLength(text);
    if (zh) {
      EXPECT_LE(Ucs2Length(text), kUcs2TwoPartsMax);
    } else {
      ASSERT_TRUE(gsm.has_value());
      EXPECT_LE(*gsm, kGsmPartMax);
    }
    EXPECT_THAT(text, HasSubstr(facts.reference));
    EXPECT_THAT(text, HasSubstr(facts.support.app_path.empty() ? facts.support.phone
                                : zh                           ? facts.support.app_path_zh
                                                               : facts.support.app_path));
    if (form != NoticeTemplate::kDigest) {
      EXPECT_THAT(text, HasSubstr(zh ? "12月28日23:59" : "28 Dec 23:59"));
    }
    if (facts.what.type == schemas::EventType::kTransaction && form != NoticeTemplate::kReported) {
      EXPECT_THAT(text, HasSubstr("999,999,999"));
    }
  };
  NoticeFacts facts = SampleFacts(form);
  facts.what.at = *ParseRfc3339("2026-12-28T15:59:00Z");
  facts.brand = "Example Pay Services";
  facts.what.place = "São José dos Campos, BR";
  facts.what.device = "Samsung Internet on Android";
  facts.what.amount = {.minor = 999'999'999, .currency = *Currency::Find("VND")};
  facts.support.app_path = "App > My account > Security";
  facts.support.app_path_zh = "App > 我的账户 > 账户安全中心";
  using schemas::EventType;
  using enum schemas::TransactionStatus;
  for (const auto severity : {schemas::Severity::kMedium, schemas::Severity::kCritical}) {
    facts.severity = severity;
    for (const EventType type : {facts.what.type, EventType::kLogin, EventType::kTransaction,
                                 EventType::kAccountChange, EventType::kFeedback}) {
      facts.what.type = type;
      facts.what.direction = schemas::Direction::kOut;
      for (const auto status : {kNone, kAuthorized, kCompleted, kDeclined, kFailed, kReversed}) {
        facts.what.status = status;
        facts.what.outcome = schemas::LoginOutcome::kFailure;
        facts.what.verdict = schemas::FeedbackVerdict::kConfirmedFraud;
        check(facts);
      }
    }
  }
  facts.support.app_path = facts.support.app_path_zh = "";
  facts.support.phone = "+86 400 0000 0000 ext. 1";
  check(facts);
}

TEST(ShortMessageTest, IsAsLongAsItsCharactersSay) {
  EXPECT_EQ(GsmLength("CNY 5.00 > [x]"), 16U) << "brackets count twice";
  EXPECT_EQ(GsmLength("¥5 für é"), 8U);
  EXPECT_FALSE(GsmLength("São"));
  EXPECT_FALSE(GsmLength("`"));
  EXPECT_EQ(Ucs2Length("账户 1"), 4U);
}

// A place with letters that a short message has not would cost half of it.
TEST(ShortMessageTest, APlaceIsSaidWhereThereIsRoom) {
  NoticeFacts facts = SampleFacts(NoticeTemplate::kLoginSuspicious);
  EXPECT_THAT(ShortText(NoticeTemplate::kLoginSuspicious, Locale::kEn, facts),
              HasSubstr("Bangkok, Thailand"));
  facts.what.place = "São Paulo, BR";
  EXPECT_THAT(ShortText(NoticeTemplate::kLoginSuspicious, Locale::kEn, facts), Not(HasSubstr("Paulo")));
}

std::string TestName(const ::testing::TestParamInfo<std::tuple<NoticeTemplate, Locale>>& tested) {
  const auto [form, locale] = tested.param;
  return std::string(Name(form)) + (locale == Locale::kEn ? "_en" : "_zh");
}
INSTANTIATE_TEST_SUITE_P(All, EveryNoticeTest,
                         ::testing::Combine(::testing::ValuesIn(kNoticeTemplates),
                                            ::testing::ValuesIn(kLocales)),
                         TestName);

TEST(NoticeSafetyTest, EveryReasonLeadsToAForm) {
  EXPECT_EQ(TemplateOf("new_country_rare", schemas::Family::kLocation), NoticeTemplate::kLoginNew);
  EXPECT_EQ(TemplateOf("anonymous_tor", schemas::Family::kLocation), NoticeTemplate::kLoginSuspicious);
  EXPECT_EQ(TemplateOf("guessed_in", schemas::Family::kCredential), NoticeTemplate::kLoginSuspicious);
  EXPECT_EQ(TemplateOf("limit_breach", schemas::Family::kLimit), NoticeTemplate::kMoney);
  EXPECT_EQ(TemplateOf("limit_approach", schemas::Family::kLimit), NoticeTemplate::kLimitApproach);
  EXPECT_EQ(TemplateOf("confirmed_fraud", schemas::Family::kReport), NoticeTemplate::kReported);
  for (const NoticeTemplate form : kNoticeTemplates) EXPECT_EQ(TemplateFromName(Name(form)), form);
  EXPECT_FALSE(TemplateFromName("nothing"));
}

TEST(TicketSafetyTest, HostileTextBreaksNeitherTableNorBlock) {
  Scenario s;
  schemas::Event event = s.Transfer(kNoon);
  event.event_id = EventId("id | ``` \n# heading <b>");
  event.account_id = AccountId("acct | `x` [link](http://evil.example.com)");
  event.facts.place.city = kHostile;
  event.facts.device.browser_family = kHostile;
  schemas::Claim claim = Travel();
  claim.cause = {event.event_id.str()};
  claim.reasons = {{"impossible_travel", kHostile, kHostile}};
  const schemas::Ticket ticket = s.Decide(event, {claim}).tickets.at(0);
  size_t fences = 0;
  for (size_t at = ticket.body.find("```"); at != std::string::npos; at = ticket.body.find("```", at + 3))
    ++fences;
  EXPECT_EQ(fences, 2u);
  const std::string people = ticket.body.substr(0, ticket.body.find("```"));
  EXPECT_THAT(people, AllOf(Not(HasSubstr("[link](")), Not(HasSubstr("\n# heading")), Not(HasSubstr(" <b>")),
                            Not(HasSubstr("[a](b)"))));
  EXPECT_EQ(ticket.subject.find('\n'), std::string::npos);
  EXPECT_THAT(ticket.timeline.at(0).flagged, true);
}

// Readers of Markdown know entities as HTML does.
TEST(TicketSafetyTest, AnEntityStaysText) {
  EXPECT_EQ(EscapeMarkdown("&lt;b&gt; & co"), R"(\&lt;b\&gt; \& co)");
}

TEST(TicketSafetyTest, TheSubjectDoesNotShowTheAccount) {
  Scenario s;
  const schemas::Ticket ticket = s.Decide(s.Login(kNoon), {Travel()}).tickets.at(0);
  EXPECT_THAT(ticket.subject, Not(HasSubstr("29487715")));
  EXPECT_THAT(ticket.body, HasSubstr("acct-29487715"));
}

}  // namespace
}  // namespace tocsin::alerts::testing
