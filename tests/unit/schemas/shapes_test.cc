#include "schemas/codec/shapes.h"

#include <gtest/gtest.h>

#include <string>

#include "schemas/codec/json_token.h"
#include "schemas/codec/members.h"

namespace tocsin::schemas::codec {
namespace {

TEST(ShapesTest, ControlCharactersAreFoundAtEveryPlace) {
  for (size_t size = 1; size < 40; ++size) {
    for (size_t at = 0; at < size; ++at) {
      for (const char control : {'\0', '\x1f', '\n', '\x7f'}) {
        std::string text(size, 'x');
        text[at] = control;
        EXPECT_TRUE(HasControlCharacter(text)) << size << " " << at;
        text[at] = at % 2 == 0 ? ' ' : '~';
        EXPECT_FALSE(HasControlCharacter(text)) << size << " " << at;
      }
    }
  }
  EXPECT_FALSE(HasControlCharacter("é账😀\xc2\x80"));
  EXPECT_FALSE(HasControlCharacter({}));
}

TEST(ShapesTest, Placeholders) {
  for (const char* text :
       {"", "  ", "null", "NULL", " Unknown ", "n/a", "N/A", "-", "00000000-0000-0000-0000-000000000000",
        "00000000000000000000000000000000", "{00000000-0000-0000-0000-000000000000}",
        "{00000000000000000000000000000000}", " urn:uuid:00000000-0000-0000-0000-000000000000",
        "URN:UUID:{00000000-0000-0000-0000-000000000000}"}) {
    EXPECT_TRUE(IsPlaceholder(text)) << text;
  }
  for (const char* text : {"0", "--", "nullable", "unknown1", "na", "00000000-0000-0000-0000-000000000001",
                           "0000000000000000000000000000000", "00000000000000000000000000000001",
                           "{00000000-0000-0000-0000-000000000000", "urn:uuid:", "{}",
                           "uuid:00000000-0000-0000-0000-000000000000"}) {
    EXPECT_FALSE(IsPlaceholder(text)) << text;
  }
}

TEST(ShapesTest, Countries) {
  size_t count = 0;
  for (char a = 'A'; a <= 'Z'; ++a) {
    for (char b = 'A'; b <= 'Z'; ++b) count += IsCountry(std::string{a, b});
  }
  EXPECT_EQ(count, 250u);
  for (const char* code : {"CN", "TW", "HK", "GB", "XK", "AX", "SS"}) EXPECT_TRUE(IsCountry(code)) << code;
  for (const char* code : {"", "C", "cn", "UK", "EU", "AN", "ZZ", "CHN", "C1"})
    EXPECT_FALSE(IsCountry(code)) << code;
}

TEST(ShapesTest, Locales) {
  for (const char* tag : {"en", "zh-CN", "zh_CN", "zh-Hant-TW", "sr-Latn-RS", "de-1996", "es-419",
                          "x-private", "X_a", "i-klingon", "x-a-b"}) {
    EXPECT_TRUE(IsLocale(tag)) << tag;
  }
  for (const char* tag :
       {"", "e", "-", "en-", "en--US", "english language", "en-toolongsubtag", "1n", "x", "x-", "i--a",
        "x1-a", "a-b", "x-toolongsubtag", "en.UTF-8", "aa-bbbbbbbb-cccccccc-dddddddd-eeeeeeee"}) {
    EXPECT_FALSE(IsLocale(tag)) << tag;
  }
}

TEST(ShapesTest, ZoneNames) {
  const std::string longest = "A" + std::string(63, 'x');
  for (const std::string& name :
       {std::string("Asia/Shanghai"), std::string("Etc/GMT+8"), std::string("EST5EDT"),
        std::string("America/Port-au-Prince"), std::string("Z"), longest}) {
    EXPECT_TRUE(IsZoneName(name)) << name;
  }
  for (const std::string& name :
       {std::string(), std::string("+08:00"), std::string("480"), std::string("Asia Shanghai"),
        std::string("Asia/../x"), std::string("Z\n"), std::string("账户"), longest + "x"}) {
    EXPECT_FALSE(IsZoneName(name)) << name;
  }
}

TEST(ShapesTest, Traceparents) {
  EXPECT_TRUE(IsTraceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
  for (const char* text : {"", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
                           "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                           "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}) {
    EXPECT_FALSE(IsTraceparent(text)) << text;
  }
}

TEST(ShapesTest, JsonNumbers) {
  for (const char* text : {"0", "-0", "1", "10", "1.5", "-1.5e3", "1E+3", "0.0e-0"})
    EXPECT_TRUE(IsJsonNumber(text)) << text;
  for (const char* text :
       {"", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "0x1", "1 ", "NaN", "1,5", "--1"}) {
    EXPECT_FALSE(IsJsonNumber(text)) << text;
  }
}

TEST(MembersTest, EveryNameIsFoundInItsObjectAndInNoOther) {
  for (size_t i = 0; i < kMemberCount; ++i) {
    const MemberInfo& info = InfoOf(static_cast<Member>(i));
    std::string padded(info.name);
    padded.resize(64, 'x');
    const std::string_view name(padded.data(), info.name.size());
    EXPECT_EQ(FindMember(info.context, name), &info) << info.path;
    const std::string_view longer(padded.data(), info.name.size() + 1);
    EXPECT_EQ(FindMember(info.context, longer), nullptr) << info.path;
    EXPECT_EQ(FindMember(Context::kCountries, name), nullptr) << info.path;
  }
}

}  // namespace
}  // namespace tocsin::schemas::codec
