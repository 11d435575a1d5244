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
  EXPECT_FALSE(SaidNotMe(s.file, notice.notice_id));
  schemas::Claim reported = Reported();
  s.Decide(s.Answer(kNoon + 1h, FeedbackVerdict::kNotMe, FeedbackBy::kOwner, notice.notice_id), {reported});
  EXPECT_TRUE(SaidNotMe(s.file, notice.notice_id));
  s.Decide(s.Answer(kNoon + 2h, FeedbackVerdict::kFalsePositive, FeedbackBy::kAnalyst, "", notice.case_id));
  s.Decide(s.Login(kNoon + 3h), {Travel()});
  ASSERT_EQ(s.file.FindCase(notice.case_id), nullptr);
  EXPECT_TRUE(SaidNotMe(s.file, notice.notice_id));
}

}  // namespace
}  // namespace tocsin::alerts::testing
