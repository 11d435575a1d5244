#include "detectors/state/kept_id.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "detectors/state/codec.h"

namespace tocsin::detectors {
namespace {

const std::string kUuid = "0190f3a2-7b1c-7d3e-8f40-123456789abc";
// Around what fits inside, and the longest id there is.
const std::vector<std::string> kTexts = {"",
                                         "a",
                                         std::string("nul\0inside", 10),
                                         kUuid,
                                         std::string(KeptId::kInsideMax, 'x'),
                                         std::string(KeptId::kInsideMax + 1, 'x'),
                                         std::string(kIdBytesMax, 'y')};

TEST(KeptIdTest, IsTheText) {
  for (const std::string& text : kTexts) {
    const KeptId id(text);
    EXPECT_EQ(id.view(), text);
    EXPECT_EQ(id.size(), text.size());
    EXPECT_EQ(id.empty(), text.empty());
    EXPECT_EQ(id.HeapBytes() > 0, text.size() > KeptId::kInsideMax);
  }
}

TEST(KeptIdTest, EveryTextTakesThePlaceOfEveryOther) {
  for (const std::string& before : kTexts) {
    for (const std::string& after : kTexts) {
      KeptId assigned(before);
      assigned.assign(after);
      EXPECT_EQ(assigned, after);

      KeptId copied(before);
      const KeptId original(after);
      copied = original;
      EXPECT_EQ(copied, after);
      EXPECT_EQ(original, after);

      KeptId moved(before);
      KeptId source(after);
      moved = std::move(source);
      EXPECT_EQ(moved, after);
      source = before;  // What was moved from can be used again.
      EXPECT_EQ(source, before);
    }
  }
}

TEST(KeptIdTest, SurvivesItself) {
  for (const std::string& text : kTexts) {
    KeptId id(text);
    const KeptId& itself = id;
    id = itself;
    EXPECT_EQ(id, text);
  }
}

TEST(KeptIdTest, IsOrderedAsItsText) {
  for (const std::string& a : kTexts) {
    for (const std::string& b : kTexts) {
      EXPECT_EQ(KeptId(a) < KeptId(b), a < b);
      EXPECT_EQ(KeptId(a) < b, a < b);
      EXPECT_EQ(KeptId(a) == KeptId(b), a == b);
      EXPECT_EQ(KeptId(a) == std::string_view(b), a == b);
      EXPECT_EQ(std::tuple(1, std::string_view(a)) < std::tuple(1, KeptId(b)), a < b);
    }
  }
}

TEST(KeptIdTest, IsReadBack) {
  for (const std::string& text : kTexts) {
    std::string bytes;
    ByteWriter writer(bytes);
    WriteEventId(writer, text);
    EXPECT_EQ(bytes.size(), text == kUuid ? 17 : text.size() + (text.size() < 127 ? 1 : 2));
    ByteReader reader(bytes);
    EXPECT_EQ(ReadEventId(reader), text);
    EXPECT_TRUE(reader.ok() && reader.AtEnd());
    for (size_t size = 0; size < bytes.size(); ++size) {
      ByteReader cut(std::string_view(bytes).substr(0, size));
      static_cast<void>(ReadEventId(cut));
      EXPECT_FALSE(cut.ok()) << "cut to " << size;
    }
  }
}

TEST(KeptIdTest, LongerThanAnyIdIsRefused) {
  std::string bytes;
  ByteWriter writer(bytes);
  WriteEventId(writer, std::string(kIdBytesMax + 1, 'z'));
  ByteReader reader(bytes);
  EXPECT_TRUE(ReadEventId(reader).empty());
  EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace tocsin::detectors
