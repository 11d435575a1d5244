// "Could not look" and "nothing there" are two answers: over a generated population and all golden stories,
// whatever keeps a detector from looking is on its page, which is where its reader learns what it needs.
// (tests/unit/detectors/not_evaluable_test.cc: that what is on the page is never taken for nothing there.)
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "daemon/detection/observer.h"
#include "tests/support/detection_line.h"
#include "tests/support/detector_page.h"
#include "tests/support/golden_lines.h"

namespace tocsin::daemon {
namespace {

class Reader final : public DetectionObserver {
 public:
  bool WantsStateBefore(const schemas::Event& /*event*/) override { return false; }
  void Saw(const Observed& observed) override {
    const auto catalogue = detectors::Catalogue();
    for (size_t i = 0; i < catalogue.size(); ++i) {
      const detectors::Verdict& verdict = observed.verdicts.verdicts[i];
      if (verdict.kind() != detectors::Verdict::Kind::kNotEvaluable) continue;
      // It does not look at events of this kind.
      if (verdict.why() == detectors::kOtherEvent) continue;
      given[std::string(catalogue[i].id)].insert(std::string(verdict.why()));
    }
  }
  std::map<std::string, std::set<std::string>> given;  // Reasons, by detector.
};

TEST(SilenceTest, WhateverKeepsADetectorFromLookingIsOnItsPage) {
  Reader reader;
  test::DetectionLine line({.config = test::kGoldenConfig, .observer = &reader});
  line.RunAll(test::GeneratedLines(80, 21, 5));
  line.RunAll(test::GoldenLines(test::Stories::kAll));
  size_t reasons = 0;
  for (const auto& [detector, given] : reader.given) {
    const std::set<std::string> page = test::NotEvaluableOnPage(detector);
    for (const std::string& reason : given) EXPECT_TRUE(page.contains(reason)) << detector << ": " << reason;
    reasons += given.size();
  }
  EXPECT_GT(reasons, 50U);
}

}  // namespace
}  // namespace tocsin::daemon
