#include "alerts/answers.h"

#include <gtest/gtest.h>

#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts::testing {
namespace {

using namespace std::chrono_literals;
using schemas::FeedbackBy;
using schemas::FeedbackVerdict;

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

struct Closed {
  const char* name;
  std::vector<schemas::Claim> login;
  std::vector<schemas::Claim> transfer;
  schemas::TransactionStatus status;
  bool by_owner;  // The owner's "me" closes it; an analyst's always does.
};

class ClosedByMeTest : public ::testing::TestWithParam<Closed> {};

schemas::Claim Medium(schemas::Claim claim) {
  claim.severity = schemas::Severity::kMedium;
  claim.weight = 0.1;
  return claim;
}
schemas::Claim CoolingOff() {
  return MakeClaim("cooling_off", schemas::Family::kTakeover, schemas::Severity::kMedium, 1);
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
        Closed{"ATakeoverThatMayBe", {CoolingOff()}, {}, schemas::TransactionStatus::kDeclined, false}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace tocsin::alerts::testing
