#include "base/text_after.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace tocsin {
namespace {

constexpr size_t kRoom = 512;

TEST(TextAfter, IsReadBackWhateverCameBefore) {
  const std::string longest(kRoom, 'x');
  const std::array<std::string, 7> texts = {
      "", "e1", "e12", "f", "0190f3a2-7b1c-7d3e-8f40-123456789abc", longest, longest.substr(1)};
  for (const std::string& previous : texts) {
    for (const std::string& text : texts) {
      std::string bytes;
      ByteWriter writer(bytes);
      WriteTextAfter(writer, previous, text);
      ByteReader reader(bytes);
      std::array<char, kRoom> room{};
      EXPECT_EQ(ReadTextAfter(reader, previous, room), text);
      EXPECT_TRUE(reader.ok() && reader.AtEnd());
    }
  }
}

TEST(TextAfter, OneThatIsCountedUpTakesItsLastDigit) {
  std::string bytes;
  ByteWriter writer(bytes);
  WriteTextAfter(writer, "payment-0000017-1001", "payment-0000017-1002");
  EXPECT_EQ(bytes, std::string("\x13\x01") + "2");
}

TEST(TextAfter, IsRefusedWhenNobodyWroteIt) {
  const auto refused = [](const std::string& bytes, std::string_view previous) {
    ByteReader reader(bytes);
    std::array<char, kRoom> room{};
    static_cast<void>(ReadTextAfter(reader, previous, room));
    return !reader.ok();
  };
  EXPECT_FALSE(refused(std::string("\x02\x01") + "3", "e12"));
  EXPECT_TRUE(refused(std::string("\x04\x01") + "3", "e12"));  // Shares more than there is,
  EXPECT_TRUE(refused(std::string("\xff\0", 2), std::string(40, 'x')));
  EXPECT_TRUE(refused(std::string("\x01\x01") + "1", "e12"));  // or less than it could.
  EXPECT_TRUE(refused(std::string("\x02\x02") + "3", "e12"));  // Cut.
  EXPECT_TRUE(refused(std::string("\x02"), "e12"));
  std::string too_long = "\xff";
  ByteWriter(too_long).String(std::string(kRoom - 254, 'y'));
  EXPECT_TRUE(refused(too_long, std::string(255, 'x')));
}

}  // namespace
}  // namespace tocsin
