// A client that says nonsense of itself hides nothing: its events are judged as if it had said nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/detection_line.h"

namespace tocsin {
namespace {

// Each event but profiles, whose language the platform itself says, with this locale.
std::vector<std::string> WithLocale(std::vector<std::string> lines, std::string_view locale,
                                    size_t& changed) {
  changed = 0;
  for (std::string& line : lines) {
    if (line.find("account_profile") != std::string::npos) continue;
    CHECK(line.find(R"("locale")") == std::string::npos);
    line.insert(1, R"("locale":)" + std::string(locale) + ",");
    ++changed;
  }
  return lines;
}

TEST(LeftOutTest, EventsAreJudgedAsIfNothingHadBeenSaid) {
  std::vector<std::string> lines = test::GeneratedLines(60, 10, 11);
  // A language in a profile is the owner's, and his notices are written in it.
  std::erase_if(lines,
                [](const std::string& line) { return line.find("account_profile") != std::string::npos; });
  const auto outputs_of = [&](std::string_view locale, size_t& changed) {
    test::DetectionLine line;
    line.RunAll(WithLocale(lines, locale, changed));
    return line.outputs();
  };
  size_t changed = 0;
  const std::vector<schemas::OutRecord> silent = outputs_of("null", changed);
  ASSERT_GT(changed, 100U);
  std::vector<schemas::OutRecord> nonsense = outputs_of(R"("en_US;q=0.9")", changed);
  const auto letters = std::ranges::partition(
      nonsense, [](const auto& record) { return record.kind != schemas::OutputKind::kDeadLetter; });
  EXPECT_GT(letters.size(), changed / 2) << "one for each, but for those that come twice or late";
  const auto texts = [](const auto& records) {
    std::vector<std::string> said;
    for (const schemas::OutRecord& record : records) {
      if (record.kind != schemas::OutputKind::kDeadLetter) said.push_back(test::ToText(record));
    }
    std::ranges::sort(said);
    return said;
  };
  ASSERT_GT(texts(silent).size(), 20U);
  EXPECT_EQ(texts(nonsense), texts(silent));
}

}  // namespace
}  // namespace tocsin
