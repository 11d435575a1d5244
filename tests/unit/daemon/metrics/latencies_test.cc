#include "daemon/metrics/latencies.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tocsin::daemon {
namespace {

using namespace std::chrono_literals;

const Timestamp kNow = FromMillis(1'000'000);

template <class Buckets>
uint64_t CountOf(const Buckets& histogram) {
  uint64_t count = 0;
  for (const Count& bucket : histogram.buckets) count += bucket.value();
  return count;
}

uint64_t InBucket(const Distribution& histogram, double bound) {
  const auto* const at = std::ranges::find(Distribution::kBounds, bound);
  return histogram.buckets[static_cast<size_t>(at - Distribution::kBounds.begin())].value();
}

TEST(LatencySamplesTest, AnEventCountsFromItsTimeAndFromItsArrival) {
  Distribution event;
  Distribution append;
  LatencySamples samples;
  samples.Add(kNow - 4000ms, kNow - 40ms);
  samples.Committed(kNow, event, append);
  EXPECT_EQ(InBucket(event, 5), 1U);
  EXPECT_EQ(InBucket(append, 50e-3), 1U);
  EXPECT_DOUBLE_EQ(event.sum, 4.0);
}

TEST(LatencySamplesTest, OfALargeCommitSomeStandForAll) {
  Distribution event;
  Distribution append;
  LatencySamples samples;
  for (int i = 0; i < 10'000; ++i) samples.Add(kNow, kNow);
  samples.Committed(kNow, event, append);
  EXPECT_NEAR(static_cast<double>(CountOf(append)), 10'000, LatencySamples::kEvery);
}

TEST(LatencySamplesTest, WhatIsProcessedAgainCountsOnce) {
  Distribution event;
  Distribution append;
  LatencySamples samples;
  samples.Add(kNow, kNow);
  samples.Drop();
  samples.Add(kNow, kNow);
  samples.Committed(kNow, event, append);
  samples.Committed(kNow, event, append);
  EXPECT_EQ(CountOf(event), 1U);
}

TEST(LatencySamplesTest, AClockThatIsAheadOfOursCostsNothing) {
  Distribution event;
  Distribution append;
  LatencySamples samples;
  samples.Add(kNow + 5000ms, kNow + 1ms);
  samples.Committed(kNow, event, append);
  EXPECT_DOUBLE_EQ(event.sum, 0);
  EXPECT_EQ(InBucket(event, 50e-6), 1U);
}

TEST(StageClockTest, OneEventInManyIsMeasured) {
  StageClock clock;
  StageClock::Times times;
  for (uint32_t i = 0; i < 10 * StageClock::kEvery; ++i) {
    clock.Begin();
    clock.End(0, times);
    clock.End(3, times);
  }
  EXPECT_EQ(CountOf(times[0]), 10U);
  EXPECT_EQ(CountOf(times[1]), 0U);
  EXPECT_EQ(CountOf(times[3]), 10U);
}

}  // namespace
}  // namespace tocsin::daemon
