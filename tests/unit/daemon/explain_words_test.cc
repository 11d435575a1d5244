// Every answer "not evaluable" that a detector can give, and every detector, has words for a person.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "daemon/explain/terms.h"
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

// What detectors note by a literal name.
std::set<std::string> MeasureNames() {
  std::set<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(TOCSIN_SOURCE_DIR "/detectors")) {
    if (entry.path().extension() != ".cc") continue;
    const std::string source = Read(entry.path());
    for (const char* const begin :
         {"context.Note(\"", "NoteLack(context, \"", "NoteHas(context, \"", "ClearFor(\""})
      Collect(source, begin, names);
  }
  return names;
}

TEST(ExplainWords, EveryMeasureHasWords) {
  const std::set<std::string> names = MeasureNames();
  EXPECT_TRUE(names.contains("days_unseen") && names.contains("session_used_before"));
  for (const std::string& name : names) {
    if (name.find('_') == std::string::npos) continue;
    EXPECT_NE(MeasureName(name), Spoken(name)) << name;
  }
  EXPECT_EQ(MeasureName("limit a, b, not_exceeded"), "limit a, b, the limit itself is not exceeded");
  EXPECT_EQ(MeasureName("limit by_day, sum"), "limit by_day, sum");
}

TEST(ExplainWords, EvidenceIsNamedWithItsUnit) {
  EXPECT_EQ(EvidenceName("window_seconds"), "window, seconds");
  EXPECT_EQ(EvidenceName("distance_km_min"), "distance, km, at least needed");
  EXPECT_EQ(EvidenceName("payments_24h"), "payments in 24 hours");
  EXPECT_EQ(EvidenceName("max"), "max");
}

TEST(ExplainWords, TimesAreThoseOfTheZone) {
  const Timestamp at = *ParseRfc3339("2026-07-01T23:30:05.900Z");
  EXPECT_EQ(LocalTimeText(at, *TimeZone::Find("Asia/Kathmandu")), "2026-07-02 05:15:05 (UTC+5:45)");
  EXPECT_EQ(LocalTimeText(at, {}), "2026-07-01 23:30:05 (UTC)");
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
