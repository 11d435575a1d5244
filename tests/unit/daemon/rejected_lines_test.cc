// A file that holds no events is told from a file in which nothing was found.
#include "daemon/cli/rejected_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/detection_line.h"

namespace tocsin::daemon {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kLogin =
    R"({"type":"login","event_id":"e","account_id":"ada","occurred_at":"2026-01-01T08:00:00Z","outcome":"success"})";

TEST(RejectedLinesTest, AllOfThemAreToldWithTheFirstReason) {
  RejectedLines rejected(nullptr);
  test::DetectionLine line({.observer = &rejected});
  line.Run("detectors: {}");
  line.Run(R"({"type":"login","event_id":"e"})");
  const std::string told = rejected.WhenAll(2);
  EXPECT_THAT(told, HasSubstr("all lines were rejected, 2 of 2: nothing was judged; the first is line "));
  EXPECT_THAT(told, HasSubstr(": not_json"));
}

TEST(RejectedLinesTest, OneEventIsEnough) {
  RejectedLines rejected(nullptr);
  test::DetectionLine line({.observer = &rejected});
  line.Run("detectors: {}");
  line.Run(kLogin);
  EXPECT_THAT(rejected.WhenAll(2), IsEmpty());
}

TEST(RejectedLinesTest, AnEmptyFileIsNone) { EXPECT_THAT(RejectedLines(nullptr).WhenAll(0), IsEmpty()); }

class Counting final : public DetectionObserver {
 public:
  bool WantsStateBefore(const schemas::Event&) override { return true; }
  void Saw(const Observed& observed) override { seen += observed.before != nullptr; }
  void Passed(const Unjudged&) override { ++passed; }
  int seen = 0;
  int passed = 0;
};

TEST(RejectedLinesTest, EverythingIsPassedOn) {
  Counting counting;
  RejectedLines rejected(&counting);
  test::DetectionLine line({.observer = &rejected});
  line.Run("detectors: {}");
  line.Run(kLogin);
  EXPECT_EQ(counting.passed, 1);
  EXPECT_EQ(counting.seen, 1);
}

}  // namespace
}  // namespace tocsin::daemon
