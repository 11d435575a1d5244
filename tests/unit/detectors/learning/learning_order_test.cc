// Learning ends between two uses of something new, and the second arrives first: what was found of it is
// taken back by the first, which was learnt as everything is at that time. And of a jump it does not matter
// with which of its uses it was found first.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <tuple>
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

// Two homes of one telephone, a flight apart.
Event InBerlin(std::string_view id, Timestamp at) { return EventBuilder(id, at); }
EventBuilder InTokyo(std::string_view id, Timestamp at) {
  return EventBuilder(id, at).From(test::kTokyo).Via(test::kOtherLine);
}
// It jumps to Tokyo, where a payment and a login follow.
struct Jump {
  Event login = InTokyo("login", kNoon);
  Event payment = InTokyo("payment", kNoon + 1min).Paid("tx", {1000, *Currency::Find("EUR")});
  Event again = InTokyo("again", kNoon + 2min);
};
struct TwoHomes : AccountStory {
  explicit TwoHomes(const std::vector<Event>& after, DetectorConfigs configs = {}) : AccountStory(configs) {
    for (int day = 20; day > 0; --day) {
      const std::string id = "day-" + std::to_string(day);
      Run(day % 2 == 0 ? InBerlin(id, kNoon - 24h * day) : Event(InTokyo(id, kNoon - 24h * day)));
    }
    Run(InBerlin("berlin", kNoon - 1h));
    logins = state().sign_ins().successes;
    uses = Uses();
    RunAll(after);
  }
  [[nodiscard]] float Uses() const { return state().devices().known.front().tenure.uses; }
  uint32_t logins = 0;
  float uses = 0;  // Before `after`.
};

TEST(AfterAJumpTest, TheOrderOfArrivalTeachesTheSame) {
  const Jump jump;
  const TwoHomes in_order({jump.login, jump.payment, jump.again});
  EXPECT_EQ(in_order.ActiveCauses("impossible_travel"), (std::vector<std::string>{"berlin+login"}));
  EXPECT_EQ(in_order.Uses(), in_order.uses) << "what follows a jump teaches as little";
  EXPECT_EQ(in_order.state().sign_ins().successes, in_order.logins - 1) << "nor does the login before it";
  for (const std::vector<Event>& arriving :
       {std::vector{jump.payment, jump.login, jump.again}, std::vector{jump.again, jump.login, jump.payment},
        std::vector{jump.again, jump.payment, jump.login}}) {
    const TwoHomes late(arriving);
    EXPECT_EQ(late.ActiveCauses("impossible_travel"), (std::vector<std::string>{"berlin+login"}));
    EXPECT_EQ(late.state().devices(), in_order.state().devices());
    EXPECT_EQ(late.state().networks(), in_order.state().networks());
    EXPECT_EQ(late.state().places(), in_order.state().places());
    EXPECT_EQ(late.state().sign_ins(), in_order.state().sign_ins());
  }
}

TEST(AfterAJumpTest, OnlyWhatGoesOnThereIsUnderSuspicion) {
  const Jump jump;
  const auto teaches = [&](const Event& event, DetectorConfigs configs = {}) {
    const TwoHomes story({jump.login, event}, configs);
    return story.Uses() > story.uses;
  };
  EXPECT_FALSE(teaches(InTokyo("next", kNoon + kSettled - 1ms)));
  EXPECT_TRUE(teaches(InTokyo("next", kNoon + kSettled))) << "it cannot have come before the jump";
  EXPECT_TRUE(teaches(InTokyo("next", kNoon + 1min).Nowhere())) << "nobody compares it";
  DetectorConfigs shadow;
  std::apply([](auto&... configured) { ((configured.options.mode = schemas::Mode::kShadow), ...); }, shadow);
  EXPECT_TRUE(teaches(InTokyo("next", kNoon + 1min), shadow));
}

}  // namespace
}  // namespace tocsin::detectors
