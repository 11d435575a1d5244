#include "detectors/partial_success.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/account_story.h"
#include "tests/support/event_builder.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::FailureReason;
using schemas::Severity;
using test::AccountStory;
using test::EventBuilder;

constexpr Timestamp kNoon = FromMillis(1'772'366'400'000);
constexpr std::string_view kId = "partial_success";
using Causes = std::vector<std::string>;

struct Attempt {
  std::string name;
  EventBuilder event;
  bool alerts = false;
};
EventBuilder Try(FailureReason reason = FailureReason::kMfaFailed) {
  EventBuilder builder("try", kNoon);
  builder.Failed(reason);
  return builder;
}

class PartialSuccessTest : public testing::TestWithParam<Attempt> {};

void LiveAMonth(AccountStory& story) {
  for (int day = 30; day > 0; --day) story.Run(EventBuilder("day" + std::to_string(day), kNoon - day * 24h));
}

TEST_P(PartialSuccessTest, IsTheRightPasswordFromSomewhereStrange) {
  AccountStory story;
  LiveAMonth(story);
  story.Run(GetParam().event);
  EXPECT_EQ(story.ActiveCauses(kId), GetParam().alerts ? Causes{"try"} : Causes{});
}

INSTANTIATE_TEST_SUITE_P(
    Attempts, PartialSuccessTest,
    testing::Values(Attempt{"OwnDeviceAtHome", Try(), false},
                    Attempt{"StrangeDevice", Try().With(test::kStranger), true},
                    Attempt{"StrangeCountry", Try().From(test::kTokyo), true},
                    Attempt{"OtherTownOfTheCountry", Try().From(test::kMunich), false},
                    Attempt{"Denied", Try(FailureReason::kMfaDenied).With(test::kStranger), true},
                    Attempt{"NotAnswered", Try(FailureReason::kMfaTimeout).With(test::kStranger), true},
                    Attempt{"WrongPassword", Try(FailureReason::kBadCredentials).With(test::kStranger),
                            false},
                    Attempt{"Blocked", Try(FailureReason::kBlockedByPolicy).With(test::kStranger), false},
                    Attempt{"OnlyThePlaceIsKnown", Try().From(test::kTokyo).WithoutDevice(), true},
                    Attempt{"OnlyTheDeviceIsKnown", Try().With(test::kStranger).Nowhere(), true},
                    Attempt{"NothingIsKnown", Try().Nowhere().WithoutDevice(), false}),
    [](const auto& tested) { return tested.param.name; });

TEST(PartialSuccess, SaysWhyItCannotTell) {
  AccountStory fresh;
  EXPECT_EQ(fresh.Run(Try().With(test::kStranger)).Of(kId).why(), kLearning);
  AccountStory story;
  LiveAMonth(story);
  EXPECT_EQ(story.Run(Try().Nowhere().WithoutDevice()).Of(kId).why(), kNoDevice);
}

TEST(PartialSuccess, AnnouncedTravelIsNoStrangePlace) {
  AccountStory story;
  LiveAMonth(story);
  EventBuilder notice("notice", kNoon - 1h);
  notice.Changed(schemas::ChangeKind::kTravelNotice);
  std::get<schemas::AccountChange>(notice.event().payload).travel =
      schemas::Travel{.countries = {"JP"}, .from = kNoon - 1h, .until = kNoon + 72h};
  story.Run(notice);
  story.Run(Try().From(test::kTokyo));
  EXPECT_TRUE(story.ActiveCauses(kId).empty());
}

TEST(PartialSuccess, OneRunIsOneFindingThatGrows) {
  AccountStory story;
  LiveAMonth(story);
  const auto attempt = [&](const std::string& id, Timestamp at) {
    story.Run(EventBuilder(id, at).Failed(FailureReason::kMfaFailed).With(test::kStranger));
  };
  attempt("first", kNoon);
  attempt("second", kNoon + 24h);
  EXPECT_EQ(story.Only(kId).severity, Severity::kLow);
  attempt("third", kNoon + 25h);
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"first"});
  EXPECT_EQ(story.Only(kId).severity, Severity::kMedium);
  attempt("much later", kNoon + 50h);
  EXPECT_EQ(story.ActiveCauses(kId), (Causes{"first", "much later"}));
  attempt("late", kNoon + 30h);  // Joins them.
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"first"});
  attempt("earliest", kNoon - 1h);
  EXPECT_EQ(story.ActiveCauses(kId), Causes{"earliest"});
}

}  // namespace
}  // namespace tocsin::detectors
