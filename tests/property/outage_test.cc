// Three days without the program, attacks of every kind among what happens meanwhile. When it is back it
// reads all of them in one go, and finds what it had found day by day, says the same of it, and remembers the
// same: when something was read is said, and decides nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "tests/support/detection_line.h"

namespace tocsin::daemon {
namespace {

using namespace std::chrono_literals;
using test::DetectionLine;

constexpr uint32_t kAccounts = 100;
constexpr int kDays = 24;
constexpr Millis kUntilOutage = std::chrono::hours(24 * 10);
constexpr Millis kOutage = std::chrono::hours(72);
constexpr Millis kDelay = 2s;  // Of an event, from when it happened until it is read, on every other day.

constexpr char kConfig[] =
    "detectors: {high_risk_country: {countries: 'RU, NG'}}\n"
    "limits:\n"
    "  - {name: single, kinds: [transfer], max: USD 3000.00}\n"
    "  - {name: day, direction: out, window: 24h, max: USD 4000.00, warn_at: 0.8}\n";

constexpr std::string_view kDetectedAt = "\"detected_at\":\"";

std::string TextOf(std::string_view json, std::string_view name) {
  const size_t begin = json.find(name);
  if (begin == std::string_view::npos) return {};
  const size_t from = begin + name.size();
  return std::string(json.substr(from, json.find('"', from) - from));
}

// What was put out, but for when it was read.
std::vector<std::string> Told(const DetectionLine& line) {
  std::vector<std::string> told = line.OutputTexts();
  for (std::string& text : told) {
    const size_t at = text.find(kDetectedAt);
    if (at != std::string::npos) text.erase(at, text.find('"', at + kDetectedAt.size()) - at);
  }
  return told;
}

// Whether the log went on meanwhile, or whatever fills it was away as well.
class OutageTest : public testing::TestWithParam<bool> {};

TEST_P(OutageTest, ThreeDaysReadAtOnceAreFoundAsOnTheDay) {
  const bool log_went_on = GetParam();
  const DetectionLine::Options as_daemon{.config = kConfig, .detected_at_is_event = false};
  DetectionLine steady(as_daemon);
  DetectionLine back(as_daemon);

  Timestamp newest = kTimestampMin;
  Timestamp begin = kTimestampMax;
  Timestamp end = kTimestampMax;
  size_t backlog = 0;
  for (const std::string& text : test::GeneratedLines(kAccounts, kDays, 20260301)) {
    const auto at = ParseRfc3339(TextOf(text, "\"occurred_at\":\""));
    ASSERT_TRUE(at.has_value()) << text;
    if (newest == kTimestampMin) {
      begin = *at + kUntilOutage;
      end = begin + kOutage;
    }
    newest = std::max(newest, *at);
    const Timestamp read = newest + kDelay;
    steady.RunAt(text, read, read);
    if (read < begin || read >= end) {
      back.RunAt(text, read, read);
      continue;
    }
    if (backlog++ == 0) back.Restart();
    back.RunAt(text, log_went_on ? read : end, end);
  }
  ASSERT_GT(backlog, 500U);

  const std::vector<std::string> want = Told(steady);
  const std::vector<std::string> got = Told(back);
  for (size_t i = 0; i < std::min(got.size(), want.size()); ++i) ASSERT_EQ(got[i], want[i]) << "output " << i;
  EXPECT_EQ(got.size(), want.size());
  EXPECT_EQ(back.StateBytes(), steady.StateBytes());

  // It was away, and there was something to find.
  std::set<std::string> found;
  size_t findings = 0;
  for (const schemas::OutRecord& record : back.outputs()) {
    if (record.kind != schemas::OutputKind::kFinding) continue;
    if (TextOf(record.value, kDetectedAt) != FormatRfc3339(end)) continue;
    ++findings;
    found.insert(TextOf(record.value, "\"detector\":\""));
  }
  EXPECT_GT(findings, 20U);
  EXPECT_GT(found.size(), 5U);
}

INSTANTIATE_TEST_SUITE_P(Logs, OutageTest, testing::Bool(),
                         [](const auto& tested) { return tested.param ? "WentOn" : "WasAwayToo"; });

}  // namespace
}  // namespace tocsin::daemon
