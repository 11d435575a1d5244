// The score behind login_rarity: monotone, backed off, and blind to the order of arrival within minutes.
#include "detectors/rarity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "tests/support/account_story.h"
#include "tests/support/event_builder.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::Event;
using test::AccountStory;
using test::EventBuilder;

constexpr Timestamp kNoon = FromMillis(1'772'366'400'000);
constexpr test::City kLagos{"Lagos", "Lagos", "NG", 6.45, 3.39};
constexpr test::NetworkOf kLagosLine{"102.88.192.5", 29465, "Lagos Mobile", schemas::NetworkClass::kMobile};

// Two thousand logins of others: mostly at home, some in Munich over another line, a few from Tokyo.
void Populate(Population& population) {
  for (int i = 0; i < 2000; ++i) {
    EventBuilder builder("p" + std::to_string(i), kNoon - 24h * 10 + 1min * i);
    builder.With(i % 3 == 0 ? test::kLaptop : test::kPhone);
    if (i % 5 == 0) builder.From(test::kMunich).Via(test::kOtherLine);
    if (i % 50 == 0) builder.From(test::kTokyo).Via(test::kMobile);
    population.Learn(builder, "");
  }
}

class RarityTest : public testing::Test {
 protected:
  RarityTest() { Populate(story_.population()); }

  void LiveAtHome(int days) {
    for (int day = days; day > 0; --day)
      story_.Run(EventBuilder("home" + std::to_string(day), kNoon - 24h * day));
  }
  [[nodiscard]] Rarity Of(const Event& event) { return RarityOf(event, story_.state(), story_.population()); }
  [[nodiscard]] double Network(const EventBuilder& builder) {
    const Rarity rarity = Of(builder);
    return rarity.network ? rarity.network->log_ratio : NAN;
  }

  AccountStory story_;
};

TEST_F(RarityTest, UsualLessThanNewNetworkLessThanNewCountry) {
  LiveAtHome(30);
  const double usual = Network(EventBuilder("a", kNoon));
  const double other_line = Network(EventBuilder("b", kNoon).Via(test::kOtherLine));
  const double unseen_line = Network(EventBuilder("c", kNoon).Via(test::kHosting));
  const double abroad = Network(EventBuilder("d", kNoon).From(test::kTokyo).Via(test::kMobile));
  const double nowhere = Network(EventBuilder("e", kNoon).From(kLagos).Via(kLagosLine));
  EXPECT_LT(usual, -0.5);
  EXPECT_GT(other_line, usual);
  EXPECT_GT(unseen_line, other_line);
  EXPECT_GT(abroad, other_line);
  EXPECT_GT(nowhere, abroad);
}

TEST_F(RarityTest, WithoutHistoryThePopulationAloneDecides) {
  const double common = Network(EventBuilder("a", kNoon));
  const double rare = Network(EventBuilder("b", kNoon).From(test::kTokyo).Via(test::kMobile));
  const double never = Network(EventBuilder("c", kNoon).From(kLagos).Via(kLagosLine));
  EXPECT_LT(common, 0);
  EXPECT_GT(rare, common);
  EXPECT_GT(never, rare);
  EXPECT_GT(never, 2);
  EXPECT_FALSE(Of(EventBuilder("d", kNoon)).address.has_value());
}

// The defect of the published smoothing (see tests/quality/test_freeman.py): someone mostly abroad who comes
// back to a known network on a new address scored eight times a country that nobody had ever used.
TEST_F(RarityTest, KnownInPartIsNeverWorseThanNotAtAll) {
  LiveAtHome(3);
  for (int day = 200; day > 0; --day) {
    story_.Run(EventBuilder("away" + std::to_string(day), kNoon - 6h - 24h * (day % 20))
                   .From(test::kTokyo)
                   .Via(test::kMobile));
  }
  const Rarity back = Of(EventBuilder("back", kNoon).Address("81.2.69.99"));
  const Rarity unknown = Of(EventBuilder("unknown", kNoon).From(kLagos).Via(kLagosLine));
  // In nothing else do they differ: both on the owner's telephone, both from an address never seen.
  ASSERT_TRUE(back.device && unknown.device && back.address && unknown.address);
  ASSERT_EQ(back.device->log_ratio, unknown.device->log_ratio);
  ASSERT_EQ(back.address->log_ratio, unknown.address->log_ratio);
  ASSERT_EQ(back.device_trust, unknown.device_trust);
  EXPECT_LT(back.network->log_ratio, unknown.network->log_ratio);
  EXPECT_LT(back.score(), unknown.score());
}

TEST_F(RarityTest, ANewIdOfTheSameModelIsOneLevelOfSurprise) {
  LiveAtHome(30);
  test::DeviceOf other = test::kPhone;
  other.id = "phone-2";
  const double own = Of(EventBuilder("a", kNoon)).device->log_ratio;
  const double same_model = Of(EventBuilder("b", kNoon).With(other)).device->log_ratio;
  const double stranger = Of(EventBuilder("c", kNoon).With(test::kStranger)).device->log_ratio;
  EXPECT_EQ(own, kFactorMin);
  EXPECT_GT(same_model, own + 1);
  EXPECT_GT(stranger, same_model);
}

