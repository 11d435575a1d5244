#include "alerts/answers.h"

#include <gtest/gtest.h>

#include "alerts/labels.h"
#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts::testing {
namespace {

using namespace std::chrono_literals;
using schemas::FeedbackBy;
using schemas::FeedbackVerdict;

schemas::Claim Medium(schemas::Claim claim) {
  claim.severity = schemas::Severity::kMedium;
  claim.weight = 0.1;
  return claim;
}

// The page does not thank for a "me" behind a "not me", also when another case took the place of the one
// that was answered.
TEST(AnswersTest, NotMeStandsWhenItsCaseWasReplaced) {
  Scenario s;
  const schemas::Notice notice = s.Decide(s.Login(kNoon), {Travel()}).notices.at(0);
  EXPECT_FALSE(SaidNotMe(s.file, notice.notice_id, kNoon));
  schemas::Claim reported = Reported();
  s.Decide(s.Answer(kNoon + 1h, FeedbackVerdict::kNotMe, FeedbackBy::kOwner, notice.notice_id), {reported});
  EXPECT_TRUE(SaidNotMe(s.file, notice.notice_id, kNoon + 1h));
  s.Decide(s.Answer(kNoon + 2h, FeedbackVerdict::kFalsePositive, FeedbackBy::kAnalyst, "", notice.case_id));
  s.Decide(s.Login(kNoon + 3h), {Travel()});
  ASSERT_EQ(s.file.FindCase(notice.case_id), nullptr);
  EXPECT_TRUE(SaidNotMe(s.file, notice.notice_id, kNoon + 3h));
}

// "It was me" about another finding, by another link, from whoever holds the mailbox by then.
TEST(AnswersTest, MeAfterNotMeElsewhereIsForThePersonWhoWorksTheCase) {
  Scenario s;
  schemas::Claim mild = Travel();
  mild.severity = schemas::Severity::kMedium;
  const schemas::Notice first = s.Decide(s.Login(kNoon), {mild}).notices.at(0);
  const schemas::Notice second = s.Decide(s.Transfer(kNoon + 1h), {Breach()}).notices.at(0);
  ASSERT_EQ(first.case_id, second.case_id);
  s.Decide(s.Answer(kNoon + 2h, FeedbackVerdict::kNotMe, FeedbackBy::kOwner, first.notice_id), {Reported()});

  const schemas::Event me = s.Answer(kNoon + 3h, FeedbackVerdict::kMe, FeedbackBy::kOwner, second.notice_id);
  EXPECT_TRUE(Contradicts(s.file, *me.feedback(), me.occurred_at));
  const Decision& d = s.Decide(me);
  ASSERT_EQ(d.tickets.size(), 1U);
  EXPECT_EQ(d.tickets[0].operation, schemas::TicketOperation::kAppend);
  EXPECT_EQ(d.tickets[0].deliver_after, kTimestampMin) << "it does not wait";
  EXPECT_NE(d.tickets[0].body.find("**after** “this was not me”"), std::string::npos) << d.tickets[0].body;
  const Case* const one = s.file.FindCase(first.case_id);
  EXPECT_EQ(one->state, CaseState::kOpen);
  EXPECT_EQ(one->owner_answer, FeedbackVerdict::kNotMe);
}

// An informative case beside the reported one is not closed by it either; when a person has looked, it is.
TEST(AnswersTest, MeOfAnotherCaseClosesNothingUntilAPersonHasLooked) {
  for (const bool looked : {false, true}) {
    Scenario s;
    schemas::Claim near = Approach();
    const schemas::Notice limit = s.Decide(s.Transfer(kNoon), {near}).notices.at(0);
    const schemas::Notice travel = s.Decide(s.Login(kNoon + 1h), {Travel()}).notices.at(0);
    ASSERT_NE(limit.case_id, travel.case_id);
    s.Decide(s.Answer(kNoon + 2h, FeedbackVerdict::kNotMe, FeedbackBy::kOwner, travel.notice_id),
             {Reported()});
    if (looked)
      s.Decide(
          s.Answer(kNoon + 3h, FeedbackVerdict::kFalsePositive, FeedbackBy::kAnalyst, "", travel.case_id));
    EXPECT_EQ(SaidNotMe(s.file, limit.notice_id, kNoon + 4h), !looked);
    const Decision& d =
        s.Decide(s.Answer(kNoon + 4h, FeedbackVerdict::kMe, FeedbackBy::kOwner, limit.notice_id));
    EXPECT_EQ(s.file.FindCase(limit.case_id)->state, looked ? CaseState::kResolved : CaseState::kOpen);
    ASSERT_EQ(d.tickets.size(), looked ? 0U : 1U);
    if (!looked) {
      EXPECT_EQ(d.tickets[0].case_id, travel.case_id) << "it is told where somebody works on it";
    }
  }
}

// The case of the "not me" ends by itself when nobody looks at it; the "not me" does not.
TEST(AnswersTest, NotMeStandsThoughItsCaseIsOver) {
  enum Looked { kNobody, kFoundNothing, kFoundFraud };
  for (const Looked looked : {kNobody, kFoundNothing, kFoundFraud}) {
    for (const auto gap : {80h, 20 * 24h, 179 * 24h, 181 * 24h}) {
      Scenario s;
      const schemas::Notice first = s.Decide(s.Login(kNoon), {Medium(Travel())}).notices.at(0);
      s.Decide(s.Answer(kNoon, FeedbackVerdict::kNotMe, FeedbackBy::kOwner, first.notice_id), {Reported()});
      const schemas::Notice again = s.Decide(s.Login(kNoon + gap), {Medium(Travel())}).notices.at(0);
      ASSERT_NE(again.case_id, first.case_id);
      if (looked != kNobody) {
        s.Decide(s.Answer(
            kNoon + gap + 1min,
            looked == kFoundFraud ? FeedbackVerdict::kConfirmedFraud : FeedbackVerdict::kFalsePositive,
            FeedbackBy::kAnalyst, "", first.case_id));
      }
      const bool stands = looked == kNobody && gap < 180 * 24h;
      const schemas::Event me =
          s.Answer(kNoon + gap + 2min, FeedbackVerdict::kMe, FeedbackBy::kOwner, again.notice_id);
      EXPECT_EQ(SaidNotMe(s.file, again.notice_id, me.occurred_at), stands) << gap.count();
      EXPECT_EQ(Contradicts(s.file, *me.feedback(), me.occurred_at), stands) << gap.count();
      const Decision& d = s.Decide(me);
      EXPECT_EQ(s.file.FindCase(again.case_id)->state, stands ? CaseState::kOpen : CaseState::kResolved);
      ASSERT_EQ(d.tickets.size(), 1U);
      EXPECT_EQ(d.tickets[0].body.find("**after** “this was not me”") != std::string::npos, stands);
    }
  }
}

// A person who confirms the fraud in its case has looked; nobody has who only sees it end.
TEST(AnswersTest, NotMeIsDecidedByTheVerdictInItsCase) {
  for (const bool looked : {false, true}) {
    Scenario s;
    const schemas::Notice first = s.Decide(s.Login(kNoon), {Medium(Travel())}).notices.at(0);
    s.Decide(s.Answer(kNoon, FeedbackVerdict::kNotMe, FeedbackBy::kOwner, first.notice_id), {Reported()});
    if (looked) {
      const schemas::Event verdict =
          s.Answer(kNoon + 1h, FeedbackVerdict::kConfirmedFraud, FeedbackBy::kAnalyst, "", first.case_id);
      (void)LabelFindings(*verdict.feedback(), s.file);
      s.Decide(verdict);
    }
    EXPECT_TRUE(SaidNotMe(s.file, "another", kNoon + 2h)) << "its case is open";
    EXPECT_EQ(SaidNotMe(s.file, "another", kNoon + 80h), !looked);
    s.Decide(s.Login(kNoon + 40 * 24h));
    EXPECT_EQ(s.file.FindCase(first.case_id) != nullptr, !looked) << "what stands is not forgotten";
  }
}

// Denied was what an informative notice told; the person decides in the security case.
TEST(AnswersTest, NotMeOfAnInformativeCaseIsDecidedWhereItIsWorked) {
  for (const bool looked : {false, true}) {
    Scenario s;
    const schemas::Notice limit = s.Decide(s.Transfer(kNoon), {Approach()}).notices.at(0);
    const Decision& reported = s.Decide(
        s.Answer(kNoon + 1h, FeedbackVerdict::kNotMe, FeedbackBy::kOwner, limit.notice_id), {Reported()});
    if (looked) {
      s.Decide(s.Answer(kNoon + 2h, FeedbackVerdict::kFalsePositive, FeedbackBy::kAnalyst, "",
                        reported.tickets.at(0).case_id));
    }
    EXPECT_EQ(SaidNotMe(s.file, "another", kNoon + 80h), !looked);
  }
}

struct Closed {
  const char* name;
  std::vector<schemas::Claim> login;
  std::vector<schemas::Claim> transfer;
  schemas::TransactionStatus status;
  bool by_owner;  // The owner's "me" closes it; an analyst's always does.
};

class ClosedByMeTest : public ::testing::TestWithParam<Closed> {};

schemas::Claim CoolingOff() {
  return MakeClaim("cooling_off", schemas::Family::kTakeover, schemas::Severity::kMedium, 1);
}

schemas::Claim PassesThrough() {
  return MakeClaim("pass_through", schemas::Family::kMoney, schemas::Severity::kMedium, 1);
}

// Whoever holds the mailbox can say "me" of each notice; what he took stays for a person to see.
TEST_P(ClosedByMeTest, Answers) {
  const Closed& tested = GetParam();
  for (const FeedbackBy by : {FeedbackBy::kOwner, FeedbackBy::kAnalyst}) {
    Scenario s;
    s.Decide(s.Login(kNoon), tested.login);
    s.Decide(s.Transfer(kNoon + 1h, tested.status), tested.transfer);
    ASSERT_EQ(s.file.cases().size(), 1U);
    const std::string case_id = s.file.cases()[0].case_id;
    const Decision& d = s.Decide(s.Answer(kNoon + 2h, FeedbackVerdict::kMe, by, "", case_id));
    const bool closes = by == FeedbackBy::kAnalyst || tested.by_owner;
    EXPECT_EQ(s.file.FindCase(case_id)->state, closes ? CaseState::kResolved : CaseState::kOpen);
    ASSERT_EQ(d.tickets.size(), 1U);
    EXPECT_EQ(d.tickets[0].operation,
              closes ? schemas::TicketOperation::kResolve : schemas::TicketOperation::kAppend);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Cases, ClosedByMeTest,
    ::testing::Values(
        Closed{"ANewPlace", {Medium(Travel())}, {}, schemas::TransactionStatus::kCompleted, true},
        Closed{"AnUnusualPaymentOfOnesOwn", {}, {Breach()}, schemas::TransactionStatus::kCompleted, true},
        Closed{"ASuspiciousPaymentFromANewPlace",
               {Medium(Travel())},
               {Breach()},
               schemas::TransactionStatus::kCompleted,
               false},
        Closed{
            "TheSameDeclined", {Medium(Travel())}, {Breach()}, schemas::TransactionStatus::kDeclined, true},
        Closed{"BesideWhatTheOwnerIsNotTold",
               {},
               {Breach(), PassesThrough()},
               schemas::TransactionStatus::kCompleted,
               false},
        Closed{"ATakeoverThatMayBe", {CoolingOff()}, {}, schemas::TransactionStatus::kDeclined, false}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace tocsin::alerts::testing
