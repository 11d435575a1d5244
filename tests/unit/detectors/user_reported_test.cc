#include "detectors/user_reported.h"

#include <gtest/gtest.h>

#include "tests/support/account_story.h"
#include "tests/support/event_builder.h"

namespace tocsin::detectors {
namespace {

using schemas::FeedbackBy;
using schemas::FeedbackVerdict;
using schemas::Severity;
using test::AccountStory;
using test::EventBuilder;

constexpr Timestamp kNoon = FromMillis(1'772'366'400'000);
constexpr std::string_view kId = "user_reported";

TEST(UserReportedTest, NotMeIsCriticalWhoeverPassesItOn) {
  for (const FeedbackBy by : {FeedbackBy::kOwner, FeedbackBy::kAnalyst, FeedbackBy::kSystem}) {
    AccountStory story;
    story.Run(EventBuilder("answer", kNoon).Answered(FeedbackVerdict::kNotMe, by));
    EXPECT_EQ(story.ActiveCauses(kId), std::vector<std::string>{"answer"});
    EXPECT_EQ(story.Only(kId).severity, Severity::kCritical);
    EXPECT_EQ(story.Only(kId).reasons.front().code, "user_reported");
  }
}

TEST(UserReportedTest, FraudThatAnAnalystConfirmedIsHigh) {
  AccountStory story;
  schemas::Event event =
      EventBuilder("label", kNoon).Answered(FeedbackVerdict::kConfirmedFraud, FeedbackBy::kAnalyst);
  std::get<schemas::Feedback>(event.payload).transaction_id = "t-1";
  story.Run(event);
  EXPECT_EQ(story.Only(kId).severity, Severity::kHigh);
  EXPECT_EQ(story.Only(kId).reasons.front().code, "confirmed_fraud");
  EXPECT_EQ(story.Only(kId).transaction_id, "t-1");
}

TEST(UserReportedTest, FraudThatNoPersonWorksOnIsCritical) {
  AccountStory story;
  story.Run(EventBuilder("label", kNoon).Answered(FeedbackVerdict::kConfirmedFraud, FeedbackBy::kSystem));
  EXPECT_EQ(story.Only(kId).severity, Severity::kCritical);
  EXPECT_EQ(story.Only(kId).reasons.front().code, "confirmed_fraud");
}

TEST(UserReportedTest, GoodNewsIsClear) {
  for (const FeedbackVerdict verdict : {FeedbackVerdict::kMe, FeedbackVerdict::kFalsePositive}) {
    AccountStory story;
    EXPECT_TRUE(
        story.Run(EventBuilder("answer", kNoon).Answered(verdict, FeedbackBy::kOwner)).Of(kId).clear());
  }
}

TEST(UserReportedTest, OtherEventsAreNotItsBusiness) {
  AccountStory story;
  EXPECT_EQ(story.Run(EventBuilder("login", kNoon)).Of(kId).why(), kOtherEvent);
}

}  // namespace
}  // namespace tocsin::detectors
