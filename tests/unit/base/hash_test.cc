#include "base/hash.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace tocsin {
namespace {

std::string Repeat(std::string_view part, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += part;
  return out;
}

// Figures of the reference implementation (xxHash 0.8): these hashes are stored, so they never change.
TEST(Hash64Test, IsXxh3) {
  EXPECT_EQ(Hash64(""), 0x2d06800538d394c2U);
  EXPECT_EQ(Hash64("a"), 0xe6c632b61e964e1fU);
  EXPECT_EQ(Hash64("tocsin"), 0xc03c3a2f6ef846beU);
  EXPECT_EQ(Hash64("tocsin", 7), 0xc3f7175f31a922eeU);
  EXPECT_EQ(Hash64(Repeat("0123456789", 30)), 0x05681ea1b2e3086bU);
}

TEST(IdentityHashTest, IsXxh3OfLengthPrefixedFields) {
  EXPECT_EQ(ToHex(IdentityHash().Finish()), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(ToHex(IdentityHash().Add("impossible_travel").Add("account-1").Add(-5).Finish()),
            "f4fbb251d7c28f8efc0c4e4f69d570ce");
  EXPECT_EQ(ToHex(IdentityHash().Add(std::string(300, 'x')).Finish()), "4d39bf7974e66804f66ed511ce6c328c");
}

TEST(IdentityHashTest, FieldsDoNotRunIntoEachOther) {
  const std::set<Hash128> hashes = {
      IdentityHash().Add("ab").Add("c").Finish(), IdentityHash().Add("a").Add("bc").Finish(),
      IdentityHash().Add("abc").Finish(),         IdentityHash().Add("abc").Add("").Finish(),
      IdentityHash().Add("").Add("abc").Finish(), IdentityHash().Add("c").Add("ab").Finish(),
      IdentityHash().Add("abc").Add(0).Finish(),  IdentityHash().Add("abc").Add(1).Finish(),
      IdentityHash().Add("abc").Add(-1).Finish(),
  };
  EXPECT_EQ(hashes.size(), 9U);
}

TEST(IdentityHashTest, FinishMayBeAskedTwice) {
  IdentityHash hash;
  hash.Add("a");
  const Hash128 before = hash.Finish();
  EXPECT_EQ(hash.Finish(), before);
  EXPECT_NE(hash.Add("b").Finish(), before);
}

TEST(ToHexTest, Is32Digits) {
  EXPECT_EQ(ToHex({}), "00000000000000000000000000000000");
  EXPECT_EQ(ToHex({0x0123456789abcdef, 0xfedcba9876543210}), "0123456789abcdeffedcba9876543210");
}

// RFC 3720 appendix B.4, and the usual check value.
TEST(Crc32cTest, KnownValues) {
  std::string ascending;
  for (int i = 0; i < 32; ++i) ascending += static_cast<char>(i);
  const std::string descending(ascending.rbegin(), ascending.rend());
  for (const auto crc : {Crc32c, Crc32cPortable}) {
    EXPECT_EQ(crc("", 0), 0U);
    EXPECT_EQ(crc("123456789", 0), 0xE3069283U);
    EXPECT_EQ(crc(std::string(32, '\0'), 0), 0x8A9136AAU);
    EXPECT_EQ(crc(std::string(32, '\xff'), 0), 0x62A8AB43U);
    EXPECT_EQ(crc(ascending, 0), 0x46DD794EU);
    EXPECT_EQ(crc(descending, 0), 0x113FDB5CU);
  }
}

TEST(Crc32cTest, BothWaysAndAllCutsAgree) {
  std::mt19937_64 random(10);
  for (int i = 0; i < 2'000; ++i) {
    std::string bytes(random() % 200, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const std::string_view all = bytes;
    const size_t cut = random() % (bytes.size() + 1);
    ASSERT_EQ(Crc32c(all), Crc32cPortable(all));
    ASSERT_EQ(Crc32c(all.substr(cut), Crc32c(all.substr(0, cut))), Crc32c(all));
    ASSERT_EQ(Crc32cPortable(all.substr(cut), Crc32cPortable(all.substr(0, cut))), Crc32c(all));
  }
}

TEST(Crc32cTest, OneChangedBitIsSeen) {
  std::string bytes(64, 'x');
  const uint32_t before = Crc32c(bytes);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const char mask = static_cast<char>(1 << bit % 8);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ mask);
    EXPECT_NE(Crc32c(bytes), before);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ mask);
  }
}

}  // namespace
}  // namespace tocsin
