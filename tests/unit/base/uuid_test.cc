#include "base/uuid.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace tocsin {
namespace {

std::string TextOf(const UuidBytes& bytes) {
  const UuidText text = UnpackUuid(bytes);
  return {text.data(), text.size()};
}

TEST(UuidTest, BytesAreTheDigitsInOrder) {
  const auto bytes = PackUuid("00112233-4455-6677-8899-aabbccddeeff");
  ASSERT_TRUE(bytes);
  for (size_t i = 0; i < bytes->size(); ++i) EXPECT_EQ(static_cast<uint8_t>((*bytes)[i]), 0x11 * i);
}

TEST(UuidTest, ComesBackAndKeepsItsOrder) {
  std::mt19937_64 random(1);
  UuidBytes last{};
  for (int i = 0; i < 10'000; ++i) {
    UuidBytes bytes{};
    for (char& byte : bytes) byte = static_cast<char>(random());
    EXPECT_EQ(PackUuid(TextOf(bytes)), bytes);
    const std::string_view a(bytes.data(), bytes.size());
    const std::string_view b(last.data(), last.size());
    EXPECT_EQ(a < b, TextOf(bytes) < TextOf(last));
    last = bytes;
  }
}

// Every text that differs in one character is no UUID, or another one.
TEST(UuidTest, NothingElseIsOne) {
  const std::string uuid = "0190f3a2-7b1c-7d3e-8f40-123456789abc";
  for (size_t at = 0; at < uuid.size(); ++at) {
    for (int c = 0; c < 256; ++c) {
      std::string text = uuid;
      text[at] = static_cast<char>(c);
      const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
      const auto packed = PackUuid(text);
      EXPECT_EQ(packed.has_value(), uuid[at] == '-' ? c == '-' : digit) << at << ' ' << c;
      if (packed) {
        EXPECT_EQ(TextOf(*packed), text);
      }
    }
  }
  EXPECT_FALSE(PackUuid(""));
  EXPECT_FALSE(PackUuid(uuid.substr(1)));
  EXPECT_FALSE(PackUuid(uuid + "0"));
}

}  // namespace
}  // namespace tocsin
