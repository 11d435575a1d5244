#include "alerts/decide.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "alerts/risk.h"
#include "schemas/encode.h"
#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts::testing {
namespace {

using namespace std::chrono_literals;
using schemas::ActionKind;
using schemas::FeedbackBy;
using schemas::FeedbackVerdict;
using schemas::FindingStatus;
using schemas::Priority;
using schemas::Severity;
using schemas::TicketOperation;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(DecideTest, AQuietEventIsRememberedAndNothingElse) {
  Scenario s;
  const Decision& decision = s.Decide(s.Login(kNoon));
  EXPECT_DOUBLE_EQ(decision.risk, Sigmoid(RiskConfig().bias));
  EXPECT_THAT(decision.findings, IsEmpty());
  EXPECT_EQ(s.file.timeline().size(), 1u);
  EXPECT_EQ(s.file.changed(), uint64_t{1} << static_cast<int>(Segment::kTimeline));
}

TEST(DecideTest, AHighLoginTellsTheOwnerAndAPerson) {
  Scenario s;
  const Decision& d = s.Decide(s.Login(kNoon), {Travel()});
  ASSERT_THAT(d.findings, SizeIs(1));
  const schemas::Finding& finding = d.findings[0];
  EXPECT_EQ(finding.status, FindingStatus::kNew);
  EXPECT_EQ(finding.severity, Severity::kHigh);
  EXPECT_NEAR(finding.risk, Sigmoid(-6.9 + 3.5), 1e-12);
  EXPECT_EQ(
      finding.reasons[0].text,
      "Used in two places too far apart for the time between them: Berlin, Germany, then Tokyo, Japan.");
  ASSERT_THAT(d.tickets, SizeIs(1));
  EXPECT_EQ(d.tickets[0].operation, TicketOperation::kOpen);
  EXPECT_EQ(d.tickets[0].priority, Priority::kP2);
  EXPECT_EQ(d.tickets[0].due.first_reply, kNoon + 24h);
  EXPECT_FALSE(d.tickets[0].due.review);
  ASSERT_THAT(d.actions, SizeIs(1));
  EXPECT_EQ(d.actions[0].action, ActionKind::kStepUp);
  ASSERT_THAT(d.notices, SizeIs(1));
  EXPECT_EQ(d.notices[0].template_name, "login_suspicious");
  EXPECT_EQ(d.notices[0].reference, d.tickets[0].reference);
  for (const auto& id : {finding.case_id, d.tickets[0].case_id, d.actions[0].case_id, d.notices[0].case_id}) {
    EXPECT_EQ(id, finding.case_id);
  }
}

TEST(DecideTest, ANewDeviceIsANoticeWithoutATicket) {
  Scenario s;
  const Decision& d = s.Decide(s.Login(kNoon), {NewDevice()});
  EXPECT_THAT(d.notices, SizeIs(1));
  EXPECT_THAT(d.tickets, IsEmpty());
  EXPECT_THAT(d.actions, IsEmpty());
  EXPECT_TRUE(s.file.HasOpenCase(kNoon));
}

// A journey of a week on one's own phone is told once, not with each case that ends by itself.
TEST(DecideTest, AReceiptIsGivenOnce) {
  Scenario s;
  schemas::Claim device = NewDevice();
  device.cause = {"first"};
  const std::string case_id = s.Decide(s.Login(kNoon), {device}).notices.at(0).case_id;
  const Decision& again = s.Decide(s.Login(kNoon + 80h), {device});
  ASSERT_NE(again.findings.at(0).case_id, case_id);
  EXPECT_EQ(again.findings[0].status, FindingStatus::kUpdated);
  EXPECT_THAT(again.notices, IsEmpty());
  device.severity = Severity::kHigh;
  EXPECT_THAT(s.Decide(s.Login(kNoon + 160h), {device}).notices, SizeIs(1)) << "it has become graver";
  schemas::Claim other = NewDevice();
  other.cause = {"another"};
  EXPECT_THAT(s.Decide(s.Login(kNoon + 400h), {other}).notices, SizeIs(1)) << "another device is news";
}

TEST(DecideTest, ALimitThatComesNearOpensNoCase) {
  Scenario s;
  const Decision& d = s.Decide(s.Transfer(kNoon), {Approach()});
  ASSERT_THAT(d.findings, SizeIs(1));
  EXPECT_EQ(d.findings[0].severity, Severity::kInfo);
  EXPECT_EQ(d.notices.at(0).template_name, "limit_approach");
  EXPECT_THAT(d.tickets, IsEmpty());
  EXPECT_FALSE(s.file.HasOpenCase(kNoon));
  EXPECT_GT(d.risk, Sigmoid(RiskConfig().bias)) << "but it weighs";
}

TEST(DecideTest, LoginAndMoneyAreOneCase) {
  Scenario s;
  const std::string case_id = s.Decide(s.Login(kNoon), {Travel()}).findings.at(0).case_id;
  const Decision& d = s.Decide(s.Transfer(kNoon + 1h), {Breach()});
  EXPECT_EQ(d.findings.at(0).case_id, case_id);
  EXPECT_THAT(d.findings[0].addends, SizeIs(2));
  EXPECT_EQ(d.tickets.at(0).operation, TicketOperation::kAppend);
  EXPECT_THAT(d.tickets[0].body, HasSubstr("● "));
  EXPECT_EQ(d.tickets[0].priority, Priority::kP2) << "priority never falls";
}

TEST(DecideTest, TheSameFindingTwiceIsTheSameFinding) {
  Scenario s;
  schemas::Claim claim = Breach();
  claim.cause = {"window"};
  s.Decide(s.Transfer(kNoon), {claim});
  claim.weight += 0.49;
  const Decision& same = s.Decide(s.Transfer(kNoon + 1h), {claim});
  EXPECT_THAT(same.findings, IsEmpty());
  EXPECT_THAT(same.tickets, IsEmpty());
  claim.weight += 0.5;
  const Decision& heavier = s.Decide(s.Transfer(kNoon + 2h), {claim});
  ASSERT_THAT(heavier.findings, SizeIs(1));
  EXPECT_EQ(heavier.findings[0].status, FindingStatus::kUpdated);
}

TEST(DecideTest, AChainThatGrowsIsOneFindingToldAgain) {
  Scenario s;
  schemas::Claim chain = MakeClaim("takeover_chain", schemas::Family::kTakeover, Severity::kHigh, 3, "first");
  chain.reasons = {{"takeover_chain", "3 in 2 h", ""}};
  const std::string id = s.Decide(s.Login(kNoon), {chain}).findings.at(0).finding_id;
  chain.severity = Severity::kCritical;
  chain.reasons = {{"takeover_chain_money", "4 in 3 h", ""}};
  const Decision& d = s.Decide(s.Transfer(kNoon + 1min), {chain});
  EXPECT_EQ(d.findings.at(0).finding_id, id);
  EXPECT_EQ(d.findings[0].status, FindingStatus::kUpdated);
  EXPECT_EQ(d.tickets.at(0).operation, TicketOperation::kEscalate) << "at once";
  EXPECT_EQ(d.tickets[0].priority, Priority::kP1);
  EXPECT_EQ(d.actions.at(0).action, ActionKind::kHoldTransaction);
  EXPECT_EQ(d.notices.at(0).severity, Severity::kCritical);
  EXPECT_THAT(d.notices[0].text, HasSubstr("held until"));
  EXPECT_TRUE(d.tickets[0].due.review) << "what is restricted is reviewed";
}

TEST(DecideTest, ACompletedPaymentCannotBeHeld) {
  Scenario s;
  const Decision& d = s.Decide(s.Transfer(kNoon, schemas::TransactionStatus::kCompleted), {Travel()});
  ASSERT_THAT(d.actions, SizeIs(1));
  EXPECT_EQ(d.actions[0].action, ActionKind::kStepUp);
}

TEST(DecideTest, NotMeTightensEverything) {
  Scenario s;
  const std::string notice = s.Decide(s.Login(kNoon), {NewDevice()}).notices.at(0).notice_id;
  const auto answer = s.Answer(kNoon + 1min, FeedbackVerdict::kNotMe, FeedbackBy::kOwner, notice);
  const Decision& d = s.Decide(answer, {Reported()});
  EXPECT_EQ(d.tickets.at(0).operation, TicketOperation::kOpen);
  EXPECT_EQ(d.tickets[0].priority, Priority::kP1);
  EXPECT_THAT(d.tickets[0].timeline, SizeIs(2));
  EXPECT_THAT(d.tickets[0].body, HasSubstr("Answered “this was not me”"));
  ASSERT_THAT(d.actions, SizeIs(2));
  EXPECT_EQ(d.actions[0].action, ActionKind::kRevokeSessions);
  EXPECT_EQ(d.actions[1].action, ActionKind::kFreeze);
  for (const schemas::Action& action : d.actions) EXPECT_EQ(action.target, "") << "the account itself";
  EXPECT_GE(d.actions[1].expires_at, kNoon + 48h);
  EXPECT_EQ(d.tickets[0].due.review, kNoon + 1min + 48h);
  EXPECT_EQ(d.notices.at(0).template_name, "reported");
  EXPECT_THAT(d.notices[0].text, HasSubstr("A person will review it by"));
  // Twice freezes nothing twice.
  const auto again = s.Answer(kNoon + 2min, FeedbackVerdict::kNotMe, FeedbackBy::kOwner, notice);
  EXPECT_THAT(s.Decide(again, {Reported()}).actions,
              ElementsAre(::testing::Field(&schemas::Action::action, ActionKind::kRevokeSessions)));
  // And "me" afterwards clears nothing.
  const auto me = s.Answer(kNoon + 1h, FeedbackVerdict::kMe, FeedbackBy::kOwner, notice);
  EXPECT_THAT(s.Decide(me).tickets,
              ElementsAre(::testing::Field(&schemas::Ticket::operation, TicketOperation::kAppend)));
  EXPECT_TRUE(s.file.HasOpenCase(kNoon + 1h));
  EXPECT_EQ(s.file.cases()[0].owner_answer, FeedbackVerdict::kNotMe);
}

struct Closing {
  const char* name;
  schemas::Claim claim;
  FeedbackVerdict verdict;
  FeedbackBy by;
  bool closes;
};
class ClosingTest : public ::testing::TestWithParam<Closing> {};

TEST_P(ClosingTest, ClosesTheCase) {
  Scenario s;
  const std::string notice = s.Decide(s.Login(kNoon), {GetParam().claim}).notices.at(0).notice_id;
  const bool ticket = !s.decision.tickets.empty();
  const Decision& d = s.Decide(s.Answer(kNoon + 1h, GetParam().verdict, GetParam().by, notice));
  EXPECT_EQ(s.file.HasOpenCase(kNoon + 1h), !GetParam().closes);
  if (ticket) {
    EXPECT_EQ(d.tickets.at(0).operation,
              GetParam().closes ? TicketOperation::kResolve : TicketOperation::kAppend);
  } else {
    EXPECT_THAT(d.tickets, IsEmpty());
  }
  EXPECT_EQ(d.risk == Sigmoid(RiskConfig().bias), GetParam().closes);
}

INSTANTIATE_TEST_SUITE_P(
    Answers, ClosingTest,
    ::testing::Values(
        Closing{"OwnerLow", NewDevice(), FeedbackVerdict::kMe, FeedbackBy::kOwner, true},
        Closing{"OwnerMedium", Breach(), FeedbackVerdict::kMe, FeedbackBy::kOwner, true},
        Closing{"OwnerNeverHigh", Travel(), FeedbackVerdict::kMe, FeedbackBy::kOwner, false},
        Closing{"SystemNeverHigh", Travel(), FeedbackVerdict::kFalsePositive, FeedbackBy::kSystem, false},
        Closing{"AnalystHigh", Travel(), FeedbackVerdict::kFalsePositive, FeedbackBy::kAnalyst, true},
        Closing{"AnalystMe", Travel(), FeedbackVerdict::kMe, FeedbackBy::kAnalyst, true}),
    [](const auto& tested) { return tested.param.name; });

TEST(DecideTest, AnAnswerToSomethingUnknownIsHarmless) {
  Scenario s;
  s.Decide(s.Login(kNoon), {Travel()});
  const CaseFile before = s.file;
  const Decision& d = s.Decide(
      s.Answer(kNoon + 1h, FeedbackVerdict::kFalsePositive, FeedbackBy::kAnalyst, "", "no such case"));
  EXPECT_THAT(d.tickets, IsEmpty());
  EXPECT_EQ(s.file.cases(), before.cases());
}

TEST(DecideTest, AReportNeverWaits) {
  Scenario s;
  schemas::Claim chain = MakeClaim("takeover_chain", schemas::Family::kTakeover, Severity::kCritical, 5);
  EXPECT_EQ(s.Decide(s.Login(kNoon), {chain}).tickets.at(0).priority, Priority::kP1);
  const auto answer = s.Answer(kNoon + 1min, FeedbackVerdict::kNotMe, FeedbackBy::kOwner, "");
  const Decision& d = s.Decide(answer, {Reported()});
  ASSERT_THAT(d.tickets, SizeIs(1)) << "although the priority cannot rise and the batch is not due";
  EXPECT_EQ(d.tickets[0].operation, TicketOperation::kAppend);
}

TEST(DecideTest, ADismissedRestrictionIsToBeLifted) {
  Scenario s;
  const auto answer = s.Answer(kNoon, FeedbackVerdict::kNotMe, FeedbackBy::kOwner, "");
  const std::string case_id = s.Decide(answer, {Reported()}).findings.at(0).case_id;
  const auto verdict =
      s.Answer(kNoon + 1h, FeedbackVerdict::kFalsePositive, FeedbackBy::kAnalyst, "", case_id);
  EXPECT_THAT(s.Decide(verdict).tickets.at(0).decision, HasSubstr("Lift the freeze"));
}

TEST(DecideTest, WhatWaitedIsToldWhenTheCaseHasEnded) {
  Scenario s;
  s.Decide(s.Login(kNoon), {Travel()});
  for (int i = 0; i < 10; ++i) s.Decide(s.Transfer(kNoon + 1min), {Breach()});  // More than a batch tells.
  const Decision& d = s.Decide(s.Login(kNoon + 80 * 24h), {NewDevice()});
  ASSERT_THAT(d.tickets, SizeIs(1));
  EXPECT_EQ(d.tickets[0].operation, TicketOperation::kAppend);
  EXPECT_NE(d.tickets[0].case_id, d.findings.at(0).case_id) << "the new finding has a new case";
}

TEST(DecideTest, ACaseSlidesAndEnds) {
  Scenario s;
  const std::string first = s.Decide(s.Login(kNoon), {Travel()}).findings.at(0).case_id;
  EXPECT_EQ(s.Decide(s.Login(kNoon + 72h - 1ms), {Travel()}).findings.at(0).case_id, first);
  EXPECT_EQ(s.Decide(s.Login(kNoon + 140h), {Travel()}).findings.at(0).case_id, first);
  EXPECT_NE(s.Decide(s.Login(kNoon + 140h + 72h), {Travel()}).findings.at(0).case_id, first);
}

TEST(DecideTest, ACaseLastsFourteenDaysAtMost) {
  Scenario s;
  const std::string first = s.Decide(s.Login(kNoon), {Travel()}).findings.at(0).case_id;
  for (int day = 1; day < 14; ++day) {
    EXPECT_EQ(s.Decide(s.Login(kNoon + day * 24h), {Travel()}).findings.at(0).case_id, first);
  }
  EXPECT_NE(s.Decide(s.Login(kNoon + 14 * 24h), {Travel()}).findings.at(0).case_id, first);
}

TEST(DecideTest, ALateFindingJoinsTheOpenCase) {
  Scenario s;
  const std::string first = s.Decide(s.Login(kNoon), {Travel()}).findings.at(0).case_id;
  const Decision& d = s.Decide(s.Login(kNoon - 5h), {NewDevice()});
  EXPECT_EQ(d.findings.at(0).case_id, first);
  EXPECT_EQ(s.file.cases()[0].open_until, kNoon + 72h);
}

TEST(DecideTest, ARetractionSupersedesAndCloses) {
  Scenario s;
  const schemas::Event login = s.Login(kNoon);
  const std::string id = s.Decide(login, {Travel()}).findings.at(0).finding_id;
  const schemas::Retraction gone{"impossible_travel", {login.event_id.str()}, ""};
  const Decision& d = s.Decide(s.Login(kNoon - 1h), {}, {gone});
  ASSERT_THAT(d.findings, SizeIs(1));
  EXPECT_EQ(d.findings[0].finding_id, id);
  EXPECT_EQ(d.findings[0].status, FindingStatus::kSuperseded);
  EXPECT_EQ(d.tickets.at(0).operation, TicketOperation::kResolve);
  EXPECT_DOUBLE_EQ(s.Decide(s.Login(kNoon + 1min)).risk, Sigmoid(RiskConfig().bias));
  EXPECT_THAT(s.Decide(s.Login(kNoon + 2min), {}, {gone}).findings, IsEmpty()) << "once";
}

TEST(DecideTest, ARetractionBesideOtherFindingsOnlyLowersTheRisk) {
  Scenario s;
  const schemas::Event login = s.Login(kNoon);
  const double before = s.Decide(login, {Travel(), NewDevice()}).risk;
  const Decision& d =
      s.Decide(s.Login(kNoon - 1h), {NewDevice()}, {{"impossible_travel", {login.event_id.str()}, ""}});
  EXPECT_LT(d.risk, before);
  EXPECT_TRUE(s.file.HasOpenCase(kNoon));
  EXPECT_THAT(d.findings, SizeIs(2));
}

TEST(DecideTest, ShadowIsSeenByNobody) {
  Scenario s;
  schemas::Claim claim = Travel();
  claim.mode = schemas::Mode::kShadow;
  const Decision& d = s.Decide(s.Login(kNoon), {claim});
  ASSERT_THAT(d.findings, SizeIs(1));
  EXPECT_EQ(d.findings[0].mode, schemas::Mode::kShadow);
  EXPECT_EQ(d.findings[0].case_id, "");
  EXPECT_THAT(d.notices, IsEmpty());
  EXPECT_THAT(d.tickets, IsEmpty());
  EXPECT_THAT(s.file.cases(), IsEmpty());
  EXPECT_DOUBLE_EQ(d.risk, Sigmoid(RiskConfig().bias));
}

TEST(DecideTest, RiskRaisesSeverity) {
  Scenario s;
  s.Decide(s.Login(kNoon),
           {Travel(), MakeClaim("guessed_in", schemas::Family::kCredential, Severity::kHigh, 3)});
  const Decision& d = s.Decide(s.Transfer(kNoon + 1h), {Breach()});
  EXPECT_GT(d.risk, 0.4);
  EXPECT_EQ(d.findings.at(0).severity, Severity::kHigh) << "a medium breach in a likely takeover";
  EXPECT_EQ(d.actions.at(0).action, ActionKind::kHoldTransaction);
}

TEST(DecideTest, OneNoticeAnEventTellsAllReasons) {
  Scenario s;
  const Decision& d = s.Decide(s.Login(kNoon), {NewDevice(), Travel()});
  ASSERT_THAT(d.notices, SizeIs(1));
  EXPECT_EQ(d.notices[0].severity, Severity::kHigh);
  EXPECT_THAT(d.notices[0].text, HasSubstr("device that is new"));
  EXPECT_THAT(d.notices[0].text, HasSubstr("two places too far apart"));
}

TEST(DecideTest, HeldNoticesAreCountedAndMentioned) {
  Scenario s;
  s.Decide(s.Login(kNoon), {NewDevice()});
  EXPECT_EQ(s.Decide(s.Login(kNoon + 1h), {NewDevice()}).notices_held, 1);
  const Decision& held = s.Decide(s.Login(kNoon + 2h), {NewDevice()});
  EXPECT_EQ(held.notices_held, 1);
  EXPECT_EQ(held.notices_unaddressed, 0);
  const Decision& d = s.Decide(s.Login(kNoon + 3h), {Travel()});
  EXPECT_THAT(d.notices.at(0).text, HasSubstr("there were 2 further alerts"));
  EXPECT_EQ(s.file.cases()[0].notices_held, 0u);
}

TEST(DecideTest, AFloodStaysCalmAndBounded) {
  Scenario s;
  size_t notices = 0;
  size_t tickets = 0;
  for (int i = 0; i < 500; ++i) {
    const Decision& d = s.Decide(s.Login(kNoon + i * 1min), {Travel(), NewDevice()});
    EXPECT_THAT(d.findings, SizeIs(2)) << "every finding is told";
    notices += d.notices.size();
    tickets += d.tickets.size();
  }
  EXPECT_LE(notices, 3u);
  EXPECT_LE(tickets, 50u * 8 + 2) << "eight in ten minutes, of which one is delivered";
  EXPECT_EQ(s.file.cases()[0].findings.size(), Case::kFindingsMax);
  EXPECT_LT(s.file.ByteSize(), 100'000u);
}

TEST(DecideTest, LocaleAndZoneAreTheOwners) {
  Scenario s;
  s.owner.locale = "zh-Hans-SG";
  const schemas::Notice notice = s.Decide(s.Login(kNoon), {Travel()}).notices.at(0);
  EXPECT_EQ(notice.locale, "zh-CN");
  EXPECT_THAT(notice.text, HasSubstr("2026年3月1日 星期日 20:00（UTC+8）"));
  EXPECT_THAT(notice.html, HasSubstr("<html lang=\"zh-CN\""));
}

TEST(DecideTest, LinksCarryTheAnswerAndExpire) {
  AlertsConfig config;
  config.answers.base_url = "https://security.example.com";
  config.answers.key = std::string(32, 'k');
  Scenario s(config);
  const schemas::Notice notice = s.Decide(s.Login(kNoon), {Travel()}).notices.at(0);
  EXPECT_THAT(notice.link_me, ::testing::StartsWith("https://security.example.com/r/"));
  EXPECT_NE(notice.link_me, notice.link_not_me);
  EXPECT_EQ(notice.expires_at, kNoon + 72h);
  EXPECT_THAT(notice.text, HasSubstr(notice.link_not_me));
  EXPECT_THAT(notice.html, HasSubstr(notice.link_me));
  EXPECT_THAT(Scenario().Decide(Scenario().Login(kNoon), {Travel()}).notices.at(0).text,
              HasSubstr("give case number"));
}

// Equal stories give equal bytes, and the state survives its encoding at every step.
TEST(DecideTest, ReplayIsByteForByteTheSame) {
  const auto tell = [](bool through_bytes) {
    Scenario s;
    std::string all;
    for (int i = 0; i < 60; ++i) {
      const Timestamp at = kNoon + i * 7min - (i % 5) * 11min;
      std::vector<schemas::Claim> claims;
      if (i % 3 == 0) claims.push_back(Travel());
      if (i % 4 == 0) claims.push_back(Breach());
      if (i % 7 == 0) claims.push_back(Approach());
      const Decision& d = s.Decide(i % 2 == 0 ? s.Login(at) : s.Transfer(at), claims);
      for (const auto& finding : d.findings) schemas::AppendJson(all, finding);
      for (const auto& notice : d.notices) schemas::AppendJson(all, notice);
      for (const auto& ticket : d.tickets) schemas::AppendJson(all, ticket);
      for (const auto& action : d.actions) schemas::AppendJson(all, action);
      if (!through_bytes) continue;
      CaseFile read;
      for (const Segment segment : kSegments) {
        std::string bytes;
        s.file.EncodeSegment(segment, bytes);
        EXPECT_TRUE(read.DecodeSegment(segment, bytes));
      }
      EXPECT_EQ(read, s.file);
      s.file = std::move(read);
    }
    return all;
  };
  const std::string once = tell(false);
  EXPECT_EQ(tell(false), once);
  EXPECT_EQ(tell(true), once);
  EXPECT_GT(once.size(), 10'000u);
}

}  // namespace
}  // namespace tocsin::alerts::testing
