// What a notice is led by, and to whom it goes.
#include "alerts/notices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "alerts/notice_samples.h"
#include "alerts/notice_text.h"
#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts::testing {
namespace {

using namespace std::chrono_literals;
using schemas::FeedbackBy;
using schemas::FeedbackVerdict;
using schemas::Severity;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST(NoticesTest, NoticesGoToVerifiedContactsPrimaryFirst) {
  Scenario s;
  s.previous = {{schemas::ContactChannel::kEmail, "old@example.com", true, false}};
  const auto addresses = [](const schemas::Notice& notice) {
    std::vector<std::string> list;
    for (const auto& recipient : notice.recipients) list.push_back(recipient.address);
    return list;
  };
  EXPECT_THAT(addresses(s.Decide(s.Login(kNoon), {NewDevice()}).notices.at(0)),
              ElementsAre("li@example.com", "second@example.com"));
  const auto answer = s.Answer(kNoon + 1h, FeedbackVerdict::kNotMe, FeedbackBy::kOwner, "");
  EXPECT_THAT(addresses(s.Decide(answer, {Reported()}).notices.at(0)),
              ElementsAre("li@example.com", "second@example.com", "old@example.com"))
      << "a report goes to the contacts before as well";
  EXPECT_THAT(addresses(s.Decide(s.Transfer(kNoon + 2h), {Breach()}).notices.at(0)),
              Contains("old@example.com"))
      << "and so does what follows in its case";
  Scenario high;
  high.previous = s.previous;
  EXPECT_THAT(addresses(high.Decide(high.Login(kNoon), {Travel()}).notices.at(0)),
              Contains("old@example.com"))
      << "and whatever is high";
}

// Three wrong codes, and then the right one: "somebody tries" does not tell that he got in.
TEST(NoticesTest, WhoGotInIsToldThoughHisAttemptsWere) {
  Scenario s;
  const auto failed = [&s](Timestamp at) {
    schemas::Event event = s.Login(at);
    event.payload = schemas::Login{.outcome = schemas::LoginOutcome::kFailure,
                                   .failure_reason = schemas::FailureReason::kMfaFailed};
    return event;
  };
  const auto claim = [](const char* detector) {
    return MakeClaim(detector, schemas::Family::kCredential, Severity::kMedium, 0.1);
  };
  EXPECT_THAT(s.Decide(failed(kNoon), {claim("mfa_fatigue")}).notices, SizeIs(1));
  EXPECT_THAT(s.Decide(failed(kNoon + 1min), {claim("partial_success")}).notices, IsEmpty()) << "joined";
  EXPECT_THAT(s.Decide(s.Login(kNoon + 2min), {claim("new_device")}).notices, SizeIs(1)) << "he got in";
  EXPECT_THAT(s.Decide(s.Login(kNoon + 3min), {claim("new_country")}).notices, IsEmpty()) << "joined";
}

// A strange country weighs more than a limit; what is told is the payment that is kept.
TEST(NoticesTest, AHeldPaymentIsToldAsAPayment) {
  const schemas::Claim abroad =
      MakeClaim("new_country", schemas::Family::kLocation, Severity::kCritical, 5, "login");
  schemas::Claim limit = Breach();
  limit.severity = Severity::kCritical;
  Scenario both;
  const Decision& led = both.Decide(both.Transfer(kNoon), {abroad, limit});
  EXPECT_EQ(led.actions.at(0).reason, "new_country");
  EXPECT_EQ(led.notices.at(0).template_name, "money");
  EXPECT_THAT(led.notices.at(0).text, HasSubstr("limit"));
  Scenario alone;
  EXPECT_EQ(alone.Decide(alone.Transfer(kNoon), {abroad}).notices.at(0).template_name, "money");
}

// To warn a mule is forbidden; and what the policy tells nobody is not told beside something else.
TEST(NoticesTest, WhatTheOwnerIsNotToldIsInNoNotice) {
  schemas::Claim passes = MakeClaim("pass_through", schemas::Family::kMoney, Severity::kHigh, 1.5);
  passes.reasons = {{"pass_through", "EUR 900.00", "EUR 1000.00"}};
  Scenario alone;
  const Decision& silent = alone.Decide(alone.Transfer(kNoon), {passes});
  EXPECT_THAT(silent.notices, IsEmpty());
  EXPECT_THAT(silent.tickets, SizeIs(1));
  Scenario beside;
  const Decision& d = beside.Decide(beside.Transfer(kNoon), {Breach(), passes});
  ASSERT_THAT(d.notices, SizeIs(1));
  EXPECT_THAT(d.notices[0].text, HasSubstr("limit"));
  EXPECT_THAT(d.notices[0].text, Not(HasSubstr("sent on")));
  EXPECT_THAT(d.notices[0].html, Not(HasSubstr("sent on")));
  EXPECT_THAT(d.tickets.at(0).body, HasSubstr("sent on"));
}

// What a notice promises is of what it, or one before it, told of.
TEST(NoticesTest, ATicketThatTheOwnerIsNotToldOfIsNotPromised) {
  schemas::Claim passes = MakeClaim("pass_through", schemas::Family::kMoney, Severity::kMedium, 1.5);
  const auto device_told = [](Scenario& s) {
    const schemas::Notice notice = s.Decide(s.Login(kNoon + 3h), {NewDevice()}).notices.at(0);
    std::string text = notice.text;
    for (size_t at = 0; (at = text.find(notice.reference, at)) != std::string::npos;)
      text.replace(at, notice.reference.size(), "T");
    return text;
  };
  Scenario without;
  Scenario s;
  ASSERT_THAT(s.Decide(s.Transfer(kNoon), {passes}).tickets, SizeIs(1));
  const std::string text = device_told(s);
  EXPECT_EQ(text, device_told(without));
  EXPECT_THAT(text, HasSubstr("there is nothing else to do"));
  const Decision& told = s.Decide(s.Transfer(kNoon + 5h), {Breach()});
  EXPECT_THAT(told.notices.at(0).text, HasSubstr("replies to you by 3 March 2026, 01:00"));
  EXPECT_EQ(told.tickets.at(0).due.first_reply, kNoon + 24h) << "the ticket is due as ever";
}

// A sign-in was told a minute ago; what leaves the account now is told now, within the hour's three.
TEST(NoticesTest, MoneyThatLeavesIsToldAtOnce) {
  using enum schemas::TransactionStatus;
  const schemas::Claim takeover =
      MakeClaim("takeover_chain", schemas::Family::kTakeover, Severity::kCritical, 3);
  schemas::Claim limit = Breach();
  limit.severity = Severity::kHigh;
  const auto told_with = [&](const schemas::Claim& before, schemas::TransactionStatus status,
                             const schemas::Claim& claim, schemas::Direction direction) {
    Scenario s;
    s.Decide(s.Login(kNoon), {before});
    schemas::Event payment = s.Transfer(kNoon + 1min, status);
    std::get<schemas::Transaction>(payment.payload).direction = direction;
    return s.Decide(payment, {claim}).notices.size();
  };
  const auto out = schemas::Direction::kOut;
  EXPECT_EQ(told_with(takeover, kCompleted, Breach(), out), 1U) << "of a case that may be a takeover";
  EXPECT_EQ(told_with(Travel(), kCompleted, limit, out), 1U) << "high";
  EXPECT_EQ(told_with(Travel(), kCompleted, Breach(), out), 0U) << "neither";
  EXPECT_EQ(told_with(takeover, kDeclined, Breach(), out), 0U) << "it stays where it is";
  EXPECT_EQ(told_with(takeover, kCompleted, Breach(), schemas::Direction::kIn), 0U);

  Scenario s;
  s.Decide(s.Login(kNoon), {takeover});
  limit.severity = Severity::kCritical;
  size_t told = 0;
  for (int i = 1; i <= 20; ++i)
    told += s.Decide(s.Transfer(kNoon + i * 20s, kCompleted), {limit}).notices.size();
  EXPECT_EQ(told, 5U) << "of twenty the 1st, 2nd, 4th, 8th and 16th: nobody is flooded";
}

// The hour's three are over: the thief goes on, and a larger sum than all before it is told all the same.
TEST(NoticesTest, AThiefsFourthPaymentIsTold) {
  schemas::Claim money = MakeClaim("new_payee_large", schemas::Family::kMoney, Severity::kCritical, 3);
  Scenario s;
  const auto told = [&](Millis after, int64_t minor) {
    schemas::Event payment = s.Transfer(kNoon + after, schemas::TransactionStatus::kCompleted);
    std::get<schemas::Transaction>(payment.payload).amount.minor = minor;
    return s.Decide(payment, {money}).notices.size();
  };
  EXPECT_EQ(told(0s, 100'00), 1U);
  EXPECT_EQ(told(20s, 100'00), 1U);
  EXPECT_EQ(told(40s, 100'00), 1U);
  EXPECT_EQ(told(60s, 100'00), 0U);
  EXPECT_EQ(told(80s, 5'000'00), 1U);
  size_t notices = 0;
  for (int i = 0; i < 170; ++i) notices += told(100s + i * 1s, 100'00);
  EXPECT_EQ(notices, 2U) << "each time that it has doubled: nobody is flooded";
}

// Nobody takes the word of a person back by a link: the mailbox may be the thief's.
TEST(NoticesTest, AReportIsNotTakenBackByALink) {
  for (const auto verdict : {FeedbackVerdict::kNotMe, FeedbackVerdict::kConfirmedFraud}) {
    const bool owner = verdict == FeedbackVerdict::kNotMe;
    AlertsConfig config;
    config.answers.base_url = "https://security.example.com";
    config.answers.key = std::string(32, 'k');
    Scenario s(config);
    const schemas::Event report =
        s.Answer(kNoon, verdict, owner ? FeedbackBy::kOwner : FeedbackBy::kAnalyst, "");
    const schemas::Notice notice = s.Decide(report, {Reported()}).notices.at(0);
    EXPECT_EQ(notice.link_me + notice.link_not_me, "");
    EXPECT_THAT(notice.text, HasSubstr("If that was a mistake"));
    EXPECT_THAT(notice.text, HasSubstr(owner ? "What you told us stands" : "Your account stays protected"));
  }
}

TEST(NoticesTest, MoneyThatCameInHasASenderAndNoPayee) {
  for (const bool in : {true, false}) {
    Scenario s;
    schemas::Event event = s.Transfer(kNoon);
    auto& transaction = std::get<schemas::Transaction>(event.payload);
    transaction.counterparty.id = "party-12345678";
    if (in) transaction.direction = schemas::Direction::kIn;
    const Decision& d = s.Decide(event, {Breach()});
    ASSERT_THAT(d.notices, SizeIs(1));
    EXPECT_THAT(d.notices[0].text, HasSubstr(in ? "From: pa…78" : "Payee: pa…78"));
    EXPECT_THAT(d.notices[0].text, HasSubstr(in ? " from pa…78 to your" : " to pa…78 on your"));
    EXPECT_THAT(d.notices[0].text, Not(HasSubstr(in ? "Payee" : "From:")));
  }
}

TEST(NoticesTest, AfterAPaymentAStepUpIsNotOfASignIn) {
  NoticeFacts facts = SampleFacts(NoticeTemplate::kMoney);
  facts.done = {{schemas::ActionKind::kStepUp, kNoon}};
  const auto text = [&facts](NoticeTemplate form) {
    return RenderNotice(form, Locale::kEn, schemas::ContactChannel::kEmail, facts).text;
  };
  EXPECT_THAT(text(NoticeTemplate::kMoney), HasSubstr("before anything else can be done in your account"));
  facts.what = SampleFacts(NoticeTemplate::kLoginNew).what;
  EXPECT_THAT(text(NoticeTemplate::kLoginNew), HasSubstr("before this sign-in can be used"));
}

TEST(NoticesTest, NothingIsSaidTwice) {
  NoticeFacts facts = SampleFacts(NoticeTemplate::kLoginNew);
  facts.reasons = {{"anonymous_hosting", "AS14618 Amazon com, Inc.", "AS3320 Deutsche Telekom AG"},
                   {"new_network_class", "AS14618 Amazon com, Inc.", "AS3320 Deutsche Telekom AG"},
                   {"new_device", "Firefox on Linux", "Pixel 8 (Android)"},
                   {"login_rare_device", "Firefox on Linux", "Pixel 8 (Android)"},
                   {"login_rare_place", "Lagos, NG", "Berlin, DE"}};
  const std::string text =
      RenderNotice(NoticeTemplate::kLoginNew, Locale::kEn, schemas::ContactChannel::kEmail, facts).text;
  EXPECT_THAT(text, HasSubstr("Used from a data centre"));
  EXPECT_THAT(text, Not(HasSubstr("kind of network")));
  EXPECT_THAT(text, HasSubstr("Used on a device that is new"));
  EXPECT_THAT(text, Not(HasSubstr("a device that is unusual")));
  EXPECT_THAT(text, HasSubstr("a place that is unusual")) << "nothing else says that";
}

TEST(NoticesTest, WhatIsGraveIsNotCalledNew) {
  schemas::Claim abroad = MakeClaim("new_country", schemas::Family::kLocation, Severity::kMedium, 2, "login");
  Scenario s;
  EXPECT_EQ(s.Decide(s.Login(kNoon), {abroad}).notices.at(0).template_name, "login_new");
  abroad.severity = Severity::kHigh;
  EXPECT_EQ(s.Decide(s.Login(kNoon + 1h), {abroad}).notices.at(0).template_name, "login_suspicious");
}

// A device that was reported before got in: nobody reads that it was kept out.
TEST(NoticesTest, AReportedDeviceThatIsUsedAgainGotIn) {
  schemas::Claim again = NewDevice();
  again.severity = Severity::kHigh;
  again.reasons.front().code = "new_device_refused";
  Scenario s;
  const Decision& d = s.Decide(s.Login(kNoon), {again});
  const std::string& notice = d.notices.at(0).text;
  EXPECT_THAT(notice, HasSubstr("The sign-in succeeded."));
  EXPECT_THAT(notice, HasSubstr("- Used on a device that was reported as not yours: Chrome on Windows "
                                "(usually iPhone 15 (iOS))."));
  EXPECT_THAT(d.tickets.at(0).body, HasSubstr("Used on a device that was reported as not the owner's: "));
  EXPECT_EQ(d.findings.at(0).reasons.at(0).text,
            "Used on a device that was reported as not the owner's: Chrome on Windows (usually iPhone 15 "
            "(iOS)).");
  s.owner.locale = "zh-CN";
  EXPECT_THAT(s.Decide(s.Login(kNoon + 25h), {again}).notices.at(0).text,
              HasSubstr("- 在曾被报告为非您本人的设备上使用：Chrome（Windows）（平时为 iPhone 15 (iOS)）。"));
}

// Whoever is told in time can stop it: the first step is to tell us, and it is there only where it is true.
TEST(NoticesTest, WhereMoneyLeavesTheFirstStepIsToTellUs) {
  NoticeFacts facts = SampleFacts(NoticeTemplate::kMoney);
  const auto text = [&facts] {
    return RenderNotice(NoticeTemplate::kMoney, Locale::kEn, schemas::ContactChannel::kEmail, facts).text;
  };
  EXPECT_THAT(text(), HasSubstr("1. Tell us first: press “No, this was not me” above"));
  facts.link_me = facts.link_not_me = "";
  EXPECT_THAT(text(), HasSubstr("1. Contact support first"));
  facts.what.status = schemas::TransactionStatus::kDeclined;
  EXPECT_THAT(text(), HasSubstr("1. Look through"));
}

TEST(NoticesTest, WithoutAContactTheTicketSaysSo) {
  Scenario s;
  s.owner.contacts = {{schemas::ContactChannel::kEmail, "unverified@example.com", false, true}};
  const Decision& d = s.Decide(s.Login(kNoon), {Travel()});
  EXPECT_THAT(d.notices, IsEmpty());
  EXPECT_EQ(d.notices_held, 1);
  EXPECT_EQ(d.notices_unaddressed, 1);
  EXPECT_THAT(d.tickets.at(0).body, HasSubstr("no verified contact"));
}

}  // namespace
}  // namespace tocsin::alerts::testing
