// Which events an account has had: what makes a second delivery known and a late one late.
#include <gtest/gtest.h>

#include "detectors/state/recent_events.h"

#include "tests/support/segment_codec.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using test::ExpectRoundTrip;

constexpr Timestamp kNoon = FromMillis(1'772'366'400'000);  // 2026-03-01T12:00:00Z

TEST(RecentEventsTest, KnowsEveryEventOfTheHorizon) {
  RecentEvents recent;
  for (uint64_t i = 1; i <= 1000; ++i) recent.Insert(kNoon + std::chrono::minutes(i), i);
  for (uint64_t i = 1; i <= 1000; ++i) EXPECT_TRUE(recent.Contains(kNoon + std::chrono::minutes(i), i));
  EXPECT_FALSE(recent.Contains(kNoon + 1min, 1001));
  EXPECT_TRUE(recent.Contains(kNoon + 5000min, 7)) << "a copy with another time is a copy";
}

TEST(RecentEventsTest, LateIsMoreThanThreeDaysBeforeTheNewest) {
  RecentEvents recent;
  EXPECT_FALSE(recent.IsLate(kTimestampMin));
  recent.Insert(kNoon, 1);
  EXPECT_FALSE(recent.IsLate(kNoon - 72h));
  EXPECT_TRUE(recent.IsLate(kNoon - 72h - 1ms));
  EXPECT_FALSE(recent.IsLate(kNoon + 1000h));
}

TEST(RecentEventsTest, ForgetsWhatIsExpiredAndStaysSmall) {
  AccountState state;
  RecentEvents& recent = state.MutableRecentEvents();
  for (uint64_t i = 1; i <= 10'000; ++i) recent.Insert(kNoon + std::chrono::hours(i), i);
  EXPECT_EQ(recent.Live().size(), 73U);  // Both ends of 72 h.
  EXPECT_LT(recent.events.size(), 120U);
  EXPECT_FALSE(recent.Contains(kNoon + 5h, 5));
  ExpectRoundTrip(state, Segment::kRecentEvents);
}

TEST(RecentEventsTest, TooManyMakeTheOldestLateInsteadOfForgotten) {
  RecentEvents recent;
  for (uint64_t i = 1; i <= RecentEvents::kEventsMax + 1; ++i)
    recent.Insert(kNoon + std::chrono::seconds(i), i);
  EXPECT_EQ(recent.forgotten_until, kNoon + 512s);
  EXPECT_TRUE(recent.IsLate(kNoon + 512s));
  EXPECT_FALSE(recent.IsLate(kNoon + 513s));
  EXPECT_TRUE(recent.Contains(kNoon + 513s, 513));
  EXPECT_LE(recent.events.size(), RecentEvents::kEventsMax);
}

TEST(RecentEventsTest, OrderOfArrivalDoesNotMatter) {
  RecentEvents forwards;
  RecentEvents backwards;
  for (uint64_t i = 0; i < 60; ++i) forwards.Insert(kNoon + std::chrono::hours(i), i);
  for (uint64_t i = 60; i-- > 0;) backwards.Insert(kNoon + std::chrono::hours(i), i);
  EXPECT_EQ(forwards, backwards);
}

}  // namespace
}  // namespace tocsin::detectors
