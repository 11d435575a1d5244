#include "alerts/reference.h"

#include <gtest/gtest.h>

#include <set>

namespace tocsin::alerts {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const Timestamp kAt = *ParseRfc3339("2026-03-01T04:05:06Z");

TEST(ReferenceTest, HasTheFormPeopleAreShown) {
  const std::string reference = MakeReference("case", kAt);
  EXPECT_EQ(reference.size(), 16u);
  EXPECT_EQ(reference.substr(0, 7), "T-2026-");
  EXPECT_EQ(reference[11], '-');
  EXPECT_EQ(VerifyReference(reference), reference);
}

TEST(ReferenceTest, DependsOnCaseAndYearAlone) {
  EXPECT_EQ(MakeReference("a", kAt), MakeReference("a", kAt + std::chrono::hours(24)));
  EXPECT_NE(MakeReference("a", kAt), MakeReference("b", kAt));
  EXPECT_EQ(MakeReference("a", *ParseRfc3339("2027-01-01T00:00:00Z")).substr(0, 7), "T-2027-");
}

TEST(ReferenceTest, ReadsWhatPeopleType) {
  const std::string reference = MakeReference("case", kAt);
  std::string typed;
  for (const char c : reference) {
    if (c == '-') continue;
    typed += static_cast<char>(std::tolower(static_cast<unsigned char>(c == '0' ? 'O' : c == '1' ? 'l' : c)));
    typed += ' ';
  }
  EXPECT_EQ(VerifyReference(typed), reference);
}

// Every wrong character and every swap of two characters is found.
TEST(ReferenceTest, FindsEveryWrongCharacterAndEverySwap) {
  for (int n = 0; n < 20; ++n) {
    const std::string reference = MakeReference("case " + std::to_string(n), kAt);
    for (size_t i = 2; i < reference.size(); ++i) {
      if (reference[i] == '-') continue;
      for (const char c : i < 6 ? kAlphabet.substr(0, 10) : kAlphabet) {
        if (c == reference[i]) continue;
        std::string wrong = reference;
        wrong[i] = c;
        EXPECT_FALSE(VerifyReference(wrong)) << wrong;
      }
      for (size_t j = i + 1; j < reference.size(); ++j) {
        if (reference[j] == '-' || reference[i] == reference[j]) continue;
        std::string swapped = reference;
        std::swap(swapped[i], swapped[j]);
        EXPECT_FALSE(VerifyReference(swapped)) << swapped;
      }
    }
  }
}

TEST(ReferenceTest, RefusesWhatIsNone) {
  for (const char* text :
       {"", "T", "T-", "T-2026-7KQ4", "T-2026-7KQ4-M2QX-0", "hello", "2026-0000-0000", "T-20U6-0000-0000"}) {
    EXPECT_FALSE(VerifyReference(text)) << text;
  }
}

TEST(ReferenceTest, TenThousandCasesHaveTenThousandReferences) {
  std::set<std::string> seen;
  for (int n = 0; n < 10000; ++n) seen.insert(MakeReference(std::to_string(n), kAt));
  EXPECT_EQ(seen.size(), 10000u);
}

}  // namespace
}  // namespace tocsin::alerts
