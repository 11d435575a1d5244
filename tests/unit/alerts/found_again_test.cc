// A finding that is found again is the same one, and is said again only when that is news.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts {
namespace {

using namespace std::chrono_literals;
using schemas::FindingStatus;
using schemas::Mode;
using schemas::Severity;
using ::testing::ElementsAre;
using testing::kNoon;
using testing::Scenario;

schemas::Claim Guessing(int64_t size, Mode mode = Mode::kLive) {
  schemas::Claim claim =
      testing::MakeClaim("password_guessing", schemas::Family::kCredential, Severity::kMedium, 1.0, "first");
  claim.size = size;
  claim.mode = mode;
  return claim;
}

TEST(FoundAgainTest, ARunIsToldAsItDoubles) {
  Scenario s;
  std::vector<int64_t> told;
  std::string id;
  for (int64_t size = 10; size <= 100; ++size) {
    const Decision& d = s.Decide(s.Login(kNoon + size * 1min), {Guessing(size)});
    ASSERT_EQ(d.found.size(), 1U) << "each event names it";
    if (id.empty()) id = d.found[0];
    EXPECT_EQ(d.found[0], id);
    if (d.findings.empty()) continue;
    told.push_back(size);
    EXPECT_EQ(d.findings[0].finding_id, id);
    EXPECT_EQ(d.findings[0].status, size == 10 ? FindingStatus::kNew : FindingStatus::kUpdated);
    EXPECT_EQ(d.findings[0].occurred_at, kNoon + size * 1min);
  }
  EXPECT_THAT(told, ElementsAre(10, 20, 40, 80));
}

TEST(FoundAgainTest, InShadowItIsSaidWhenItIsNews) {
  Scenario s;
  std::vector<FindingStatus> said;
  std::string id;
  const auto decide = [&](schemas::Claim claim) {
    claim.mode = Mode::kShadow;
    const Decision& d = s.Decide(s.Login(kNoon + 1min * s.events), {claim});
    EXPECT_THAT(d.found, ElementsAre(id.empty() ? id = d.found.at(0) : id));
    for (const schemas::Finding& finding : d.findings) said.push_back(finding.status);
    EXPECT_TRUE(d.tickets.empty() && d.notices.empty());
  };
  for (int i = 0; i < 5; ++i) decide(Guessing(10 + i));
  EXPECT_THAT(said, ElementsAre(FindingStatus::kNew));
  schemas::Claim graver = Guessing(20);
  graver.severity = Severity::kHigh;
  decide(graver);
  decide(graver);
  schemas::Claim other = graver;
  other.reasons = {{"password_guessing_distributed", "", ""}};
  decide(other);
  EXPECT_THAT(said, ElementsAre(FindingStatus::kNew, FindingStatus::kUpdated, FindingStatus::kUpdated));
}

// The detector went to shadow while the case was open.
TEST(FoundAgainTest, WhatACaseHoldsIsNotNewInShadow) {
  Scenario s;
  s.Decide(s.Login(kNoon), {Guessing(10)});
  const Decision& d = s.Decide(s.Login(kNoon + 1min), {Guessing(11, Mode::kShadow)});
  EXPECT_EQ(d.found.size(), 1U);
  EXPECT_TRUE(d.findings.empty());
}

// Good to know at first and worth a case later: another group, the same finding.
TEST(FoundAgainTest, InTheOtherGroupItIsNotNew) {
  Scenario s;
  schemas::Claim claim =
      testing::MakeClaim("locale_mismatch", schemas::Family::kDevice, Severity::kLow, 0.5, "first");
  EXPECT_EQ(s.Decide(s.Login(kNoon), {claim}).findings.at(0).status, FindingStatus::kNew);
  claim.severity = Severity::kInfo;
  const Decision& d = s.Decide(s.Login(kNoon + 1h), {claim});
  for (const schemas::Finding& finding : d.findings) EXPECT_EQ(finding.status, FindingStatus::kUpdated);
}

}  // namespace
}  // namespace tocsin::alerts
