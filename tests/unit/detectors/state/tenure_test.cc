// How often something has been used, in whatever order the uses arrive.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "detectors/state/quarantine.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kMidnight = FromMillis(1'772'323'200'000);  // 2026-03-01T00:00:00Z
constexpr Millis kLateness = 5min;

struct Use {
  Timestamp at;
  Timestamp arrives;
  std::string id;
};

// What each use found, in the order of their times, and what there was in the end.
struct Life {
  std::vector<double> found;
  Tenure tenure;
};

Life Live(std::vector<Use> uses) {
  std::ranges::stable_sort(uses, {}, &Use::arrives);
  std::vector<std::pair<Timestamp, double>> found;
  Life life;
  life.tenure = NewTenure(Standing::kKnown, uses[0].at, uses[0].id);
  for (size_t i = 1; i < uses.size(); ++i) {
    found.emplace_back(uses[i].at, SettledUses(life.tenure, uses[i].at));
    CountUse(life.tenure, uses[i].at, uses[i].id);
  }
  std::ranges::sort(found);
  for (const auto& [at, settled] : found) life.found.push_back(settled);
  return life;
}

// A busy device: seconds, minutes or hours apart, so that many uses are at both sides of a full hour.
std::vector<Use> SomeUses(std::mt19937& random) {
  std::vector<Use> uses;
  Timestamp at = kMidnight + Millis(random() % 7'200'000);
  const size_t count = 2 + random() % 60;
  for (size_t i = 0; i < count; ++i) {
    uses.push_back({.at = at, .arrives = at, .id = std::to_string(1000 + i)});
    at += Millis(1 + random() % (i % 3 == 0 ? 9'000'000 : 600'000));
  }
  return uses;
}

TEST(TenureTest, TheOrderOfArrivalDoesNotDecideHowManyUsesThereAre) {
  std::mt19937 random(11);
  int moved = 0;
  for (int life = 0; life < 2'000; ++life) {
    std::vector<Use> uses = SomeUses(random);
    const Life ordered = Live(uses);
    for (size_t i = 1; i < uses.size(); ++i)
      uses[i].arrives += Millis(random() % static_cast<unsigned>(kLateness.count()));
    moved += std::ranges::is_sorted(uses, {}, &Use::arrives) ? 0 : 1;
    const Life shuffled = Live(uses);
    ASSERT_EQ(shuffled.tenure.first_seen, ordered.tenure.first_seen) << life;
    ASSERT_EQ(shuffled.tenure.last_seen, ordered.tenure.last_seen) << life;
    ASSERT_EQ(shuffled.tenure.hour_before, ordered.tenure.hour_before) << life;
    ASSERT_NEAR(shuffled.tenure.uses, ordered.tenure.uses, 1e-4) << life;
    ASSERT_EQ(shuffled.found.size(), ordered.found.size());
    for (size_t i = 0; i < ordered.found.size(); ++i)
      ASSERT_NEAR(shuffled.found[i], ordered.found[i], 1e-4) << life << ", use " << i;
  }
  EXPECT_GT(moved, 1'000);
}

TEST(TenureTest, AnHourCountsOnceItHasBeenOverForTenMinutes) {
  const Tenure tenure = NewTenure(Standing::kKnown, kMidnight + 20min, "e-1");
  EXPECT_EQ(SettledUses(tenure, kMidnight + 59min), 0);
  EXPECT_EQ(SettledUses(tenure, kMidnight + 70min - 1ms), 0);
  EXPECT_NEAR(SettledUses(tenure, kMidnight + 70min), 1, 0.01);
}

TEST(TenureTest, WhatIsNotKnownHasNoUses) {
  Tenure tenure = NewTenure(Standing::kPending, kMidnight, "e-1");
  EXPECT_EQ(SettledUses(tenure, kMidnight + 24h), 0);
  Release(tenure, {.quarantine = 48h});
  EXPECT_EQ(SettledUses(tenure, kMidnight + 48h - 1ms), 0);
  EXPECT_EQ(SeenAt(tenure, kMidnight + 48h - 1ms, "e-2", kUnseenAfter), Seen::kPending);
  EXPECT_GT(SettledUses(tenure, kMidnight + 48h), 0);
  EXPECT_EQ(SeenAt(tenure, kMidnight + 48h, "e-2", kUnseenAfter), Seen::kKnown);
}

TEST(TenureTest, WhatWasOnlySeenUnderSuspicionIsKept) {
  Tenure tenure = NewTenure(Standing::kKnown, kMidnight, "e-1");
  EXPECT_EQ(LastSeen(tenure), tenure.last_seen);
  tenure.suspected_at = tenure.last_seen + 5h;
  std::string bytes;
  ByteWriter writer(bytes);
  WriteTenure(writer, tenure, kMidnight);
  ByteReader reader(bytes);
  Tenure read;
  ReadTenure(reader, read, kMidnight);
  ASSERT_TRUE(reader.ok() && reader.AtEnd());
  EXPECT_EQ(read, tenure);
  EXPECT_EQ(LastSeen(read), tenure.suspected_at);
  CountUse(read, kMidnight + 7h, "e-2");
  EXPECT_EQ(read.suspected_at, kTimestampMin) << "seen again since, and for what it is worth";
}

}  // namespace
}  // namespace tocsin::detectors
