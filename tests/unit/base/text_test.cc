#include "base/text.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "base/utf8.h"

namespace tocsin {
namespace {

TEST(Utf8Good, Passes) {
  const char* const kTable[] = {"", "a", "plain ASCII that is longer than a word", "é", "中文",
                                "\xF0\x9F\x94\x94", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                                "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF",
                                "abcdefg\xC3\xA9",
                                // NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one text.
                                "\xC3\xA9"
                                "abcdefgh\xE4\xB8\xAD"
                                "abcdefgh"};
  for (const char* const tested : kTable) {
    SCOPED_TRACE(tested);
    EXPECT_TRUE(IsUtf8(tested));
  }
}

TEST(Utf8Bad, IsRefusedWhereverItStands) {
  const char* const kTable[] = {"\x80",
                                "\xBF",
                                "\xFE",
                                "\xFF",
                                "\xC3",
                                "\xE4\xB8",
                                "\xF0\x9F\x94",
                                "\xC0\x80",
                                "\xC1\xBF",
                                "\xE0\x80\x80",
                                "\xE0\x9F\xBF",  // Overlong.
                                "\xF0\x80\x80\x80",
                                "\xF0\x8F\xBF\xBF",
                                "\xED\xA0\x80",
                                "\xED\xBF\xBF",  // Surrogates.
                                "\xF4\x90\x80\x80",
                                "\xF5\x80\x80\x80",  // Above U+10FFFF.
                                "\xC3\x41",
                                "\xE4\x41\xAD",
                                "\xF0\x9F\x41\x94",
                                "\xC3\xC3",
                                "\xE4\xB8\xE4"};
  for (const char* const tested : kTable) {
    SCOPED_TRACE(tested);
    const std::string bad = tested;
    for (size_t before = 0; before < 10; ++before) {
      EXPECT_FALSE(IsUtf8(std::string(before, 'a') + bad)) << before;
      EXPECT_FALSE(IsUtf8(std::string(before, 'a') + bad + "tail of text")) << before;
    }
  }
}

TEST(Utf8Test, EveryCodePointIsEncodedAndDecoded) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text;
    utf8::Append(text, c);
    const utf8::Decoded decoded = utf8::Decode(text);
    ASSERT_TRUE(decoded.valid && decoded.code_point == c && decoded.size == text.size())
        << static_cast<uint32_t>(c);
    ASSERT_TRUE(IsUtf8(text));
  }
}

TEST(Utf8Test, ABrokenSequenceTakesOnlyWhatCouldHaveBegunOne) {
  EXPECT_EQ(utf8::Decode("\xE4\xB8"
                         "A")
                .size,
            2U);
  EXPECT_EQ(utf8::Decode("\xE4"
                         "A")
                .size,
            1U);
  EXPECT_EQ(utf8::Decode("\xED\xA0\x80").size, 1U);
  EXPECT_EQ(utf8::Decode("\xF0\x9F\x94").size, 3U);
}

struct Nearest {
  const char* name;
  std::string word;
  const char* nearest;
};

class NearestNameTest : public testing::TestWithParam<Nearest> {};

TEST_P(NearestNameTest, IsFound) {
  static constexpr std::string_view kNames[] = {"speed_kmh_max", "distance_km_min", "enabled",
                                                "enable",        "window",          "x"};
  EXPECT_EQ(NearestName(GetParam().word, kNames), GetParam().nearest);
}

INSTANTIATE_TEST_SUITE_P(
    Table, NearestNameTest,
    testing::Values(Nearest{"Exact", "enabled", "enabled"},
                    Nearest{"OneMissing", "speed_kmh_ax", "speed_kmh_max"},
                    Nearest{"OneMore", "windoww", "window"}, Nearest{"Swapped", "widnow", "window"},
                    Nearest{"OtherCase", "SPEED_KMH_MAX", "speed_kmh_max"},
                    Nearest{"WordsLeftOut", "speed_max", ""}, Nearest{"FarAway", "colour", ""},
                    Nearest{"TooFarForItsLength", "wind", ""}, Nearest{"NearerWins", "enabl", "enable"},
                    Nearest{"OneLetter", "y", "x"}, Nearest{"Empty", "", ""},
                    Nearest{"Hostile", std::string(1'000'000, 'e'), ""}),
    [](const auto& tested) { return tested.param.name; });

TEST(NearestNameTest, TheFirstOfEquals) {
  static constexpr std::string_view kNames[] = {"abcx", "abcy"};
  EXPECT_EQ(NearestName("abcd", kNames), "abcx");
  EXPECT_EQ(NearestName("abcd", {}), "");
}

struct Masked {
  const char* id;
  const char* masked;
};

TEST(MaskIdTest, ShowsLittle) {
  const Masked kTable[] = {Masked{"abcdef1234", "ab…34"},
                           Masked{"abcdefgh", "ab…gh"},
                           Masked{"abcdefg", "a…"},
                           Masked{"ab", "a…"},
                           Masked{"a", "…"},
                           Masked{"", ""},
                           Masked{"账户一二三四五六", "账户…五六"},
                           Masked{"账户", "账…"},
                           Masked{"\xff\xff"
                                  "cdefgh",
                                  "\xEF\xBF\xBD\xEF\xBF\xBD…gh"}};
  for (const Masked& tested : kTable) {
    SCOPED_TRACE(tested.id);
    EXPECT_EQ(MaskId(tested.id), tested.masked);
  }
}

TEST(ToCrockford32Test, Table) {
  EXPECT_EQ(ToCrockford32(0, 4), "0000");
  EXPECT_EQ(ToCrockford32(31, 1), "Z");
  EXPECT_EQ(ToCrockford32(32, 2), "10");
  EXPECT_EQ(ToCrockford32(32, 1), "0") << "higher bits are left out";
  EXPECT_EQ(ToCrockford32(~uint64_t{0}, 13), "FZZZZZZZZZZZZ");
  EXPECT_EQ(ToCrockford32(~uint64_t{0}, 15), "00FZZZZZZZZZZZZ");
  EXPECT_EQ(ToCrockford32(5, 0), "");
}

TEST(ToCrockford32Test, DigitsCannotBeMistaken) {
  std::set<char> digits;
  for (uint64_t i = 0; i < 32; ++i) digits.insert(ToCrockford32(i, 1).front());
  EXPECT_EQ(digits.size(), 32U);
  for (const char confusing : {'I', 'L', 'O', 'U'}) EXPECT_FALSE(digits.contains(confusing));
}

}  // namespace
}  // namespace tocsin
