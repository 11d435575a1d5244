// What notices and tickets say of restrictions and deadlines: what is so when they are read, and nothing
// else.
#include "alerts/in_force.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts::testing {
namespace {

using namespace std::chrono_literals;
using schemas::AccountStatus;
using schemas::ChangeKind;
using schemas::FeedbackBy;
using schemas::FeedbackVerdict;
using schemas::Severity;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char* kNone = "We have not restricted your account";
constexpr const char* kAskedToFreeze = "asked for your account to be frozen";
constexpr const char* kIsFrozen = "Your account is frozen";

class InForceTest : public ::testing::Test {
 protected:
  explicit InForceTest(AlertsConfig config = {}) : s(std::move(config)) {}

  void Change(Timestamp at, ChangeKind kind) {
    schemas::Event event = s.Login(at);
    event.type = schemas::EventType::kAccountChange;
    event.payload = schemas::AccountChange{.change = kind};
    s.Decide(event);
  }
  // A report: by the default policy it signs out and freezes.
  const Decision& Report(Timestamp at) {
    return s.Decide(s.Answer(at, FeedbackVerdict::kNotMe, FeedbackBy::kOwner, ""), {Reported()});
  }
  // A notice of another reason each time, so that it is told.
  std::string NoticeAt(Timestamp at) {
    schemas::Claim claim = MakeClaim("guessed_in", schemas::Family::kCredential, Severity::kHigh, 1);
    claim.reasons = {{codes_[told_++ % 3], "", ""}};
    const Decision& d = s.Decide(s.Login(at), {claim});
    return d.notices.empty() ? "none" : d.notices[0].text;
  }

  Scenario s;

