// The codecs of sessions and habits.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/support/segment_codec.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using test::ExpectGolden;
using test::ExpectRoundTrip;
using test::ExpectStrict;

constexpr Timestamp kNoon = FromMillis(1'772'366'400'000);

AccountState WithSessions() {
  AccountState state;
  Sessions& sessions = state.MutableSessions();
  sessions.NoteUse(kNoon - 24h * 100);
  sessions.NoteUse(kNoon);
  sessions.AddSpot({.session = 0x4455667788,
                    .first = kNoon - 5min,
                    .last = kNoon,
                    .first_event = "0b6f7c1e-9d2a-4c3b-8e5f-112233445566",
                    .asn = 3320,
                    .device = 7,
                    .family = 8,
                    .address = 9,
                    .has_device_id = true,
                    .exact = true,
                    .point = {52.52, 13.405},
                    .radius_km = 20});
  sessions.AddSpot({.session = 2, .first = kNoon, .last = kNoon, .first_event = "e1", .anonymous = true});
  return state;
}

AccountState WithHabits() {
  AccountState state;
  Habits& habits = state.MutableHabits();
  for (int day = 0; day < 12; ++day) {
    habits.hours.Note(20'000 + day, 8);
    habits.hours.Note(20'000 + day, 20 + day % 2);
  }
  habits.oddities.push_back(
      {.oddity = Oddity::kRooted, .tenure = NewTenure(Standing::kKnown, kNoon - 48h, {})});
  habits.oddities.push_back(
      {.oddity = Oddity::kZoneElsewhere, .tenure = NewTenure(Standing::kPending, kNoon, "e1")});
  return state;
}

struct Held {
  std::string_view name;
  Segment segment;
  AccountState (*make)();
  std::string_view golden;
};

class SessionSegmentsTest : public testing::TestWithParam<Held> {};

TEST_P(SessionSegmentsTest, IsReadBack) { ExpectRoundTrip(GetParam().make(), GetParam().segment); }
TEST_P(SessionSegmentsTest, BytesStayWhatTheyAre) {
  ExpectGolden(GetParam().make(), GetParam().segment, GetParam().golden);
}
TEST_P(SessionSegmentsTest, RefusesWhatItDidNotWrite) { ExpectStrict(GetParam().make(), GetParam().segment); }
TEST_P(SessionSegmentsTest, EmptyIsNothing) {
  AccountState state = GetParam().make();
  ASSERT_TRUE(state.DecodeSegment(GetParam().segment, "").ok());
  EXPECT_EQ(state, AccountState{});
}

INSTANTIATE_TEST_SUITE_P(
    Segments, SessionSegmentsTest,
    testing::Values(Held{"Sessions", Segment::kSessions, WithSessions,
                         "02809494caca33000180b4a4b2aa3380e0ef97200205887766554400e0a712000b6f7c1e9d2a4c3b"
                         "8e5f112233445566070000000800000009000000f819a08e40c4ae10c80102020000000000000365"
                         "3100000000000000000000000000"},
                    Held{"Habits", Segment::kHabits, WithHabits,
                         "04ab9c018082800180824080828001128082c00144261e02809494caca33010080e0e5a401000000803"
                         "f0505000000000000036531"}),
    [](const auto& tested) { return std::string(tested.param.name); });

// As earlier versions wrote the same habits, byte by byte. The first had counted the day before yesterday.
TEST(SessionSegments, HabitsOfEarlierVersionsAreRead) {
  constexpr std::string_view kSince2 =
      "ab9c018082800180824080828001128082c00144261e02809494caca33010080e0e5a401000000803f05050000"
      "00000000036531";
  const AccountState now = WithHabits();
  for (const std::string_view version : {"02", "03"}) {
    AccountState read;
    ASSERT_TRUE(
        read.DecodeSegment(Segment::kHabits, test::FromHexText(std::string(version) += kSince2)).ok());
    EXPECT_EQ(read.habits(), now.habits()) << version;
  }
  AccountState first;
  ASSERT_TRUE(first
                  .DecodeSegment(Segment::kHabits,
                                 test::FromHexText("01ab9c0180828001808240148082c0014c262602809494caca3301"
                                                   "0080e0e5a401000000803f0505000000000000036531"))
                  .ok());
  HourCounts counted = now.habits().hours.On(now.habits().hours.day);
  counted.before = 0;
  EXPECT_EQ(first.habits().hours, counted);
  EXPECT_EQ(first.habits().oddities, now.habits().oddities);
}

TEST(SessionSegments, AnOrdinaryAccountStaysSmall) {
  AccountState state;
  state.MutableSessions().NoteUse(kNoon);
  state.MutableSessions().AddSpot({.session = 1,
                                   .first = kNoon - 5min,
                                   .last = kNoon,
                                   .first_event = "0b6f7c1e-9d2a-4c3b-8e5f-112233445566",
                                   .asn = 3320,
                                   .device = 7,
                                   .family = 8,
                                   .address = 9,
                                   .has_device_id = true,
                                   .exact = true,
                                   .point = {52.52, 13.405},
                                   .radius_km = 20});
  for (int day = 0; day < 60; ++day) {
    for (const int hour : {8, 9, 12, 13, 19, 20, 21}) {
      if ((day + hour) % 3 == 0) state.MutableHabits().hours.Note(20'000 + day, hour);
    }
  }
  EXPECT_LE(test::Encoded(state, Segment::kSessions).size(), 72U);
  EXPECT_LE(test::Encoded(state, Segment::kHabits).size(), 32U);
}

}  // namespace
}  // namespace tocsin::detectors
