// What looks like one of the account's devices and has no id: whose it may be, and what it is not trusted
// with.
#include <gtest/gtest.h>

#include "detectors/novelty.h"
#include "detectors/takeover_stages.h"
#include "tests/support/settled_account.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using test::AccountStory;
using test::EventBuilder;
using test::kNoon;

// kLaptop as it looks to whoever does not get its id.
constexpr test::DeviceOf kLooks{"",
                                test::kLaptop.platform,
                                test::kLaptop.model,
                                test::kLaptop.os_family,
                                test::kLaptop.browser_family,
                                10,
                                120};

// Sixty days of logins with the device, the last one a day before kNoon.
void Settle(AccountStory& story, const test::DeviceOf& device) {
  for (int day = 60; day >= 1; --day) {
    story.Run(EventBuilder("settled-" + std::to_string(day), kNoon - day * 24h).With(device));
  }
}

struct Use {
  const char* name;
  test::DeviceOf known;
  test::DeviceOf used;
  bool own;
};
std::ostream& operator<<(std::ostream& out, const Use& use) { return out << use.name; }

class OwnDeviceTest : public testing::TestWithParam<Use> {};

TEST_P(OwnDeviceTest, IsTrustedOnlyUnderItsOwnName) {
  const Use& use = GetParam();
  AccountStory story;
  Settle(story, use.known);
  const schemas::Event event =
      EventBuilder("e", kNoon).Changed(schemas::ChangeKind::kPayeeAdded).With(use.used);
  EXPECT_EQ(OwnDevice(event, story.state()) != NoveltyResult::kNone, use.own);
  EXPECT_EQ(DeviceTrust(event, story.state()) > 0.5, use.own);
  story.Run(event);
  const std::vector<StageSeen>& stages = story.state().security().stages;
  const auto payee = std::ranges::find(stages, Stage::kPayeeAdded, &StageSeen::stage);
  ASSERT_NE(payee, stages.end());
  EXPECT_EQ(payee->own_device, use.own);
}

constexpr test::DeviceOf OfId(test::DeviceOf device, std::string_view id) {
  device.id = id;
  return device;
}
constexpr test::DeviceOf OfBrowser(test::DeviceOf device, int major) {
  device.browser_major = major;
  return device;
}

INSTANTIATE_TEST_SUITE_P(
    Devices, OwnDeviceTest,
    testing::Values(Use{"ItsId", test::kLaptop, test::kLaptop, true},
                    Use{"ItsLooksWithoutTheId", test::kLaptop, kLooks, false},
                    Use{"ItsLooksAndAnotherId", test::kLaptop, OfId(test::kLaptop, "laptop-2"), false},
                    Use{"NeverAnId", kLooks, kLooks, true},
                    Use{"NeverAnIdAndUpdated", kLooks, OfBrowser(kLooks, 121), true},
                    Use{"AnIdOfWhatHadNone", kLooks, OfId(test::kLaptop, "laptop-2"), false},
                    Use{"OtherLooks", kLooks, test::kStranger, false}),
    [](const auto& tested) { return std::string(tested.param.name); });

// An owner whose browser sends no id beside an app that does.
TEST(OwnDevice, OneWithoutIdIsItselfBesideOthersWithOne) {
  AccountStory story;
  for (int day = 60; day >= 1; --day) {
    story.Run(EventBuilder("app-" + std::to_string(day), kNoon - day * 24h).With(test::kLaptop));
    story.Run(EventBuilder("web-" + std::to_string(day), kNoon - day * 24h + 2h).With(test::kBrowser));
  }
  const schemas::Event event = EventBuilder("e", kNoon).With(test::kBrowser);
  EXPECT_GT(DeviceTrust(event, story.state()), 0.5);
}

}  // namespace
}  // namespace tocsin::detectors
