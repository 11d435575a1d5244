#include "base/json_writer.h"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <random>

#include "base/text.h"

namespace tocsin {
namespace {

std::string Quoted(std::string_view text) {
  std::string out;
  JsonWriter(out).String(text);
  return out;
}

std::string Number(double value) {
  std::string out;
  JsonWriter(out).Double(value);
  return out;
}

TEST(JsonWriterTest, Nesting) {
  std::string out;
  JsonWriter(out)
      .BeginObject()
      .Member("a", 1)
      .Key("b")
      .BeginArray()
      .Int(1)
      .BeginObject()
      .EndObject()
      .BeginArray()
      .EndArray()
      .Null()
      .Bool(true)
      .EndArray()
      .Key("c")
      .BeginObject()
      .Member("d", false)
      .EndObject()
      .Member("e", "x")
      .EndObject();
  EXPECT_EQ(out, R"({"a":1,"b":[1,{},[],null,true],"c":{"d":false},"e":"x"})");
}

TEST(JsonWriterTest, EveryKindOfMember) {
  std::string out;
  JsonWriter(out)
      .BeginObject()
      .Member("view", std::string_view("v"))
      .Member("string", std::string("s"))
      .Member("literal", "l")
      .Member("bool", true)
      .Member("int", -1)
      .Member("int64", std::numeric_limits<int64_t>::min())
      .Member("size", std::numeric_limits<uint64_t>::max())
      .Member("uint8", uint8_t{7})
      .Member("double", 0.5)
      .Member("time", FromMillis(0))
      .MemberIf("absent", "")
      .MemberIf("present", "p")
      .Key("raw")
      .Raw("[1]")
      .EndObject();
  EXPECT_EQ(
      out,
      R"({"view":"v","string":"s","literal":"l","bool":true,"int":-1,"int64":-9223372036854775808,)"
      R"("size":18446744073709551615,"uint8":7,"double":0.5,"time":"1970-01-01T00:00:00.000Z","present":"p","raw":[1]})");
}

TEST(JsonWriterTest, AppendsToWhatIsThere) {
  std::string out = "data: ";
  JsonWriter(out).BeginArray().Int(1).Int(2).EndArray();
  EXPECT_EQ(out, "data: [1,2]");
}

TEST(JsonWriterTest, KeysAreEscapedToo) {
  std::string out;
  JsonWriter(out).BeginObject().Member("a\"b", 1).EndObject();
  EXPECT_EQ(out, R"({"a\"b":1})");
}

struct Escape {
  const char* name;
  std::string text;
  std::string json;
};

class JsonStringTest : public testing::TestWithParam<Escape> {};

TEST_P(JsonStringTest, IsEscaped) { EXPECT_EQ(Quoted(GetParam().text), '"' + GetParam().json + '"'); }

TEST_P(JsonStringTest, IsEscapedAtEveryPlaceOfAWord) {
  for (size_t before = 0; before < 18; ++before) {
    const std::string plain(before, 'a');
    EXPECT_EQ(Quoted(plain + GetParam().text + "bcdefghijk"), '"' + plain + GetParam().json + "bcdefghijk\"");
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, JsonStringTest,
    testing::Values(
        Escape{"Empty", "", ""},
        Escape{"Plain", "hello, world! this is plain", "hello, world! this is plain"},
        Escape{"Quote", "\"", "\\\""}, Escape{"Backslash", "\\", "\\\\"}, Escape{"Slash", "/", "/"},
        Escape{"Newline", "\n", "\\n"}, Escape{"Return", "\r", "\\r"}, Escape{"Tab", "\t", "\\t"},
        Escape{"Backspace", "\b", "\\b"}, Escape{"FormFeed", "\f", "\\f"},
        Escape{"Nul", std::string(1, '\0'), "\\u0000"}, Escape{"Unit", "\x1f", "\\u001f"},
        Escape{"Delete", "\x7f", "\x7f"}, Escape{"Space", " ", " "}, Escape{"Chinese", "中文", "中文"},
        Escape{"Emoji", "\xF0\x9F\x94\x94", "\xF0\x9F\x94\x94"}, Escape{"Invalid", "\xFF", "\xEF\xBF\xBD"},
        Escape{"Lone", "\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD"},
        Escape{"Surrogate", "\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        Escape{"Overlong", "\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"}, Escape{"Cut", "\xE4\xB8", "\xEF\xBF\xBD"},
        Escape{"CutBeforeQuote", "\xE4\xB8\"", "\xEF\xBF\xBD\\\""},
        Escape{"Mixed", "中\"\n\xFF文", "中\\\"\\n\xEF\xBF\xBD文"}),
    [](const auto& tested) { return tested.param.name; });

TEST(JsonStringTest, RandomBytesAlwaysGiveAValidString) {
  std::mt19937_64 random(13);
  for (int i = 0; i < 20'000; ++i) {
    std::string text(random() % 40, '\0');
    for (char& byte : text)
      byte = static_cast<char>(random() % 4 == 0 ? random() % 256 : 'a' + random() % 26);
    const std::string json = Quoted(text);
    ASSERT_TRUE(IsUtf8(json));
    const std::string_view inside = std::string_view(json).substr(1, json.size() - 2);
    for (size_t at = 0; at < inside.size(); ++at) {
      ASSERT_GE(static_cast<unsigned char>(inside[at]), 0x20);
      ASSERT_NE(inside[at], '"');
      if (inside[at] == '\\') ++at;
    }
  }
}

TEST(JsonDoubleTest, IsTheShortestThatReadsBack) {
  EXPECT_EQ(Number(0), "0");
  EXPECT_EQ(Number(-0.0), "-0");
  EXPECT_EQ(Number(5), "5");
  EXPECT_EQ(Number(0.1), "0.1");
  EXPECT_EQ(Number(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(Number(1e300), "1e+300");
  EXPECT_EQ(Number(5e-324), "5e-324");
  EXPECT_EQ(Number(0.0131), "0.0131");
}

TEST(JsonDoubleTest, NotFiniteIsNull) {
  EXPECT_EQ(Number(std::nan("")), "null");
  EXPECT_EQ(Number(HUGE_VAL), "null");
  EXPECT_EQ(Number(-HUGE_VAL), "null");
}

TEST(JsonDoubleTest, AnyBitsReadBack) {
  std::mt19937_64 random(14);
  for (int i = 0; i < 50'000; ++i) {
    const auto value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    const std::string text = Number(value);
    double back = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), back);
    ASSERT_EQ(end.ptr, text.data() + text.size());
    ASSERT_EQ(std::bit_cast<uint64_t>(back), std::bit_cast<uint64_t>(value)) << text;
  }
}

#ifndef NDEBUG
TEST(JsonWriterDeathTest, Misuse) {
  std::string out;
  EXPECT_DEATH(JsonWriter(out).BeginObject().Key("a").Key("b"), "CHECK failed");
  EXPECT_DEATH(JsonWriter(out).BeginObject().Key("a").EndObject(), "CHECK failed");
  EXPECT_DEATH(JsonWriter(out).BeginObject().Int(1), "CHECK failed");
  EXPECT_DEATH(JsonWriter(out).BeginArray().Key("a"), "CHECK failed");
  EXPECT_DEATH(JsonWriter(out).BeginArray().EndObject(), "CHECK failed");
  EXPECT_DEATH(JsonWriter(out).EndArray(), "CHECK failed");
  EXPECT_DEATH(JsonWriter(out).Key("a"), "CHECK failed");
}
#endif

}  // namespace
}  // namespace tocsin
