#include "base/bytes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace tocsin {
namespace {

std::string Varint(uint64_t value) {
  std::string out;
  ByteWriter(out).Varint(value);
  return out;
}

TEST(ByteWriterTest, BytesAreFixed) {
  std::string out;
  ByteWriter writer(out);
  writer.Byte(0xAB);
  writer.Bool(true);
  writer.Varint(300);
  writer.Signed(-1);
  writer.Signed(1);
  writer.Fixed32(0x01020304);
  writer.Fixed64(0x0102030405060708);
  writer.String("hi");
  EXPECT_EQ(
      out, std::string("\xAB\x01\xAC\x02\x01\x02\x04\x03\x02\x01\x08\x07\x06\x05\x04\x03\x02\x01\x02hi", 21));
}

class VarintTest : public testing::TestWithParam<uint64_t> {};

TEST_P(VarintTest, ComesBack) {
  const std::string bytes = Varint(GetParam());
  ByteReader reader(bytes);
  EXPECT_EQ(reader.Varint(), GetParam());
  EXPECT_TRUE(reader.ok() && reader.AtEnd());
}

TEST_P(VarintTest, SignedComesBack) {
  for (const int64_t value : {static_cast<int64_t>(GetParam()), -static_cast<int64_t>(GetParam() >> 1)}) {
    std::string bytes;
    ByteWriter(bytes).Signed(value);
    ByteReader reader(bytes);
    EXPECT_EQ(reader.Signed(), value);
    EXPECT_TRUE(reader.ok() && reader.AtEnd());
  }
}

TEST_P(VarintTest, EveryPrefixFails) {
  const std::string bytes = Varint(GetParam());
  for (size_t size = 0; size < bytes.size(); ++size) {
    ByteReader reader(std::string_view(bytes).substr(0, size));
    EXPECT_EQ(reader.Varint(), 0U);
    EXPECT_FALSE(reader.ok());
  }
}

INSTANTIATE_TEST_SUITE_P(Boundaries, VarintTest,
                         testing::Values(0, 1, 127, 128, 16383, 16384, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF,
                                         0x8000000000000000, std::numeric_limits<uint64_t>::max()));

TEST(VarintHostileTest, TooLongIsRefused) {
  for (const std::string& bytes : {std::string(9, '\xff') + '\x02', std::string(9, '\x80') + '\x7f',
                                   std::string(10, '\x80') + '\x01', std::string(1000, '\xff')}) {
    ByteReader reader(bytes);
    EXPECT_EQ(reader.Varint(), 0U);
    EXPECT_FALSE(reader.ok());
  }
}

TEST(ByteReaderTest, FloatsKeepTheirBits) {
  std::string out;
  ByteWriter writer(out);
  writer.Float(-0.0F);
  writer.Double(std::nan(""));
  writer.Double(0.1);
  ByteReader reader(out);
  EXPECT_TRUE(std::signbit(reader.Float()));
  EXPECT_TRUE(std::isnan(reader.Double()));
  EXPECT_EQ(reader.Double(), 0.1);
  EXPECT_TRUE(reader.ok() && reader.AtEnd());
}

TEST(ByteReaderTest, ABoolIsZeroOrOne) {
  ByteReader reader("\x02");
  EXPECT_FALSE(reader.Bool());
  EXPECT_FALSE(reader.ok());
}

TEST(ByteReaderTest, AnErrorSticks) {
  ByteReader reader(
      std::string_view("\x05"
                       "ab",
                       3));
  EXPECT_EQ(reader.String(), "");
  EXPECT_FALSE(reader.ok());
  EXPECT_TRUE(reader.AtEnd());
  EXPECT_EQ(reader.Byte(), 0);
  EXPECT_EQ(reader.Fixed64(), 0U);
  EXPECT_EQ(reader.String(), "");
  EXPECT_FALSE(reader.ok());
}

TEST(ByteReaderTest, AHostileSizeIsNotBelieved) {
  const std::string bytes = Varint(std::numeric_limits<uint64_t>::max()) + "abc";
  ByteReader strings(bytes);
  EXPECT_EQ(strings.String(), "");
  EXPECT_FALSE(strings.ok());
  ByteReader counts(bytes);
  EXPECT_EQ(counts.Count(), 0U);
  EXPECT_FALSE(counts.ok());
}

TEST(ByteReaderTest, ACountMustFit) {
  const std::string bytes = Varint(3) + "abcdef";
  ByteReader fits(bytes);
  EXPECT_EQ(fits.Count(2), 3U);
  EXPECT_TRUE(fits.ok());
  ByteReader too_many(bytes);
  EXPECT_EQ(too_many.Count(3), 0U);
  EXPECT_FALSE(too_many.ok());
  ByteReader no_size(bytes);
  EXPECT_EQ(no_size.Count(0), 3U);
}

TEST(ByteReaderTest, RandomBytesNeverReadOutside) {
  std::mt19937_64 random(15);
  for (int i = 0; i < 20'000; ++i) {
    std::vector<char> bytes(random() % 32);
    for (char& byte : bytes) byte = static_cast<char>(random());
    ByteReader reader({bytes.data(), bytes.size()});
    size_t left = reader.remaining();
    while (reader.ok() && !reader.AtEnd()) {
      switch (random() % 7) {
        case 0:
          static_cast<void>(reader.Byte());
          break;
        case 1:
          static_cast<void>(reader.Varint());
          break;
        case 2:
          static_cast<void>(reader.Signed());
          break;
        case 3:
          static_cast<void>(reader.Fixed32());
          break;
        case 4:
          static_cast<void>(reader.Double());
          break;
        case 5:
          static_cast<void>(reader.String());
          break;
        default:
          static_cast<void>(reader.Bool());
      }
      ASSERT_LT(reader.remaining(), left);
      left = reader.remaining();
    }
  }
}

}  // namespace
}  // namespace tocsin
