#include <gtest/gtest.h>

#include <random>

#include "base/text.h"
#include "base/utf8.h"

namespace tocsin {
namespace {

struct Clean {
  const char* name;
  std::string text;
  std::string clean;
};

class CleanTextTest : public testing::TestWithParam<Clean> {};

TEST_P(CleanTextTest, IsFitToShow) { EXPECT_EQ(CleanText(GetParam().text), GetParam().clean); }

INSTANTIATE_TEST_SUITE_P(
    Characters, CleanTextTest,
    testing::Values(Clean{"Plain", "Chrome 120.0.6099 on Windows", "Chrome 120.0.6099 on Windows"},
                    Clean{"Empty", "", ""}, Clean{"Chinese", "小明的手机", "小明的手机"},
                    Clean{"Emoji", "phone \xF0\x9F\x94\x94", "phone \xF0\x9F\x94\x94"},
                    Clean{"Controls", std::string("a\x01\x7f\tb\0c", 7), "a b c"},
                    Clean{"LineBreaks", "a\r\n\r\nb\n", "a b"},
                    Clean{"LineSeparators",
                          "a\xE2\x80\xA8"
                          "b\xE2\x80\xA9"
                          "c\xC2\x85"
                          "d",
                          "a b c d"},
                    Clean{"SecondControls",
                          "a\xC2\x9B"
                          "b",
                          "a b"},
                    Clean{"RightToLeftOverride",
                          "a\xE2\x80\xAE"
                          "b\xE2\x80\xAC"
                          "c",
                          "a b c"},
                    Clean{"Isolates",
                          "\xE2\x81\xA6"
                          "a\xE2\x81\xA9"
                          "b\xE2\x81\xA7\xE2\x81\xA8",
                          "a b"},
                    Clean{"ZeroWidth",
                          "a\xE2\x80\x8B"
                          "b\xE2\x80\x8D"
                          "c\xEF\xBB\xBF"
                          "d",
                          "a b c d"},
                    Clean{"Tags",
                          "a\xF3\xA0\x81\x81"
                          "b",
                          "a b"},
                    Clean{"SoftHyphen", "pay\xC2\xADpal", "pay pal"},
                    Clean{"HangulFiller", "\xE3\x85\xA4", ""}, Clean{"OnlySpaces", " \t\xE3\x80\x80 ", ""},
                    Clean{"RunsOfSpaces", "  a   b  ", "a b"},
                    Clean{"InvalidUtf8",
                          "a\xFF"
                          "b\xE4\xB8"
                          "c",
                          "a\xEF\xBF\xBD"
                          "b\xEF\xBF\xBD"
                          "c"},
                    Clean{"Surrogate", "\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Links, CleanTextTest,
    testing::Values(Clean{"Http", "see http://evil.example/a", "see http evil example/a"},
                    Clean{"HttpsUpperCase", "HTTPS://EVIL.EXAMPLE", "HTTPS EVIL EXAMPLE"},
                    Clean{"HttpWithoutDots", "http://2130706433/x", "http 2130706433/x"},
                    Clean{"OtherScheme", "ftp://files", "ftp files"},
                    Clean{"BackSlashes", "http:\\\\evil.example", "http evil example"},
                    Clean{"Www", "www.evil", "www evil"}, Clean{"WwwWithNumber", "www.1x", "www 1x"},
                    Clean{"LabelWithDigits", "evil.ex4mple", "evil ex4mple"},
                    Clean{"BareDomain", "evil.example", "evil example"},
                    Clean{"DomainWithPath", "(evil.co/x?y=1)", "(evil co/x?y=1)"},
                    Clean{"Mail", "help@evil.example", "help@evil example"},
                    Clean{"AddressWithPath", "192.0.2.1/login", "192 0 2 1/login"},
                    Clean{"AddressWithPort", "192.0.2.1:8080", "192 0 2 1:8080"},
                    Clean{"Punycode", "evil.xn--p1ai", "evil xn--p1ai"},
                    Clean{"InternationalDomain", "恶意.中国", "恶意 中国"},
                    Clean{"FullWidthDot", "evil．example", "evil example"},
                    Clean{"IdeographicDot", "evil。example", "evil example"},
                    Clean{"ZeroWidthInside",
                          "evil.\xE2\x80\x8B"
                          "example.org",
                          "evil. example org"},
                    Clean{"AfterText", "prize:evil.example", "prize:evil example"},
                    Clean{"SlashesAfterDots", "//evil.example", "evil example"}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(NoLinks, CleanTextTest,
                         testing::Values(Clean{"Version", "iOS 17.1.2", "iOS 17.1.2"},
                                         Clean{"Initials", "J.R. Smith", "J.R. Smith"},
                                         Clean{"Abbreviation", "Acme Inc.", "Acme Inc."},
                                         Clean{"Amount", "12.50", "12.50"}, Clean{"Dots", "...", "..."},
                                         Clean{"Time", "10:30", "10:30"}, Clean{"Slash", "a/b", "a/b"}),
                         [](const auto& tested) { return tested.param.name; });

TEST(CleanTextCutTest, CountsCodePoints) {
  EXPECT_EQ(CleanText("abcdef", 6), "abcdef");
  EXPECT_EQ(CleanText("abcdefg", 6), "abcdef…");
  EXPECT_EQ(CleanText("账户一二三", 2), "账户…");
  EXPECT_EQ(CleanText("ab cd", 3), "ab…") << "no space before the mark";
  EXPECT_EQ(CleanText("a", 0), "…");
  EXPECT_EQ(CleanText("", 0), "");
  EXPECT_EQ(CleanText("abc   ", 3), "abc") << "spaces that vanish are not cut";
}

TEST(CleanTextCutTest, ALinkAcrossTheCutIsStillDisarmed) {
  EXPECT_EQ(CleanText(std::string(50, 'a') + ".example.org/path", 58), std::string(50, 'a') + " example…");
}

TEST(CleanTextHostileTest, LongTextsTakeOnePass) {
  EXPECT_EQ(CleanText(std::string(1'000'000, '.')), std::string(60, '.') + "…");
  EXPECT_EQ(CleanText(std::string(1'000'000, ' ')), "");
  std::string dotted;
  for (int i = 0; i < 500'000; ++i) dotted += "a.";
  EXPECT_EQ(CleanText(dotted), dotted.substr(0, 60) + "…");
}

TEST(CleanTextHostileTest, RandomBytesBecomeShortVisibleText) {
  std::mt19937_64 random(12);
  for (int i = 0; i < 20'000; ++i) {
    std::string text(random() % 100, '\0');
    for (char& byte : text)
      byte = static_cast<char>(random() % 3 == 0 ? random() % 256 : "./:hwtp\xE2\x80\xAE "[random() % 11]);
    const std::string clean = CleanText(text, 20);
    ASSERT_TRUE(IsUtf8(clean));
    size_t code_points = 0;
    for (std::string_view rest = clean; !rest.empty(); ++code_points) {
      const utf8::Decoded decoded = utf8::Decode(rest);
      ASSERT_GE(decoded.code_point, 0x20U);
      ASSERT_NE(decoded.code_point, 0x202EU);
      rest.remove_prefix(decoded.size);
    }
    ASSERT_LE(code_points, 21U);
    ASSERT_EQ(clean.find("://"), std::string::npos);
    ASSERT_EQ(CleanText(clean, 21), clean) << "cleaning twice changes nothing";
  }
}

}  // namespace
}  // namespace tocsin
