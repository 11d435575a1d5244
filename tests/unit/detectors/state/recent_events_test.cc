// Which events an account has had: what makes a second delivery known and a late one late.
#include <gtest/gtest.h>

#include "detectors/state/recent_events.h"

#include "tests/support/segment_codec.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using test::ExpectRoundTrip;

constexpr Timestamp kNoon = FromMillis(1'772'366'400'000);  // 2026-03-01T12:00:00Z
constexpr CausedBy kOwner = CausedBy::kSignedIn;
constexpr CausedBy kAnybody = CausedBy::kAnybody;
CausedBy By(uint64_t i) { return i % 3 == 0 ? kAnybody : kOwner; }

TEST(RecentEventsTest, KnowsEveryEventOfTheHorizon) {
  RecentEvents recent;
  for (uint64_t i = 1; i <= 1000; ++i)
    recent.Insert(kNoon + std::chrono::minutes(i), i, i % 2 == 0 ? kOwner : kAnybody);
  for (uint64_t i = 1; i <= 1000; ++i) EXPECT_TRUE(recent.Contains(kNoon + std::chrono::minutes(i), i));
  EXPECT_FALSE(recent.Contains(kNoon + 1min, 1001));
  EXPECT_TRUE(recent.Contains(kNoon + 5000min, 7)) << "a copy with another time is a copy";
}

TEST(RecentEventsTest, LateIsMoreThanThreeDaysBeforeTheNewest) {
  RecentEvents recent;
  EXPECT_FALSE(recent.IsLate(kTimestampMin, kOwner));
  recent.Insert(kNoon, 1, kAnybody);
  EXPECT_FALSE(recent.IsLate(kNoon - 72h, kOwner));
  EXPECT_TRUE(recent.IsLate(kNoon - 72h - 1ms, kOwner));
  EXPECT_FALSE(recent.IsLate(kNoon + 1000h, kOwner));
}

TEST(RecentEventsTest, ForgetsWhatIsExpiredAndStaysSmall) {
  AccountState state;
  RecentEvents& recent = state.MutableRecentEvents();
  for (uint64_t i = 1; i <= 10'000; ++i) recent.Insert(kNoon + std::chrono::hours(i), i, kOwner);
  EXPECT_EQ(recent.Live(kOwner).size(), 73U);  // Both ends of 72 h.
  EXPECT_LT(recent.ids[0].events.size(), 120U);
  EXPECT_FALSE(recent.Contains(kNoon + 5h, 5));
  ExpectRoundTrip(state, Segment::kRecentEvents);
}

TEST(RecentEventsTest, TooManyMakeTheOldestLateInsteadOfForgotten) {
  RecentEvents recent;
  for (uint64_t i = 1; i <= RecentEvents::kEventsMax + 1; ++i)
    recent.Insert(kNoon + std::chrono::seconds(i), i, kOwner);
  EXPECT_TRUE(recent.IsLate(kNoon + 512s, kOwner));
  EXPECT_FALSE(recent.IsLate(kNoon + 513s, kOwner));
  EXPECT_FALSE(recent.IsLate(kNoon + 512s, kAnybody)) << "what anybody does is another list";
  EXPECT_TRUE(recent.Contains(kNoon + 513s, 513));
  EXPECT_LE(recent.Live(kOwner).size(), RecentEvents::kEventsMax);
}

TEST(RecentEventsTest, WhatAnybodyDoesByTheThousandMakesNothingOfTheOwnersLate) {
  AccountState state;
  RecentEvents& recent = state.MutableRecentEvents();
  recent.Insert(kNoon, 1, kOwner);
  for (uint64_t i = 2; i <= 3 * RecentEvents::kEventsMax; ++i)
    recent.Insert(kNoon + std::chrono::seconds(i), i, kAnybody);
  EXPECT_TRUE(recent.Contains(kNoon, 1));
  EXPECT_FALSE(recent.IsLate(kNoon + 1s, kOwner)) << "a payment that arrives after all the failures";
  EXPECT_TRUE(recent.IsLate(kNoon + 2s, kAnybody));
  EXPECT_LE(recent.Live(kAnybody).size(), RecentEvents::kEventsMax);
  ExpectRoundTrip(state, Segment::kRecentEvents);
}

TEST(RecentEventsTest, AnybodyFailsToSignInSendsMoneyOrTriesACard) {
  schemas::Event event;
  schemas::Login& login = event.payload.emplace<schemas::Login>();
  event.type = schemas::EventType::kLogin;
  login.outcome = schemas::LoginOutcome::kSuccess;
  EXPECT_EQ(WhoCaused(event), kOwner);
  login.outcome = schemas::LoginOutcome::kFailure;
  EXPECT_EQ(WhoCaused(event), kAnybody);

  schemas::Transaction& transaction = event.payload.emplace<schemas::Transaction>();
  event.type = schemas::EventType::kTransaction;
  transaction.direction = schemas::Direction::kOut;
  transaction.kind = schemas::TransactionKind::kTransfer;
  EXPECT_EQ(WhoCaused(event), kOwner);
  transaction.direction = schemas::Direction::kIn;
  EXPECT_EQ(WhoCaused(event), kAnybody);
  transaction.kind = schemas::TransactionKind::kTopUp;
  EXPECT_EQ(WhoCaused(event), kOwner);

  transaction.direction = schemas::Direction::kOut;
  transaction.kind = schemas::TransactionKind::kPayment;
  transaction.status = schemas::TransactionStatus::kDeclined;
  EXPECT_EQ(WhoCaused(event), kAnybody);

  schemas::AccountChange& change = event.payload.emplace<schemas::AccountChange>();
  event.type = schemas::EventType::kAccountChange;
  change.change = schemas::ChangeKind::kPasswordResetRequested;
  EXPECT_EQ(WhoCaused(event), kAnybody);
  change.change = schemas::ChangeKind::kPasswordReset;
  EXPECT_EQ(WhoCaused(event), kOwner);
}

TEST(RecentEventsTest, OrderOfArrivalDoesNotMatter) {
  RecentEvents forwards;
  RecentEvents backwards;
  for (uint64_t i = 0; i < 60; ++i) forwards.Insert(kNoon + std::chrono::hours(i), i, By(i));
  for (uint64_t i = 60; i-- > 0;) backwards.Insert(kNoon + std::chrono::hours(i), i, By(i));
  EXPECT_EQ(forwards, backwards);
}

TEST(RecentEventsTest, OneListForBothIsRead) {
  AccountState read;
  ASSERT_TRUE(read.DecodeSegment(Segment::kRecentEvents,
                                 test::FromHexText("02809494caca33000200ffeeddccbbaa8827020000000000"))
                  .ok());
  RecentEvents one_list;
  one_list.Insert(kNoon, 0xaabbccddeeff, CausedBy::kSignedIn);
  one_list.Insert(kNoon - 5s, 2, CausedBy::kSignedIn);
  EXPECT_EQ(read.recent_events(), one_list);
}

}  // namespace
}  // namespace tocsin::detectors
