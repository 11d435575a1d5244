// Laws of the whole line, over a generated population with attacks of every kind and a golden story of each
// detector: every detector, every learner, cases, notices and tickets take part.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/detection_line.h"
#include "tests/support/golden_lines.h"

namespace tocsin::daemon {
namespace {

using test::DetectionLine;
using test::GeneratedLines;

constexpr uint32_t kAccounts = 60;
constexpr int kDays = 24;

const std::vector<std::string>& Lines() {
  static const std::vector<std::string> lines = [] {
    std::vector<std::string> all = GeneratedLines(kAccounts, kDays, 20260301);
    std::ranges::move(test::GoldenLines(), std::back_inserter(all));
    return all;
  }();
  return lines;
}

// A line of which every detector takes part.
DetectionLine::Options Everything() { return {.config = test::kGoldenConfig}; }

std::string MemberOf(std::string_view line, std::string_view member) {
  const size_t begin = line.find(member);
  EXPECT_NE(begin, std::string_view::npos);
  const size_t from = begin + member.size();
  return std::string(line.substr(from, line.find('"', from) - from));
}
std::string AccountOf(std::string_view line) { return MemberOf(line, "\"account_id\":\""); }

// The first that differ, not all of a long list.
void ExpectSame(const std::vector<std::string>& got, const std::vector<std::string>& want) {
  const size_t common = std::min(got.size(), want.size());
  for (size_t i = 0; i < common; ++i) ASSERT_EQ(got[i], want[i]) << "output " << i;
  ASSERT_EQ(got.size(), want.size());
}

void ExpectSame(const std::map<std::string, std::string>& got,
                const std::map<std::string, std::string>& want) {
  for (const auto& [key, bytes] : want) {
    const auto found = got.find(key);
    ASSERT_NE(found, got.end()) << key;
    ASSERT_EQ(found->second, bytes) << key;
  }
  ASSERT_EQ(got.size(), want.size());
}

TEST(DetectionLawsTest, TheTrafficHasWhatTheLawsAreAbout) {
  DetectionLine line(Everything());
  line.RunAll(Lines());
  std::map<schemas::OutputKind, int> kinds;
  std::set<std::string> spoke;
  for (const schemas::OutRecord& record : line.outputs()) {
    ++kinds[record.kind];
    if (record.kind == schemas::OutputKind::kFinding) spoke.insert(MemberOf(record.value, "\"detector\":\""));
  }
  for (const detectors::DetectorInfo& info : detectors::Catalogue())
    EXPECT_TRUE(spoke.contains(std::string(info.id))) << info.id << " finds nothing: no law is tried on it";
  EXPECT_GT(kinds[schemas::OutputKind::kFinding], 50);
  EXPECT_GT(kinds[schemas::OutputKind::kNotice], 10);
  EXPECT_GT(kinds[schemas::OutputKind::kTicket], 10);
  EXPECT_GT(kinds[schemas::OutputKind::kAction], 0);
  EXPECT_GE(line.states().size(), kAccounts);
}

TEST(DetectionLawsTest, ASecondRunGivesEqualBytes) {
  DetectionLine first(Everything());
  DetectionLine second(Everything());
  first.RunAll(Lines());
  second.RunAll(Lines());
  ExpectSame(second.OutputTexts(), first.OutputTexts());
  ExpectSame(second.StateBytes(), first.StateBytes());
}

TEST(DetectionLawsTest, ADuplicateChangesNothingHoweverLate) {
  DetectionLine once(Everything());
  DetectionLine often(Everything());
  std::mt19937_64 random(7);
  for (size_t i = 0; i < Lines().size(); ++i) {
    once.Run(Lines()[i]);
    often.Run(Lines()[i]);
    for (auto again = random() % 3; again > 0; --again) {
      const std::string& line = Lines()[i - random() % std::min<size_t>(i + 1, 400)];
      // What lies beyond its account's horizon is late, copy or not. The stories leap over weeks.
      const bool of_a_story = line.find("/account") != std::string::npos;
      if (!of_a_story || &line == &Lines()[i]) often.Run(line);
    }
  }
  ExpectSame(often.OutputTexts(), once.OutputTexts());
  ExpectSame(often.StateBytes(), once.StateBytes());
}

TEST(DetectionLawsTest, ARestartAtAnyPointChangesNothing) {
  DetectionLine steady(Everything());
  DetectionLine restarted(Everything());
  std::mt19937_64 random(11);
  for (const std::string& line : Lines()) {
    steady.Run(line);
    restarted.Run(line);
    if (random() % 50 == 0) restarted.Restart();
  }
  ExpectSame(restarted.OutputTexts(), steady.OutputTexts());
  ExpectSame(restarted.StateBytes(), steady.StateBytes());
}

// Accounts share the counts of the population, and nothing else: without those, an account among others lives
// as alone.
TEST(DetectionLawsTest, OneAccountNeverTouchesAnother) {
  const DetectionLine::Options options{.forget_population = true, .config = test::kGoldenConfig};
  DetectionLine together(options);
  together.RunAll(Lines());
  std::map<std::string, std::vector<std::string>> by_account;
  for (const schemas::OutRecord& record : together.outputs()) {
    by_account[record.key].push_back(test::ToText(record));
  }
  const auto states = together.StateBytes();

  std::map<std::string, std::vector<std::string>> lives;
  for (const std::string& line : Lines()) lives[AccountOf(line)].push_back(line);
  ASSERT_GT(lives.size(), kAccounts);
  for (const auto& [account, lines] : lives) {
    DetectionLine alone(options);
    alone.RunAll(lines);
    ExpectSame(alone.OutputTexts(), by_account[account]);
    EXPECT_EQ(alone.StateBytes().at(account), states.at(account)) << account;
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace tocsin::daemon