 private:
  const char* codes_[3] = {"guessed_in", "impossible_travel", "mfa_fatigue"};
  size_t told_ = 0;
};

TEST_F(InForceTest, AFreezeIsToldUntilItIsLifted) {
  EXPECT_THAT(Report(kNoon).notices.at(0).text, HasSubstr(kAskedToFreeze));
  EXPECT_THAT(NoticeAt(kNoon + 1h),
              AllOf(HasSubstr(kAskedToFreeze), HasSubstr("A person will review it by")));
  Change(kNoon + 2h, ChangeKind::kUnfrozen);
  EXPECT_THAT(NoticeAt(kNoon + 3h),
              AllOf(HasSubstr(kNone), Not(HasSubstr("frozen")), Not(HasSubstr("Is this restriction wrong"))));
  ASSERT_FALSE(s.decision.tickets.empty());
  EXPECT_THAT(s.decision.tickets[0].decision, HasSubstr("It is not frozen"));
  EXPECT_THAT(
      s.decision.tickets[0].body,
      HasSubstr("freeze the account, asked for at 2026-03-01 12:00:00 UTC, ended 1 March 2026, 22:00"));
  EXPECT_FALSE(s.decision.tickets[0].due.review);
}

TEST_F(InForceTest, AFreezeThatEndedIsNotTold) {
  Report(kNoon);
  EXPECT_THAT(NoticeAt(kNoon + 47h), HasSubstr(kAskedToFreeze));
  EXPECT_THAT(NoticeAt(kNoon + 49h), HasSubstr(kNone));
}

TEST_F(InForceTest, WhatThePlatformFrozeIsTold) {
  Change(kNoon, ChangeKind::kFrozen);
  EXPECT_THAT(NoticeAt(kNoon + 1h),
              AllOf(HasSubstr(kIsFrozen), Not(HasSubstr(kNone)), Not(HasSubstr(kAskedToFreeze)),
                    HasSubstr("Is this restriction wrong? Contact support with case number T-2026-")));
  EXPECT_THAT(s.decision.tickets.at(0).decision, HasSubstr("lift the freeze or keep it"));
  Change(kNoon + 2h, ChangeKind::kUnfrozen);
  EXPECT_THAT(NoticeAt(kNoon + 3h), HasSubstr(kNone));
}

TEST_F(InForceTest, WhatTheProfileSaysIsTold) {
  s.owner.status = AccountStatus::kFrozen;
  EXPECT_THAT(NoticeAt(kNoon), HasSubstr(kIsFrozen));
  s.owner.locale = "zh-CN";
  EXPECT_THAT(NoticeAt(kNoon + 1h), HasSubstr("您的账户处于冻结状态"));
}

TEST_F(InForceTest, AHoldThatStillRunsIsToldAgain) {
  const schemas::Claim chain =
      MakeClaim("takeover_chain", schemas::Family::kTakeover, Severity::kCritical, 5, "first");
  EXPECT_THAT(s.Decide(s.Transfer(kNoon), {chain}).notices.at(0).text, HasSubstr("this payment to be held"));
  EXPECT_THAT(NoticeAt(kNoon + 1h),
              AllOf(HasSubstr("one other payment to be held, until 3 March 2026, 20:00"),
                    HasSubstr("A person will review it by 3 March 2026, 20:00"),
                    Not(HasSubstr("this payment")), Not(HasSubstr(kNone))));
  const Decision& more = s.Decide(s.Transfer(kNoon + 2h), {chain});
  EXPECT_THAT(
      more.notices.at(0).text,
      AllOf(HasSubstr("this payment to be held until 3 March 2026, 22:00"),
            HasSubstr("one other payment to be held, until 3 March 2026, 20:00 (UTC+8) at the latest")));
  s.Decide(s.Transfer(kNoon + 3h), {chain});
  EXPECT_THAT(NoticeAt(kNoon + 4h), HasSubstr("3 other payments to be held"));
  EXPECT_THAT(NoticeAt(kNoon + 60h), Not(HasSubstr("to be held")));
}

TEST_F(InForceTest, WhateverCaseAskedForIt) {
  Report(kNoon);
  EXPECT_THAT(s.Decide(s.Transfer(kNoon + 1h), {Approach()}).notices.at(0).text, HasSubstr(kAskedToFreeze))
      << "though a limit that comes near has a case of its own";
}

TEST_F(InForceTest, ADeadlineThatIsPastIsNotPromised) {
  EXPECT_THAT(NoticeAt(kNoon), HasSubstr("replies to you by 2 March 2026, 20:00"));
  EXPECT_THAT(NoticeAt(kNoon + 23h), HasSubstr("replies to you by"));
  EXPECT_THAT(NoticeAt(kNoon + 24h),
              AllOf(Not(HasSubstr("replies to you by")), HasSubstr("our reply is late"),
                    HasSubstr("give case number " + s.file.cases()[0].reference)));
  ASSERT_FALSE(s.decision.notices.empty());
  for (const auto& [name, value] : s.decision.notices[0].facts) EXPECT_NE(name, "reply_by") << value;
  s.owner.locale = "zh-CN";
  EXPECT_THAT(NoticeAt(kNoon + 50h), AllOf(HasSubstr("说明回复已超时"), Not(HasSubstr("前回复您"))));
}

TEST_F(InForceTest, AReportAfterTheDeadlineIsNotPromisedItEither) {
  NoticeAt(kNoon);
  EXPECT_THAT(Report(kNoon + 30h).notices.at(0).text,
              AllOf(Not(HasSubstr("reply to you by")), HasSubstr("our reply is late"),
                    HasSubstr("A person will review it by 5 March 2026, 02:00")));
}

TEST_F(InForceTest, ADigestSaysWhatIsInForceAtItsTime) {
  const auto digest = [&](bool lifted) {
    Scenario story;
    story.Decide(story.Answer(kNoon, FeedbackVerdict::kNotMe, FeedbackBy::kOwner, ""), {Reported()});
    for (int i = 0; i < 4; ++i) story.Decide(story.Login(kNoon + 1min + i * 1s), {NewDevice()});
    if (lifted) {
      schemas::Event event = story.Login(kNoon + 1h);
      event.type = schemas::EventType::kAccountChange;
      event.payload = schemas::AccountChange{.change = ChangeKind::kUnfrozen};
      story.Decide(event);
    }
    const Decision& d = story.Decide(story.Login(kNoon + 26h));
    return d.notices.empty() ? std::string("none") : d.notices[0].template_name + d.notices[0].text;
  };
  EXPECT_THAT(digest(false),
              AllOf(HasSubstr("digest"), HasSubstr(kAskedToFreeze), Not(HasSubstr("replies to you by"))));
  EXPECT_THAT(digest(true), AllOf(HasSubstr("digest"), HasSubstr(kNone)));
}

// The office is closed for longer than a case is open without news.
class ReplacedCaseTest : public InForceTest {
 protected:
  ReplacedCaseTest() : InForceTest(SlowReview()) {}

