// Every answer "not evaluable" that a detector can give, and every detector, has words for a person.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "daemon/explain/words.h"
#include "detectors/detector_set.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;

std::string Read(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What stands between `begin` and the next quote, wherever it does and is in snake_case.
void Collect(const std::string& text, std::string_view begin, std::set<std::string>& codes) {
  for (size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at + 1)) {
    const size_t from = text.find('"', at) + 1;
    const std::string code = text.substr(from, text.find('"', from) - from);
    if (!code.empty() && code.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos)
      codes.insert(code);
  }
}

// Codes that appear in the sources of detectors as NotEvaluable("code") or as a constant.
std::set<std::string> Codes() {
  std::set<std::string> codes;
  for (const auto& entry : fs::recursive_directory_iterator(TOCSIN_SOURCE_DIR "/detectors")) {
    if (entry.path().extension() != ".cc" && entry.path().extension() != ".h") continue;
    const std::string source = Read(entry.path());
    Collect(source, "NotEvaluable(\"", codes);
    Collect(source, "constexpr std::string_view k", codes);
  }
  codes.erase("other_event");  // Told together, without a sentence for each.
  return codes;
}

TEST(ExplainWords, EveryCodeHasASentence) {
  const std::set<std::string> codes = Codes();
  EXPECT_TRUE(codes.contains("no_limits") && codes.contains("cross_border_unknown")) << "constants as well";
  for (const std::string& code : codes) {
    const std::string words = WhyNotEvaluable(code);
    EXPECT_TRUE(words.ends_with(".")) << code << ": " << words;
  }
  EXPECT_EQ(WhyNotEvaluable("some_new_code"), "some new code");
}

TEST(ExplainWords, EveryDetectorHasAGoal) {
  for (const detectors::DetectorInfo& info : detectors::Catalogue()) {
    const std::string goal = GoalOf(info.id);
    EXPECT_GT(goal.size(), 20U) << info.id;
    EXPECT_EQ(goal.find_first_of("`*\n#"), std::string::npos) << info.id;
    EXPECT_FALSE(goal.starts_with(' ')) << info.id << ":" << goal;
  }
  EXPECT_EQ(GoalOf("no_such_detector"), "");
}

}  // namespace
}  // namespace tocsin::daemon
