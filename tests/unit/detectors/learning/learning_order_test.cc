// Learning ends between two uses of something new, and the second arrives first: what was found of it is
// taken back by the first, which was learnt as everything is at that time.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/settled_account.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::Event;
using test::AccountStory;
using test::EventBuilder;
using test::kNoon;

// Five logins, of which the last is an hour old at kNoon: learning ends then.
struct AboutToBeKnown : AccountStory {
  AboutToBeKnown() {
    for (int day = 5; day >= 2; --day) Run(EventBuilder("day-" + std::to_string(day), kNoon - 24h * day));
    Run(EventBuilder("last", kNoon - 1h));
  }
};

struct New {
  std::string name;
  std::string detector;
  EventBuilder (*use)(std::string_view id, Timestamp at);
};

EventBuilder Foreign(std::string_view id, Timestamp at) { return EventBuilder(id, at).From(test::kParis); }
EventBuilder Hidden(std::string_view id, Timestamp at) { return EventBuilder(id, at).Via(test::kVpn); }
EventBuilder Strange(std::string_view id, Timestamp at) { return EventBuilder(id, at).With(test::kStranger); }
EventBuilder OtherLine(std::string_view id, Timestamp at) {
  return EventBuilder(id, at).Via(test::kOtherLine);
}
EventBuilder OtherClass(std::string_view id, Timestamp at) { return EventBuilder(id, at).Via(test::kMobile); }
EventBuilder Rooted(std::string_view id, Timestamp at) {
  EventBuilder builder(id, at);
  builder.event().facts.device.rooted = true;
  return builder;
}
EventBuilder OtherZone(std::string_view id, Timestamp at) {
  EventBuilder builder(id, at);
  builder.event().timezone = "Asia/Tokyo";
  return builder;
}

class LearningOrderTest : public testing::TestWithParam<New> {};

TEST_P(LearningOrderTest, TheFirstUseTakesBackWhatWasFoundOfTheSecond) {
  const auto& [name, detector, use] = GetParam();
  const Event first = use("first", kNoon - 30s);
  const Event second = use("second", kNoon + 58s);
  const Event third = use("third", kNoon + 3h);
  {
    AboutToBeKnown story;
    story.Run(second);
    EXPECT_FALSE(story.ActiveCauses(detector).empty()) << "alone it is new";
  }
  AboutToBeKnown in_order;
  in_order.RunAll({first, second, third});
  AboutToBeKnown late;
  late.RunAll({second, first, third});
  EXPECT_TRUE(in_order.ActiveCauses(detector).empty());
  EXPECT_TRUE(late.ActiveCauses(detector).empty());
}

INSTANTIATE_TEST_SUITE_P(
    Things, LearningOrderTest,
    testing::Values(New{"Country", "new_country", Foreign}, New{"Anonymiser", "anonymous_network", Hidden},
                    New{"Device", "new_device", Strange}, New{"Network", "new_network", OtherLine},
                    New{"NetworkClass", "new_network", OtherClass}, New{"Oddity", "device_tampered", Rooted},
                    New{"Zone", "locale_mismatch", OtherZone}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace tocsin::detectors
