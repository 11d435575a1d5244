// The uses that an account's places keep: which of them, and that the order of arrival does not decide it.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "detectors/state/codec.h"
#include "detectors/state/places.h"

namespace tocsin::detectors {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Timestamp kNow = FromMillis(1'772'323'200'000);  // 2026-03-01T00:00:00Z

UseView UseOf(std::string_view event_id, Timestamp at, uint32_t device = 1) {
  return {.at = at,
          .event_id = event_id,
          .point = KeptPoint({.latitude = 52.52, .longitude = 13.405}),
          .radius_km = KeptRadiusKm(25),
          .label = "Berlin, DE",
          .address_hash = 77,
          .device_key = device};
}

std::vector<std::string> IdsOf(const Places& places) {
  std::vector<std::string> ids;
  for (const Use& use : places.uses) ids.push_back(use.event_id);
  return ids;
}

TEST(PlacesUses, KeepTheLastEightOfADeviceAndTheNewest) {
  Places places;
  for (int i = 0; i < 20; ++i)
    places.InsertUse(UseOf("e" + std::to_string(100 + i), kNow + minutes(15 * i), 1));
  places.InsertUse(UseOf("other", kNow, 2));
  ASSERT_EQ(places.uses.size(), 10U);
  EXPECT_EQ(places.uses[0].event_id, "other");
  EXPECT_EQ(places.uses[1].event_id, "e111");
  EXPECT_EQ(places.uses[9].event_id, "e119");
  EXPECT_EQ(places.InsertUse(UseOf("late", kNow + minutes(1), 1)), Places::kDropped);
}

// Ten uses within a quarter of an hour take the place of nothing that an event among them is judged by.
TEST(PlacesUses, TheNewestTakeTheirPlaceOnceTheyAreOld) {
  Places places;
  for (int i = 0; i < 8; ++i) places.InsertUse(UseOf("old" + std::to_string(i), kNow + minutes(i), 1));
  const Timestamp busy = kNow + hours(5);
  for (int i = 0; i < 10; ++i) places.InsertUse(UseOf("new" + std::to_string(i), busy + minutes(i), 1));
  EXPECT_EQ(places.uses.size(), 18U);
  EXPECT_EQ(places.uses.front().event_id, "old0");
  // new0 is a quarter of an hour old: the oldest goes. Then all of them are.
  places.InsertUse(UseOf("other", busy + minutes(15), 2));
  EXPECT_EQ(places.uses.size(), 18U);
  EXPECT_EQ(places.uses.front().event_id, "old1");
  places.InsertUse(UseOf("another", busy + minutes(30), 2));
  EXPECT_EQ(IdsOf(places), (std::vector<std::string>{"new2", "new3", "new4", "new5", "new6", "new7", "new8",
                                                     "new9", "other", "another"}));
}

TEST(PlacesUses, KeepTwentyFourOfAnyNumberOfDevices) {
  Places places;
  for (int i = 0; i < 1000; ++i)
    places.InsertUse(UseOf("e" + std::to_string(i), kNow + minutes(i), static_cast<uint32_t>(i)));
  ASSERT_EQ(places.uses.size(), Places::kUsesMax);
  EXPECT_EQ(places.uses.front().event_id, "e976");
  EXPECT_EQ(places.InsertUse(UseOf("late", kNow + minutes(975), 2000)), Places::kDropped);
}

TEST(PlacesUses, OfThoseBeyondTheHorizonOnlyTheNewestStays) {
  Places places;
  for (int day = 0; day < 6; ++day)
    places.InsertUse(UseOf("d" + std::to_string(day), kNow + hours(24 * day)));
  ASSERT_EQ(places.uses.size(), 5U);  // Day 5 − 72 h = day 2, and day 1 before it.
  EXPECT_EQ(places.uses.front().event_id, "d1");
}

TEST(PlacesUses, WhatStaysDoesNotDependOnTheOrderOfArrival) {
  std::mt19937 random(11);
  size_t dropped = 0;
  for (int round = 0; round < 400; ++round) {
    // Never as many as are kept of all.
    const int span_minutes = round % 2 == 0 ? 30 : 300;
    std::vector<std::string> ids;
    for (int i = 0; i < 24; ++i) ids.push_back("e" + std::to_string(i));
    std::vector<UseView> arrivals;
    for (const std::string& id : ids)
      arrivals.push_back(
          UseOf(id, kNow + minutes(random() % span_minutes), static_cast<uint32_t>(random() % 3)));
    const auto insert_all = [&] {
      Places places;
      for (const UseView& use : arrivals) places.InsertUse(use);
      return places;
    };
    const Places first = insert_all();
    dropped += arrivals.size() - first.uses.size();
    std::shuffle(arrivals.begin(), arrivals.end(), random);
    ASSERT_EQ(insert_all(), first) << "round " << round;
  }
  EXPECT_GT(dropped, 100U);
}

TEST(PlacesUses, AClaimWithAUseThatIsGoneIsForgotten) {
  Places places;
  places.InsertUse(UseOf("first", kNow, 1));
  places.InsertUse(UseOf("second", kNow + minutes(1), 2));
  places.uses[1].claimed_with_previous = true;
  for (int i = 0; i < 9; ++i) places.InsertUse(UseOf("e" + std::to_string(i), kNow + hours(2 + i), 1));
  ASSERT_EQ(places.uses.front().event_id, "second");
  EXPECT_FALSE(places.uses.front().claimed_with_previous);
}

}  // namespace
}  // namespace tocsin::detectors
