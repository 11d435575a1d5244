// Whatever the order in which the events of the last minutes arrive, each meets the same counts of everybody.
#include "detectors/population_history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/event_builder.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using Part = PopulationHistory::Part;
using test::EventBuilder;

constexpr Timestamp kNoon = FromMillis(1'772'366'400'000);  // 2026-03-01T12:00:00Z
constexpr Part kParts[] = {Part::kMet, Part::kMetBefore, Part::kOpen};

// Logins that an event at `at` meets.
double Met(PopulationHistory& history, Timestamp at) {
  history.MoveTo(at);
  return history.AsOf(at).LoginsSeen();
}

void Login(PopulationHistory& history, Timestamp at) {
  history.MoveTo(at);
  history.CountsOf(at).Learn(EventBuilder("e", at), "");
}

TEST(PopulationHistory, AnHourIsMetAQuarterAfterItsEnd) {
  PopulationHistory history;
  Login(history, kNoon - 1ms);
  Login(history, kNoon);
  EXPECT_NEAR(Met(history, kNoon + 15min - 1ms), 0, 1e-9);
  EXPECT_NEAR(Met(history, kNoon + 15min), 1, 1e-9);
  EXPECT_NEAR(Met(history, kNoon + 75min - 1ms), 1, 1e-9);
  EXPECT_NEAR(Met(history, kNoon + 75min), 2, 1e-2);
}

TEST(PopulationHistory, WhatComesLateMeetsWhatWasMetThen) {
  PopulationHistory history;
  Login(history, kNoon - 1min);
  Login(history, kNoon + 14min);
  ASSERT_NEAR(Met(history, kNoon + 16min), 1, 1e-9);
  EXPECT_NEAR(history.AsOf(kNoon + 14min).LoginsSeen(), 0, 1e-9);
}

TEST(PopulationHistory, AQuietDayIsOverAtOnce) {
  PopulationHistory history;
  Login(history, kNoon - 1min);
  Login(history, kNoon + 10min);
  EXPECT_NEAR(Met(history, kNoon + 24h), 2, 1e-2);
  EXPECT_NEAR(history.AsOf(kNoon + 23h).LoginsSeen(), 2, 1e-2);
}

TEST(PopulationHistory, OneClockThatIsAheadMovesNobody) {
  PopulationHistory history;
  for (int i = 0; i < 100; ++i) Login(history, kNoon + i * 1min);
  const PopulationHistory before = history;
  Login(history, kNoon + 24h * 300);
  Login(history, kNoon + 100min);
  PopulationHistory without = before;
  Login(without, kNoon + 100min);
  EXPECT_EQ(history, without);
  EXPECT_FALSE(history.AsOf(kNoon + 100min) == Population());
}

TEST(PopulationHistory, TheSecondInARowIsBelieved) {
  PopulationHistory history;
  for (int i = 0; i < 100; ++i) Login(history, kNoon);
  Login(history, kNoon + 24h * 30);
  std::string bytes;
  history.Encode(Part::kOpen, bytes);
  PopulationHistory restarted = history;
  ASSERT_TRUE(restarted.Decode(Part::kOpen, bytes).ok());
  EXPECT_EQ(restarted, history);
  Login(restarted, kNoon + 24h * 30 + 1min);
  EXPECT_NEAR(Met(restarted, kNoon + 24h * 30 + 2h), 51, 1);
}

TEST(PopulationHistory, TheOrderOfFiveMinutesDecidesNothing) {
  std::mt19937_64 random(7);
  std::vector<Timestamp> times;
  for (int i = 0; i < 3000; ++i) times.push_back(kNoon + Millis(random() % (8 * 3'600'000)));
  std::ranges::sort(times);
  std::vector<std::pair<Timestamp, Timestamp>> arrivals;
  for (const Timestamp at : times) arrivals.emplace_back(at + Millis(random() % 300'000), at);
  std::ranges::sort(arrivals);

  const auto met = [](const auto& events) {
    PopulationHistory history;
    std::vector<std::pair<Timestamp, double>> all;
    for (const Timestamp at : events) {
      all.emplace_back(at, Met(history, at));
      Login(history, at);
    }
    std::ranges::sort(all);
    return all;
  };
  std::vector<Timestamp> disturbed;
  for (const auto& [arrived, at] : arrivals) disturbed.push_back(at);
  const auto expected = met(times);
  const auto found = met(disturbed);
  ASSERT_GT(expected.back().second, 2000);
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(found[i].first, expected[i].first);
    EXPECT_EQ(found[i].second, expected[i].second) << FormatRfc3339(expected[i].first);
  }
}

TEST(PopulationHistory, IsReadBackAsItWas) {
  PopulationHistory history;
  for (int i = 0; i < 500; ++i) Login(history, kNoon + i * 1min);
  PopulationHistory read;
  for (const Part part : kParts) {
    EXPECT_TRUE(history.changed(part));
    std::string bytes;
    history.Encode(part, bytes);
    ASSERT_TRUE(read.Decode(part, bytes).ok());
  }
  EXPECT_EQ(read, history);
  history.ClearChanged();
  Login(history, kNoon + 501 * 1min);
  EXPECT_FALSE(history.changed(Part::kMet));
  EXPECT_FALSE(history.changed(Part::kMetBefore));
  EXPECT_TRUE(history.changed(Part::kOpen));
}

TEST(PopulationHistory, WhatAnEarlierVersionCountedIsMet) {
  Population counted;
  for (int i = 0; i < 10; ++i) counted.Learn(EventBuilder("e", kNoon), "");
  std::string bytes;
  counted.Encode(bytes);
  PopulationHistory history;
  ASSERT_TRUE(history.Decode(Part::kMet, bytes).ok());
  EXPECT_NEAR(Met(history, kNoon + 1min), 10, 1e-9);
  EXPECT_NEAR(history.AsOf(kNoon - 1h).LoginsSeen(), 10, 1e-9);
}

TEST(PopulationHistory, HostileBytesDoNoHarm) {
  PopulationHistory history;
  for (int i = 0; i < 100; ++i) Login(history, kNoon + i * 1min);
  std::string bytes;
  history.Encode(Part::kOpen, bytes);
  for (size_t size = 1; size < bytes.size(); ++size) {
    PopulationHistory read;
    EXPECT_FALSE(read.Decode(Part::kOpen, std::string_view(bytes).substr(0, size)).ok()) << size;
    EXPECT_EQ(read, PopulationHistory());
  }
  std::mt19937 random(5);
  for (int i = 0; i < 5000; ++i) {
    std::string damaged = bytes;
    damaged[random() % damaged.size()] = static_cast<char>(random());
    PopulationHistory read;
    if (!read.Decode(Part::kOpen, damaged).ok()) continue;
    Login(read, kNoon + 24h * 400);
  }
}

}  // namespace
}  // namespace tocsin::detectors
