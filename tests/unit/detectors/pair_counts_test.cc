// Counts of things in two levels: sums, kinds, bounds, bytes.
#include "detectors/pair_counts.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>

namespace tocsin::detectors {
namespace {

std::string Encoded(const PairCounts& counts) {
  std::string bytes;
  ByteWriter writer(bytes);
  counts.Encode(writer);
  return bytes;
}

bool Decodes(std::string_view bytes, PairCounts& into) {
  ByteReader reader(bytes);
  return into.Decode(reader) && reader.AtEnd();
}

TEST(PairCounts, SaysWhatAPlainCountSays) {
  std::mt19937_64 random(7);
  PairCounts counts;
  std::map<uint32_t, std::map<uint32_t, double>> plain;
  for (int i = 0; i < 3000; ++i) {
    const auto upper = static_cast<uint32_t>(random() % 12);
    const auto lower = static_cast<uint32_t>(random() % 30);
    counts.Add(upper, lower, 1 + static_cast<double>(i % 3));
    plain[upper][lower] += 1 + static_cast<double>(i % 3);
  }
  double total = 0;
  for (const auto& [upper, lowers] : plain) {
    for (const auto& [lower, count] : lowers) total += count;
  }
  for (uint32_t upper = 0; upper < 13; ++upper) {
    double sum = 0;
    for (const auto& [lower, count] : plain[upper]) sum += count;
    const PairTally tally = counts.Of(upper, 5);
    EXPECT_DOUBLE_EQ(tally.upper, sum);
    EXPECT_DOUBLE_EQ(tally.total, total);
    EXPECT_DOUBLE_EQ(tally.lower, plain[upper].contains(5) ? plain[upper][5] : 0);
    EXPECT_EQ(tally.kinds_in_upper, static_cast<int>(plain[upper].size()));
    EXPECT_EQ(tally.uppers, 12);
  }
}

TEST(PairCounts, TheRarestGoesAndIsThenUnseen) {
  PairCounts counts;
  for (uint32_t i = 0; i < PairCounts::kPairsMax; ++i) counts.Add(i, 1, i == 77 ? 1 : 5);
  counts.Add(1000, 1, 5);
  EXPECT_EQ(counts.Of(77, 1).lower, 0);
  EXPECT_EQ(counts.Of(77, 1).kinds_in_upper, 0);
  EXPECT_EQ(counts.Of(1000, 1).uppers, static_cast<int>(PairCounts::kPairsMax));
  EXPECT_DOUBLE_EQ(counts.Of(1000, 1).total, 5.0 * PairCounts::kPairsMax);
}

TEST(PairCounts, BytesGiveItBack) {
  PairCounts counts;
  PairCounts back;
  EXPECT_TRUE(Decodes(Encoded(counts), back));
  EXPECT_TRUE(back.empty());
  counts.Add(5, 7, 1.5);
  counts.Add(5, 0xffffffff, 2);
  counts.Add(0, 9, 3);
  ASSERT_TRUE(Decodes(Encoded(counts), back));
  EXPECT_EQ(back, counts);
}

TEST(PairCounts, ForeignBytesAreRefused) {
  PairCounts counts;
  counts.Add(5, 7, 1.5);
  counts.Add(6, 7, 2);
  const std::string bytes = Encoded(counts);
  PairCounts into;
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(Decodes(bytes.substr(0, size), into)) << size;
  std::string unsorted = bytes;
  std::swap(unsorted[9], unsorted[19]);  // The upper keys of both entries.
  EXPECT_FALSE(Decodes(unsorted, into));
  std::string negative = bytes;
  negative[7] = static_cast<char>(negative[7] ^ 0x80);  // The sign of the total.
  EXPECT_FALSE(Decodes(negative, into));
}

}  // namespace
}  // namespace tocsin::detectors
