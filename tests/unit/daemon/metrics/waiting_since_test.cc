#include "daemon/log/waiting_since.h"

#include <gtest/gtest.h>

namespace tocsin::daemon {
namespace {

constexpr int64_t kNow = 1'000'000;

TEST(WaitingSinceTest, NothingWaits) { EXPECT_EQ(WaitingSince().Look(0, kNow - 5, kNow), 0); }

TEST(WaitingSinceTest, TheLogSaysWhenTheFirstCame) {
  EXPECT_EQ(WaitingSince().Look(7, kNow - 3'600'000, kNow), kNow - 3'600'000);
}

TEST(WaitingSinceTest, WhatIsNotFetchedWaitsSinceItWasSeen) {
  WaitingSince waiting;
  EXPECT_EQ(waiting.Look(1, std::nullopt, kNow), kNow);
  EXPECT_EQ(waiting.Look(2, std::nullopt, kNow + 5'000), kNow);
}

// An idle topic's first record does not wait since the one before it.
TEST(WaitingSinceTest, AnIdleHourIsNotWaiting) {
  WaitingSince waiting;
  waiting.HandedOver(kNow - 3'600'000);
  EXPECT_EQ(waiting.Look(0, std::nullopt, kNow - 1'000), 0);
  EXPECT_EQ(waiting.Look(1, std::nullopt, kNow), kNow);
}

// One that is always a little behind does not wait since it was first behind.
TEST(WaitingSinceTest, WhatWasProcessedMeanwhileDoesNotWait) {
  WaitingSince waiting;
  EXPECT_EQ(waiting.Look(9, std::nullopt, kNow), kNow);
  waiting.HandedOver(kNow + 60'000);
  EXPECT_EQ(waiting.Look(9, std::nullopt, kNow + 60'500), kNow + 60'000);
}

TEST(WaitingSinceTest, ABrokersClockAheadOfOursIsNoTimeToCome) {
  EXPECT_EQ(WaitingSince().Look(1, kNow + 9'000, kNow), kNow);
}

}  // namespace
}  // namespace tocsin::daemon
