// Why a detector found nothing, in numbers: over a generated population and the golden stories, for
// every detector.
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/detection/observer.h"
#include "tests/support/detection_line.h"
#include "tests/support/golden_lines.h"

namespace tocsin::daemon {
namespace {

// What a finding of these takes is what they measure, and nothing else. The others have exceptions besides:
// the owner's own device, two homes, what is waited for, what was told before.
constexpr std::array kPlain = {
    "new_device",        "new_country",     "new_network",      "anonymous_network", "unusual_hour",
    "password_guessing", "sensitive_burst", "velocity",         "unusual_amount",    "new_payee_large",
    "login_rarity",      "locale_mismatch", "repeated_failure", "high_risk_country", "user_reported"};

class Reader final : public DetectionObserver {
 public:
  bool WantsStateBefore(const schemas::Event& /*event*/) override { return true; }
  void Saw(const Observed& observed) override {
    const auto catalogue = detectors::Catalogue();
    for (size_t i = 0; i < catalogue.size(); ++i) {
      if (!observed.verdicts.verdicts[i].clear()) continue;
      bool all_met = true;
      bool any = false;
      for (const detectors::Measure& measure : observed.measures) {
        if (measure.detector != catalogue[i].id) continue;
        any = true;
        all_met = all_met && detectors::IsMet(measure).value_or(false);
      }
      if (!any) continue;
      measured.insert(std::string(catalogue[i].id));
      if (all_met) met.insert(std::string(catalogue[i].id));
    }
  }
  std::set<std::string> measured;
  std::set<std::string> met;  // Although nothing was found.
};

TEST(ExplainedTest, WhatFoundNothingSaysWhatItMeasuredAndWhatWasMissing) {
  Reader reader;
  test::DetectionLine line({.config = test::kGoldenConfig, .observer = &reader});
  line.RunAll(test::GeneratedLines(80, 21, 5));
  line.RunAll(test::GoldenLines(test::Stories::kAll));
  for (const detectors::DetectorInfo& info : detectors::Catalogue())
    EXPECT_TRUE(reader.measured.contains(std::string(info.id))) << info.id;
  for (const std::string detector : kPlain)
    EXPECT_FALSE(reader.met.contains(detector)) << detector << ": all that is needed, and nothing found";
}

}  // namespace
}  // namespace tocsin::daemon
