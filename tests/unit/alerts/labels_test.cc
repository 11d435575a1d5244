// Labels: each finding one, whoever says it and however often; and what an analyst's "false positive"
// silences.
#include "alerts/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "alerts/answered_causes.h"
#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts::testing {
namespace {

using namespace std::chrono_literals;
using schemas::FeedbackBy;
using schemas::FeedbackVerdict;
using schemas::Severity;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string CaseIdOf(const Scenario& s) { return s.file.cases().at(0).case_id; }

schemas::Feedback About(const Scenario& s, FeedbackVerdict verdict, FeedbackBy by) {
  return {.verdict = verdict, .by = by, .case_id = CaseIdOf(s)};
}

// "+new_device:1/0" of each change.
std::vector<std::string> Said(const std::vector<LabelChange>& changes) {
  std::vector<std::string> said;
  for (const LabelChange& change : changes)
    said.push_back(change.detector + " " + std::to_string(change.right) + "/" + std::to_string(change.wrong));
  return said;
}

TEST(LabelsTest, EveryFindingOfTheCaseIsCountedOnce) {
  Scenario s;
  s.Decide(s.Login(kNoon), {NewDevice(), Travel()});
  const auto yes = About(s, FeedbackVerdict::kConfirmedFraud, FeedbackBy::kAnalyst);
  EXPECT_THAT(Said(LabelFindings(yes, s.file)), ElementsAre("new_device 1/0", "impossible_travel 1/0"));
  EXPECT_THAT(LabelFindings(yes, s.file), IsEmpty());
}

TEST(LabelsTest, AnAnalystsWordTakesTheOwnersBack) {
  Scenario s;
  s.Decide(s.Login(kNoon), {NewDevice()});
  EXPECT_THAT(Said(LabelFindings(About(s, FeedbackVerdict::kMe, FeedbackBy::kOwner), s.file)),
              ElementsAre("new_device 0/1"));
  EXPECT_THAT(Said(LabelFindings(About(s, FeedbackVerdict::kConfirmedFraud, FeedbackBy::kAnalyst), s.file)),
              ElementsAre("new_device 1/-1"));
  EXPECT_THAT(LabelFindings(About(s, FeedbackVerdict::kMe, FeedbackBy::kOwner), s.file), IsEmpty());
}

TEST(LabelsTest, AnOwnersNotMeIsNotTakenBackByALaterMe) {
  Scenario s;
  s.Decide(s.Login(kNoon), {NewDevice()});
  (void)LabelFindings(About(s, FeedbackVerdict::kNotMe, FeedbackBy::kOwner), s.file);
  EXPECT_THAT(LabelFindings(About(s, FeedbackVerdict::kMe, FeedbackBy::kOwner), s.file), IsEmpty());
  EXPECT_EQ(s.file.cases().at(0).findings.at(0).label, Label::kRight);
}

TEST(LabelsTest, ANoticeIsAboutWhatItTold) {
  Scenario s;
  const std::string notice = s.Decide(s.Login(kNoon), {NewDevice()}).notices.at(0).notice_id;
  s.Decide(s.Login(kNoon + 1h), {Breach()});
  const schemas::Feedback me{.verdict = FeedbackVerdict::kMe, .by = FeedbackBy::kOwner, .notice_id = notice};
  EXPECT_THAT(Said(LabelFindings(me, s.file)), ElementsAre("new_device 0/1"));
}

TEST(LabelsTest, ALabelOutlivesTheFindingsNextVersionAndARestart) {
  Scenario s;
  schemas::Claim claim = NewDevice();
  claim.cause = {"first"};
  s.Decide(s.Login(kNoon), {claim});
  (void)LabelFindings(About(s, FeedbackVerdict::kMe, FeedbackBy::kOwner), s.file);
  s.Decide(s.Login(kNoon + 1h), {claim});
  EXPECT_EQ(s.file.cases().at(0).findings.at(0).label, Label::kWrong);
  std::string bytes;
  s.file.EncodeSegment(Segment::kCase, bytes);
  CaseFile read;
  ASSERT_TRUE(read.DecodeSegment(Segment::kCase, bytes));
  EXPECT_EQ(read.cases(), s.file.cases());
}

// A label may come weeks later, when the account has had other cases.
TEST(LabelsTest, ReachACaseThatAnotherReplaced) {
  Scenario s;
  s.Decide(s.Login(kNoon), {NewDevice()});
  const auto fraud = About(s, FeedbackVerdict::kConfirmedFraud, FeedbackBy::kAnalyst);
  s.Decide(s.Login(kNoon + 480h), {Travel()});
  s.Decide(s.Login(kNoon + 960h), {Breach()});
  EXPECT_TRUE(AnswersAny(s.file, fraud));
  EXPECT_THAT(Said(LabelFindings(fraud, s.file)), ElementsAre("new_device 1/0"));
  EXPECT_THAT(LabelFindings(fraud, s.file), IsEmpty());
  EXPECT_THAT(AnsweredCauses(s.file, fraud), ElementsAre("e1"));
}

TEST(LabelsTest, OfANoticeReachACaseThatAnotherReplaced) {
  Scenario s;
  const std::string notice = s.Decide(s.Login(kNoon), {NewDevice(), Breach()}).notices.at(0).notice_id;
  s.Decide(s.Login(kNoon + 80h), {Travel()});
  const schemas::Feedback no{
      .verdict = FeedbackVerdict::kNotMe, .by = FeedbackBy::kOwner, .notice_id = notice};
  EXPECT_THAT(Said(LabelFindings(no, s.file)), ElementsAre("new_device 1/0", "limit_breach 1/0"));
}

TEST(LabelsTest, ReachWhatGoesOnInAnotherCase) {
  Scenario s;
  schemas::Claim claim = NewDevice();
  claim.cause = {"first"};
  s.Decide(s.Login(kNoon), {claim});
  const auto fraud = About(s, FeedbackVerdict::kConfirmedFraud, FeedbackBy::kAnalyst);
  s.Decide(s.Login(kNoon + 480h), {claim, Travel()});
  ASSERT_NE(CaseIdOf(s), fraud.case_id);
  EXPECT_THAT(Said(LabelFindings(fraud, s.file)), ElementsAre("new_device 1/0")) << "and not the travel";
  // Said of the case it is in now, it is no other label; and it stays in the next.
  EXPECT_THAT(Said(LabelFindings(About(s, FeedbackVerdict::kConfirmedFraud, FeedbackBy::kAnalyst), s.file)),
              ElementsAre("impossible_travel 1/0"));
  s.Decide(s.Login(kNoon + 960h), {claim});
  EXPECT_EQ(s.file.cases().at(0).findings.at(0).label, Label::kRightByAnalyst);
}

TEST(LabelsTest, WhatIsNotKnownIsNobodys) {
  Scenario s;
  s.Decide(s.Login(kNoon), {NewDevice()});
  const schemas::Feedback feedback{
      .verdict = FeedbackVerdict::kMe, .by = FeedbackBy::kOwner, .case_id = "another"};
  EXPECT_FALSE(AnswersAny(s.file, feedback));
  EXPECT_THAT(LabelFindings(feedback, s.file), IsEmpty());
}

class AllowanceTest : public ::testing::Test {
 protected:
  AllowanceTest() { s.Decide(s.Login(kNoon), {NewDevice()}); }
  void Say(FeedbackVerdict verdict, FeedbackBy by, Timestamp at, std::chrono::seconds allowed_for = 168h) {
    TakeAllowance(About(s, verdict, by), at, allowed_for, s.file);
  }
  bool Allowed(Timestamp at, Severity severity = Severity::kLow) {
    schemas::Claim claim = NewDevice();
    claim.severity = severity;
    return s.file.AllowanceOf(claim, at) != nullptr;
  }
  Scenario s;
};

TEST_F(AllowanceTest, LastsUntilItsEndAndNotForAnythingGraver) {
  Say(FeedbackVerdict::kFalsePositive, FeedbackBy::kAnalyst, kNoon);
  EXPECT_TRUE(Allowed(kNoon + 168h - 1ms));
  EXPECT_FALSE(Allowed(kNoon + 168h));
  EXPECT_FALSE(Allowed(kNoon + 1h, Severity::kHigh));
  EXPECT_EQ(s.file.AllowanceOf(Travel(), kNoon + 1h), nullptr);
}

TEST_F(AllowanceTest, IsAnAnalystsToGive) {
  Say(FeedbackVerdict::kFalsePositive, FeedbackBy::kSystem, kNoon);
  Say(FeedbackVerdict::kMe, FeedbackBy::kOwner, kNoon);
  Say(FeedbackVerdict::kMe, FeedbackBy::kAnalyst, kNoon);
  EXPECT_FALSE(Allowed(kNoon + 1h));
  Say(FeedbackVerdict::kFalsePositive, FeedbackBy::kAnalyst, kNoon, 0s);
  EXPECT_FALSE(Allowed(kNoon));
}

TEST_F(AllowanceTest, EndsWhenTheAccountIsInOtherHands) {
  Say(FeedbackVerdict::kFalsePositive, FeedbackBy::kAnalyst, kNoon);
  Say(FeedbackVerdict::kNotMe, FeedbackBy::kOwner, kNoon + 1h);
  EXPECT_FALSE(Allowed(kNoon + 1h));
}

TEST_F(AllowanceTest, OutlivesItsCaseAndARestart) {
  Say(FeedbackVerdict::kFalsePositive, FeedbackBy::kAnalyst, kNoon, 60 * 24h);
  s.Decide(s.Login(kNoon + 10 * 24h), {Travel()});  // Another case.
  EXPECT_TRUE(Allowed(kNoon + 10 * 24h));
  std::string bytes;
  s.file.EncodeSegment(Segment::kCase, bytes);
  ASSERT_TRUE(s.file.DecodeSegment(Segment::kCase, bytes));
  EXPECT_TRUE(Allowed(kNoon + 59 * 24h));
  s.Decide(s.Login(kNoon + 59 * 24h));  // The case itself is long over.
  EXPECT_TRUE(Allowed(kNoon + 59 * 24h));
}

TEST_F(AllowanceTest, OfACaseThatIsOverHoldsForTheNext) {
  const auto wrong = About(s, FeedbackVerdict::kFalsePositive, FeedbackBy::kAnalyst);
  s.Decide(s.Login(kNoon + 480h), {Travel()});
  TakeAllowance(wrong, kNoon + 481h, 168h, s.file);
  EXPECT_TRUE(Allowed(kNoon + 482h));
  EXPECT_EQ(s.file.AllowanceOf(Travel(), kNoon + 482h), nullptr);
}

TEST_F(AllowanceTest, NeverSilencesAReport) {
  s.Decide(s.Login(kNoon + 1min), {Reported()});
  Say(FeedbackVerdict::kFalsePositive, FeedbackBy::kAnalyst, kNoon + 1h);
  EXPECT_EQ(s.file.AllowanceOf(Reported(), kNoon + 2h), nullptr);
}

// The case's end, from which quarantine counts.
TEST(HeldUntilTest, IsTheEndOfTheLastToldCaseThatNobodyDecided) {
  Scenario s;
  s.Decide(s.Login(kNoon), {Breach()});  // Medium.
  EXPECT_EQ(s.file.HeldUntil(kNoon + 71h), kTimestampMin);
  EXPECT_EQ(s.file.HeldUntil(kNoon + 72h), kNoon + 72h);
  // A small case after it neither forgets nor moves it.
  s.Decide(s.Login(kNoon + 100h), {NewDevice()});
  EXPECT_EQ(s.file.HeldUntil(kNoon + 101h), kNoon + 72h);
  EXPECT_EQ(s.file.HeldUntil(kNoon + 300h), kNoon + 72h);
  // A decision ends it.
  s.Decide(s.Answer(kNoon + 101h, FeedbackVerdict::kFalsePositive, FeedbackBy::kAnalyst, "", CaseIdOf(s)));
  EXPECT_EQ(s.file.HeldUntil(kNoon + 102h), kTimestampMin);
}

// Whoever knows no password types wrong ones as often as he likes.
TEST(HeldUntilTest, ACaseOfFailedLoginsHoldsNothing) {
  for (const bool used : {false, true}) {
    Scenario s;
    const auto guesses = [](const std::string& cause) {
      return MakeClaim("password_guessing", schemas::Family::kCredential, schemas::Severity::kMedium, 0.1,
                       cause);
    };
    schemas::Claim stranger = NewDevice();
    if (used) stranger.severity = schemas::Severity::kMedium;
    s.Decide(s.Login(kNoon), {stranger, guesses("run-0")});
    // More runs than a case has room for push nothing else out.
    for (int run = 1; run <= 80; ++run)
      s.Decide(s.Login(kNoon + run * 1min), {guesses("run-" + std::to_string(run))});
    EXPECT_EQ(s.file.HasToldCase(kNoon + 2h), used);
    const Timestamp end = s.file.cases().at(0).open_until;
    EXPECT_EQ(s.file.HeldUntil(end), used ? end : kTimestampMin);
    s.Decide(s.Login(end + 1h), {guesses("again")});
    ASSERT_NE(s.file.cases().at(0).open_until, end) << "another case";
    EXPECT_EQ(s.file.HeldUntil(end + 1h), used ? end : kTimestampMin);
  }
}

TEST(HeldUntilTest, ASmallCaseHoldsNothing) {
  Scenario s;
  s.Decide(s.Login(kNoon), {NewDevice()});
  EXPECT_EQ(s.file.HeldUntil(kNoon + 100h), kTimestampMin);
}

// A told case goes on as long as what it is about goes on, and the next one has ids of its own.
TEST(HeldUntilTest, TheSameFindingAgainIsOneCaseAndThenAnother) {
  Scenario s;
  schemas::Claim claim = Travel();
  claim.cause = {"first"};
  claim.occurred_at = kNoon;
  s.Decide(s.Login(kNoon), {claim});
  const std::string first = CaseIdOf(s);
  for (int day = 1; day < 14; ++day) s.Decide(s.Login(kNoon + day * 24h), {claim});
  EXPECT_EQ(CaseIdOf(s), first);
  EXPECT_EQ(s.file.cases()[0].open_until, kNoon + 14 * 24h);
  std::vector<std::string> ids = {first};
  for (int day = 14; day < 60; ++day) {
    s.Decide(s.Login(kNoon + day * 24h), {claim});
    if (CaseIdOf(s) != ids.back()) ids.push_back(CaseIdOf(s));
  }
  EXPECT_THAT(ids, ::testing::SizeIs(5));
  std::ranges::sort(ids);
  EXPECT_EQ(std::ranges::adjacent_find(ids), ids.end());
}

}  // namespace
}  // namespace tocsin::alerts::testing
