// new_network where a class of network has many systems: satellite lines, of which every provider has
// several.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/settled_account.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::NetworkClass;
using test::AccountStory;
using test::EventBuilder;
using test::kNoon;
using test::NetworkOf;
using test::SettledAccount;

constexpr auto kDay = 24h;
constexpr NetworkOf kStarlink{"81.2.72.10", 14593, "Space Exploration", NetworkClass::kSatellite};
constexpr NetworkOf kStarlinkToo{"81.2.73.10", 27277, "Space Exploration", NetworkClass::kSatellite};
constexpr NetworkOf kIntelsat{"81.2.74.10", 22351, "Intelsat", NetworkClass::kSatellite};
// Of a system that no table knows: told by its name.
constexpr NetworkOf kByName{"81.2.75.10", 64512, "Example Satellite", NetworkClass::kSatellite};

// Twenty days at home, which is wherever the dish stands.
void LiveVia(AccountStory& story, const NetworkOf& network) {
  for (int day = 20; day > 0; --day)
    story.Run(EventBuilder("day" + std::to_string(day), kNoon - day * kDay).Via(network));
}

// Panther's list of satellite lines is one system: to it each of these is a stranger's network.
TEST(SatelliteNetwork, AnotherSystemIsNoOtherClass) {
  for (const NetworkOf& network : {kStarlinkToo, kIntelsat, kByName}) {
    AccountStory story;
    LiveVia(story, kStarlink);
    story.Run(EventBuilder("now", kNoon).Via(network).With(test::kStranger));
    const Claim& claim = story.Only("new_network");
    EXPECT_EQ(claim.reasons.at(0).code, "new_network") << network.asn;
    EXPECT_EQ(claim.severity, schemas::Severity::kInfo) << network.asn;
    EXPECT_DOUBLE_EQ(claim.weight, 0.3) << network.asn;
  }
}

TEST(SatelliteNetwork, OfTheSameNumberAnotherClassIsOne) {
  AccountStory story;
  LiveVia(story, kStarlink);
  story.Run(EventBuilder("now", kNoon).Via(test::kHosting).With(test::kStranger));
  const Claim& claim = story.Only("new_network");
  EXPECT_EQ(claim.reasons.at(0).code, "new_network_class");
  EXPECT_EQ(claim.severity, schemas::Severity::kLow);
  EXPECT_DOUBLE_EQ(claim.weight, 0.9);
}

// The first satellite line of who was always at home is one finding, through whichever systems it is seen;
// once it is the account's own, so is the class.
TEST(SatelliteNetwork, TheFirstOfAllSystemsIsOneFinding) {
  SettledAccount account;
  account.Run(EventBuilder("first", kNoon).Via(kStarlink));
  account.Run(EventBuilder("second", kNoon + kDay).Via(kStarlinkToo));
  account.Run(EventBuilder("third", kNoon + 2 * kDay).Via(kIntelsat));
  EXPECT_EQ(account.ActiveCauses("new_network"), std::vector<std::string>{"first"});
  EXPECT_EQ(account.Only("new_network").reasons.at(0).code, "new_network_class");
  // Nobody has objected for a week.
  account.Run(EventBuilder("ripe", kNoon + 8 * kDay).Via(kStarlink));
  account.Run(EventBuilder("fourth", kNoon + 20 * kDay).Via(kByName));
  EXPECT_EQ(account.ActiveCauses("new_network"), (std::vector<std::string>{"first", "fourth"}));
  for (const auto& [id, claim] : account.active()) {
    if (claim.detector != "new_network" || claim.cause.front() != "fourth") continue;
    EXPECT_EQ(claim.reasons.at(0).code, "new_network");
    EXPECT_EQ(claim.severity, schemas::Severity::kInfo);
  }
}

}  // namespace
}  // namespace tocsin::detectors
