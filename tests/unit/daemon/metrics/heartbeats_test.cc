// How old the newest heartbeat is, by a clock that people set.
#include "daemon/metrics/heartbeats.h"

#include <gtest/gtest.h>

#include <array>

namespace tocsin::daemon {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

TEST(HeartbeatsTest, AClockThatWasSetBackDoesNotHideThatNoneComes) {
  const Timestamp now = FromMillis(1'700'000'000'000);
  Heartbeats heartbeats;
  heartbeats.Have(std::array<int32_t, 1>{0}, now);
  heartbeats.Add(0, now + hours(1));
  heartbeats.Committed(now + hours(1));
  EXPECT_EQ(heartbeats.Oldest(), now + hours(1));
  heartbeats.Add(0, now + seconds(1));
  heartbeats.Committed(now + seconds(2));
  EXPECT_EQ(heartbeats.Oldest(), now + seconds(1));
  // One that was overtaken on the way makes nothing older.
  heartbeats.Add(0, now);
  heartbeats.Committed(now + seconds(3));
  EXPECT_EQ(heartbeats.Oldest(), now + seconds(1));
}

}  // namespace
}  // namespace tocsin::daemon