TEST_F(RarityTest, WhatWaitsInQuarantineCountsNothing) {
  LiveAtHome(30);
  const EventBuilder abroad =
      EventBuilder("a", kNoon - 2h).From(test::kTokyo).Via(test::kMobile).With(test::kStranger);
  const double before = Of(abroad).score();
  story_.Run(abroad);
  story_.Run(EventBuilder("b", kNoon - 1h).From(test::kTokyo).Via(test::kMobile).With(test::kStranger));
  const Rarity after =
      Of(EventBuilder("c", kNoon).From(test::kTokyo).Via(test::kMobile).With(test::kStranger));
  EXPECT_NEAR(after.network->log_ratio + after.device->log_ratio, before, 2.5);
  EXPECT_GT(after.network->log_ratio, 1);
  EXPECT_GT(after.device->log_ratio, 1);
}

TEST_F(RarityTest, ALoginOfTheLastMinutesChangesNothing) {
  LiveAtHome(20);
  const Event event = EventBuilder("late", kNoon).Via(test::kOtherLine);
  const double before = Of(event).score();
  story_.Run(EventBuilder("near", kNoon - 5min).Address("81.2.69.200"));
  story_.Run(EventBuilder("after", kNoon + 4min).Address("81.2.69.201"));
  EXPECT_NEAR(Of(event).score(), before, 0.02);
}

// The same address before and within the days that count: it is one kind, not none.
TEST_F(RarityTest, EveryFactorIsFinite) {
  LiveAtHome(30);
  for (const test::NetworkOf& network : {test::kHomeLine, test::kOtherLine, test::kHosting, test::kVpn}) {
    const Rarity rarity = Of(EventBuilder("e", kNoon).Via(network).With(test::kStranger));
    EXPECT_TRUE(std::isfinite(rarity.score()));
  }
}

TEST_F(RarityTest, MissingDataIsNoFactor) {
  LiveAtHome(10);
  EXPECT_FALSE(Of(EventBuilder("a", kNoon).Nowhere()).network.has_value());
  EXPECT_FALSE(Of(EventBuilder("b", kNoon).WithoutDevice()).device.has_value());
}

TEST(BackedOff, MeetsItsEnds) {
  EXPECT_DOUBLE_EQ(BackedOff({}, 0.25), 0.25);
  EXPECT_DOUBLE_EQ(BackedOff({.value = 3, .all = 9, .kinds = 3}, 0), 0.25);
  EXPECT_DOUBLE_EQ(BackedOff({.value = 0, .all = 9, .kinds = 3}, 1), 0.25);
}

// Over random counts: used less is never safer; of what was never used, rarer among all is never safer; and
// less known one level up is never safer.
TEST(StrangerLogRatio, IsMonotone) {
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> unit(0, 1);
  for (int i = 0; i < 20'000; ++i) {
    const double all = 100 * unit(random);
    const double kinds = 1 + std::floor(20 * unit(random));
    const double value = all * unit(random);
    const double less = value * unit(random);
    const double share = std::pow(10.0, -6 * unit(random));
    const double rarer = share * unit(random);
    const double uniform = 1e-4;
    const double wider = share * (1 + 100 * unit(random));
    EXPECT_LE(StrangerLogRatio(share, uniform, BackedOff({value, all, kinds}, wider)),
              StrangerLogRatio(share, uniform, BackedOff({less, all, kinds}, wider)));
    EXPECT_LE(StrangerLogRatio(share, uniform, BackedOff({0, all, kinds}, share)),
              StrangerLogRatio(rarer, uniform, BackedOff({0, all, kinds}, rarer)) + 1e-12);
    EXPECT_LE(StrangerLogRatio(share, uniform, BackedOff({value, all, kinds}, wider)),
              StrangerLogRatio(share, uniform, BackedOff({value, all, kinds}, wider * unit(random))));
  }
}

// Of the device's many uses the oldest that still counts is the only one from its address: the later use,
// which arrived first, has not taken its place.
TEST_F(RarityTest, ALaterUseThatArrivedFirstTakesNoAddressAway) {
  LiveAtHome(30);
  const auto use = [](std::string_view id, Timestamp at, std::string_view address) {
    return EventBuilder(id, at).Address(address);
  };
  story_.Run(use("once", kNoon - 20h, "81.2.69.99"));
  for (int i = 0; i < 7; ++i) story_.Run(use("n" + std::to_string(i), kNoon - 19h + 2h * i, "81.2.70.1"));
  const Event late = use("late", kNoon, "81.2.69.99");
  const auto before = Of(late).address;
  ASSERT_TRUE(before.has_value());
  EXPECT_EQ(before->log_ratio, kFactorMin);
  story_.Run(use("first", kNoon + 2min, "81.2.70.1"));
  story_.Run(use("second", kNoon + 4min, "81.2.70.1"));
  const auto after = Of(late).address;
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(after->log_ratio, before->log_ratio);
  EXPECT_EQ(after->account_share, before->account_share);
}

// More uses are kept for a late event than for the next: which of them count is the same all the same.
TEST_F(RarityTest, OfEachDeviceTheLastEightSettledUsesCount) {
  LiveAtHome(30);
  const auto use = [](std::string_view id, Timestamp at, std::string_view address) {
    return EventBuilder(id, at).Address(address);
  };
  story_.Run(use("once", kNoon - 20h, "81.2.69.99"));
  for (int i = 0; i < 8; ++i)
    story_.Run(use("n" + std::to_string(i), kNoon - 11min - 2h * (7 - i), "81.2.70.1"));
  const auto factor = Of(use("next", kNoon, "81.2.69.99")).address;
  ASSERT_TRUE(factor.has_value());
  EXPECT_GT(factor->log_ratio, 0) << "eight of its uses have settled since";
}

}  // namespace
}  // namespace tocsin::detectors
