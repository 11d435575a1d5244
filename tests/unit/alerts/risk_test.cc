#include "alerts/risk.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

namespace tocsin::alerts {
namespace {

using namespace std::chrono_literals;
using schemas::Family;
using schemas::Severity;

const Timestamp kNow = *ParseRfc3339("2026-03-01T12:00:00Z");

CaseFinding Finding(const char* detector, Family family, double weight, std::chrono::hours age = 0h) {
  return {.finding_id = detector, .detector = detector, .family = family, .weight = weight, .at = kNow - age};
}

CaseFile FileWith(std::vector<CaseFinding> findings) {
  CaseFile file;
  Case one;
  one.state = CaseState::kOpen;
  one.open_until = kNow + 1h;
  one.findings = std::move(findings);
  file.MutableCases().push_back(one);
  return file;
}

double LogOdds(const CaseFile& file, Timestamp at = kNow) {
  const double risk = RiskOf({}, file, at);
  return std::log(risk / (1 - risk));
}

// What an event says without being a finding counts for that event, with the rest of its family, under its
// cap.
TEST(LeaningTest, AddsToItsFamilyAndIsExplained) {
  const std::vector<Leaning> up = {{.detector = "r", .family = Family::kRarity, .weight = 3}};
  const std::vector<Leaning> down = {{.detector = "r", .family = Family::kRarity, .weight = -1}};
  const CaseFile quiet;
  const CaseFile found = FileWith({Finding("r", Family::kRarity, 3.5), Finding("a", Family::kMoney, 1)});
  const auto log_odds = [](double risk) { return std::log(risk / (1 - risk)); };
  EXPECT_NEAR(log_odds(RiskOf({}, quiet, kNow, up)), RiskConfig().bias + 3, 1e-9);
  EXPECT_NEAR(log_odds(RiskOf({}, quiet, kNow, down)), RiskConfig().bias - 1, 1e-9);
  EXPECT_NEAR(log_odds(RiskOf({}, found, kNow, up)), RiskConfig().bias + RiskConfig().cap_rarity + 1, 1e-9);
  EXPECT_NEAR(log_odds(RiskOf({}, found, kNow, down)), RiskConfig().bias + 2.5 + 1, 1e-9);
  for (const auto& leaning : {up, down}) {
    double sum = RiskConfig().bias;
    const std::vector<schemas::Addend> addends = AddendsOf({}, found, kNow, leaning);
    EXPECT_EQ(addends.size(), 2U);
    for (const schemas::Addend& addend : addends) sum += addend.weight;
    EXPECT_NEAR(sum, log_odds(RiskOf({}, found, kNow, leaning)), 1e-9);
  }
}

struct Evidence {
  const char* name;
  std::vector<CaseFinding> findings;
  double adds;
};
class RiskTest : public testing::TestWithParam<Evidence> {};

TEST_P(RiskTest, AddsTheEvidence) {
  const CaseFile file = FileWith(GetParam().findings);
  EXPECT_NEAR(LogOdds(file), RiskConfig().bias + GetParam().adds, 1e-9);
  double sum = 0;
  for (const schemas::Addend& addend : AddendsOf({}, file, kNow)) sum += addend.weight;
  EXPECT_NEAR(sum, GetParam().adds, 1e-9) << "addends explain the risk";
}

INSTANTIATE_TEST_SUITE_P(
    Risk, RiskTest,
    testing::Values(Evidence{"Nothing", {}, 0}, Evidence{"One", {Finding("a", Family::kMoney, 1.2)}, 1.2},
                    Evidence{"HalfAfterADay", {Finding("a", Family::kMoney, 1.2, 24h)}, 0.6},
                    Evidence{"TheFutureIsNotDecayed", {Finding("a", Family::kMoney, 1.2, -48h)}, 1.2},
                    Evidence{"ADetectorCountsOnce",
                             {Finding("a", Family::kMoney, 1.2, 24h), Finding("a", Family::kMoney, 1.0)},
                             1.0},
                    Evidence{"ItsLargestDecayedWeight",
                             {Finding("a", Family::kMoney, 2.8, 24h), Finding("a", Family::kMoney, 1.0)},
                             1.4},
                    Evidence{"AFamilyIsCapped",
                             {Finding("a", Family::kLocation, 3.5), Finding("b", Family::kLocation, 2.7)},
                             4.0},
                    Evidence{"FamiliesAdd",
                             {Finding("a", Family::kLocation, 3.5), Finding("b", Family::kMoney, 1.2)},
                             4.7},
                    Evidence{"NegativeEvidenceCounts",
                             {Finding("a", Family::kRarity, -1), Finding("b", Family::kMoney, 1.2)},
                             0.2}),
    [](const auto& tested) { return tested.param.name; });

// Whatever the case holds already: one finding more, or one heavier, and the risk is as high or higher. The
// count of what was found, or its order, takes nothing back.
TEST(RiskTest, MoreEvidenceNeverLowersTheRisk) {
  std::minstd_rand random(2026);
  const auto below = [&random](unsigned end) { return static_cast<unsigned>(random() % end); };
  const std::array<const char*, 12> detectors = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"};
  const auto any = [&] {
    const unsigned detector = below(detectors.size());
    return Finding(detectors.at(detector), static_cast<Family>(detector % 8), below(1001) / 100.0,
                   std::chrono::hours(below(240)));
  };
  for (int round = 0; round < 200; ++round) {
    std::vector<CaseFinding> findings;
    double risk = RiskOf({}, FileWith(findings), kNow);
    for (size_t i = 0; i < Case::kFindingsMax; ++i) {
      findings.push_back(any());
      const double with_one_more = RiskOf({}, FileWith(findings), kNow);
      ASSERT_GE(with_one_more, risk) << "round " << round << ", finding " << i;
      findings[below(static_cast<unsigned>(findings.size()))].weight += below(100) / 50.0;
      const double heavier = RiskOf({}, FileWith(findings), kNow);
      ASSERT_GE(heavier, with_one_more) << "round " << round << ", finding " << i;
      risk = heavier;
    }
  }
}

TEST(RiskTest, ACapIsSharedInProportion) {
  const CaseFile file = FileWith({Finding("a", Family::kLocation, 6), Finding("b", Family::kLocation, 2)});
  const auto addends = AddendsOf({}, file, kNow);
  ASSERT_EQ(addends.size(), 2u);
  EXPECT_DOUBLE_EQ(addends[0].weight, 3);
  EXPECT_DOUBLE_EQ(addends[1].weight, 1);
}

TEST(RiskTest, ClosedCasesCountNothing) {
  CaseFile file = FileWith({Finding("a", Family::kMoney, 1.2)});
  EXPECT_GT(LogOdds(file), RiskConfig().bias);
  EXPECT_DOUBLE_EQ(LogOdds(file, kNow + 1h), LogOdds(CaseFile()));
  file.MutableCases()[0].state = CaseState::kResolved;
  EXPECT_DOUBLE_EQ(LogOdds(file), LogOdds(CaseFile()));
}

TEST(RiskTest, TheQuietAccountIsOneInAThousand) { EXPECT_NEAR(RiskOf({}, CaseFile(), kNow), 0.001, 0.0001); }

struct Raise {
  const char* name;
  Severity severity;
  double weight;
  double risk;
  Severity raised;
  schemas::Mode mode = schemas::Mode::kLive;
  const char* detector = "new_device";
  Family family = Family::kDevice;
};
class RaisedTest : public testing::TestWithParam<Raise> {};

TEST_P(RaisedTest, ByRiskAtItsThresholds) {
  schemas::Claim claim;
  claim.severity = GetParam().severity;
  claim.weight = GetParam().weight;
  claim.mode = GetParam().mode;
  claim.detector = GetParam().detector;
  claim.family = GetParam().family;
  EXPECT_EQ(Raised({}, claim, GetParam().risk), GetParam().raised);
}

INSTANTIATE_TEST_SUITE_P(
    Severity, RaisedTest,
    testing::Values(Raise{"JustBelowMedium", Severity::kLow, 1, 0.0999, Severity::kLow},
                    Raise{"Medium", Severity::kLow, 1, 0.1, Severity::kMedium},
                    Raise{"High", Severity::kLow, 1, 0.4, Severity::kHigh},
                    Raise{"Critical", Severity::kLow, 1, 0.8, Severity::kCritical},
                    Raise{"NeverLowered", Severity::kHigh, 1, 0.001, Severity::kHigh},
                    Raise{"InformationStays", Severity::kInfo, 0.3, 0.99, Severity::kInfo},
                    Raise{"NoWeightStays", Severity::kLow, 0, 0.99, Severity::kLow},
                    Raise{"ShadowStays", Severity::kLow, 1, 0.99, Severity::kLow, schemas::Mode::kShadow},
                    Raise{"ABalanceIsNoAlarm", Severity::kLow, 0.3, 0.99, Severity::kLow,
                          schemas::Mode::kLive, "balance_mismatch"},
                    Raise{"FailuresAreNoAlarm", Severity::kLow, 0.2, 0.99, Severity::kLow,
                          schemas::Mode::kLive, "repeated_failure"},
                    Raise{"WhatAPersonDecidedStays", Severity::kHigh, 6, 0.99, Severity::kHigh,
                          schemas::Mode::kLive, "user_reported", Family::kReport}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace tocsin::alerts