 private:
  static AlertsConfig SlowReview() {
    AlertsConfig config;
    config.support.review = 240h;
    return config;
  }
};

TEST_F(ReplacedCaseTest, AFreezeOfACaseThatIsOverIsToldUntilItIsLifted) {
  const std::string first = Report(kNoon).tickets.at(0).case_id;
  const Decision& device = s.Decide(s.Login(kNoon + 96h), {NewDevice()});
  EXPECT_NE(device.notices.at(0).case_id, first);
  EXPECT_THAT(device.notices[0].text,
              AllOf(HasSubstr(kAskedToFreeze), HasSubstr("A person will review it by 11 March 2026, 20:00"),
                    Not(HasSubstr(kNone))));
  EXPECT_THAT(device.tickets, IsEmpty());

  Change(kNoon + 120h, ChangeKind::kUnfrozen);
  ASSERT_THAT(s.decision.tickets, SizeIs(1));
  EXPECT_EQ(s.decision.tickets[0].case_id, first);
  EXPECT_EQ(s.decision.tickets[0].operation, schemas::TicketOperation::kAppend);
  EXPECT_FALSE(s.decision.tickets[0].due.review) << "nobody is reminded of it";
  EXPECT_THAT(s.decision.tickets[0].body, HasSubstr("ended 6 March 2026, 20:00"));

  EXPECT_THAT(NoticeAt(kNoon + 121h), AllOf(HasSubstr("Someone signed in"), Not(HasSubstr("frozen"))));
  EXPECT_THAT(s.file.replaced(), IsEmpty());
  for (const schemas::Ticket& ticket : s.decision.tickets) EXPECT_NE(ticket.case_id, first) << "once";
}

TEST_F(ReplacedCaseTest, AFreezeOutlivesTheVerdictThatItsCauseWasNone) {
  const std::string first = Report(kNoon).tickets.at(0).case_id;
  s.Decide(s.Answer(kNoon + 1h, FeedbackVerdict::kFalsePositive, FeedbackBy::kAnalyst, "", first));
  EXPECT_THAT(NoticeAt(kNoon + 2h), HasSubstr(kAskedToFreeze)) << "nobody has lifted it";
  Change(kNoon + 3h, ChangeKind::kUnfrozen);
  for (const schemas::Ticket& ticket : s.decision.tickets) EXPECT_NE(ticket.case_id, first) << "it is closed";
  EXPECT_THAT(NoticeAt(kNoon + 4h), HasSubstr(kNone));
}

// The lift and the finding that begins another case come by one event.
TEST_F(ReplacedCaseTest, ALiftIsToldThoughItsEventBeginsAnotherCase) {
  const std::string first = Report(kNoon).tickets.at(0).case_id;
  schemas::Event lift = s.Login(kNoon + 96h);
  lift.type = schemas::EventType::kAccountChange;
  lift.payload = schemas::AccountChange{.change = ChangeKind::kUnfrozen};
  const Decision& d = s.Decide(lift, {NewDevice()});
  ASSERT_THAT(d.tickets, SizeIs(1));
  EXPECT_EQ(d.tickets[0].case_id, first);
  EXPECT_THAT(d.notices.at(0).text, HasSubstr(kNone));
}

TEST_F(ReplacedCaseTest, ThoseThatEndLastAreKept) {
  std::vector<std::string> cases;
  for (size_t i = 0; i < CaseFile::kReplacedMax + 3; ++i) {
    const Timestamp at = kNoon + i * 2h;
    cases.push_back(Report(at).tickets.at(0).case_id);
    s.Decide(s.Answer(at + 1h, FeedbackVerdict::kFalsePositive, FeedbackBy::kAnalyst, "", cases.back()));
  }
  ASSERT_THAT(s.file.replaced(), SizeIs(CaseFile::kReplacedMax));
  for (size_t i = 0; i < CaseFile::kReplacedMax; ++i) EXPECT_EQ(s.file.replaced()[i].case_id, cases[i + 2]);
  s.Decide(s.Login(kNoon + 300h));
  EXPECT_THAT(s.file.replaced(), IsEmpty()) << "their time is over";
}

// An analyst who confirms the fraud has looked at it: what was lifted stays lifted.
TEST_F(InForceTest, FraudThatAnAnalystConfirmsRestrictsNobody) {
  schemas::Claim confirmed =
      MakeClaim("user_reported", schemas::Family::kReport, Severity::kHigh, 6, "verdict");
  confirmed.reasons = {{"confirmed_fraud", "", ""}};
  const std::string case_id = Report(kNoon).tickets.at(0).case_id;
  Change(kNoon + 2h, ChangeKind::kUnfrozen);
  const auto say = [&](Timestamp at) -> const Decision& {
    return s.Decide(s.Answer(at, FeedbackVerdict::kConfirmedFraud, FeedbackBy::kAnalyst, "", case_id),
                    {confirmed});
  };
  const Decision& d = say(kNoon + 3h);
  EXPECT_THAT(d.actions, IsEmpty());
  EXPECT_THAT(d.notices, IsEmpty());
  ASSERT_THAT(d.tickets, SizeIs(1));
  EXPECT_EQ(d.tickets[0].operation, schemas::TicketOperation::kAppend);
  confirmed.cause = {"another verdict"};
  const Decision& late = say(kNoon + 10 * 24h);
  EXPECT_THAT(late.findings, SizeIs(1));
  EXPECT_THAT(late.actions, IsEmpty());
  EXPECT_THAT(late.notices, IsEmpty());
  EXPECT_THAT(late.tickets, IsEmpty());
}

}  // namespace
}  // namespace tocsin::alerts::testing
