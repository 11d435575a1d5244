// What was told is taken back, whatever became of its case; what was never told is not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts::testing {
namespace {

using namespace std::chrono_literals;
using schemas::FindingStatus;
using schemas::Mode;
using schemas::Severity;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

schemas::Retraction Gone(std::string cause, std::string_view detector = "limit_breach") {
  return {.detector = detector, .cause = {std::move(cause)}, .discriminator = ""};
}

schemas::Claim BreachOf(std::string cause, Mode mode = Mode::kLive) {
  schemas::Claim claim = Breach();
  claim.cause = {std::move(cause)};
  claim.mode = mode;
  return claim;
}

TEST(RetractionTest, OfAFindingInShadowIsToldInShadow) {
  Scenario s;
  const std::string id = s.Decide(s.Login(kNoon), {BreachOf("p", Mode::kShadow)}).findings.at(0).finding_id;
  const Decision& d = s.Decide(s.Login(kNoon + 1h), {}, {Gone("p")});
  ASSERT_THAT(d.findings, SizeIs(1));
  EXPECT_EQ(d.findings[0].finding_id, id);
  EXPECT_EQ(d.findings[0].status, FindingStatus::kSuperseded);
  EXPECT_EQ(d.findings[0].mode, Mode::kShadow);
  EXPECT_EQ(d.findings[0].detector, "limit_breach");
  EXPECT_EQ(d.findings[0].family, schemas::Family::kLimit);
  EXPECT_EQ(d.findings[0].cause, std::vector<std::string>{"p"});
  EXPECT_EQ(d.findings[0].reasons.at(0).text, "More than a limit allows.");
  EXPECT_EQ(d.findings[0].case_id, "");
  EXPECT_THAT(s.file.cases(), IsEmpty());
  EXPECT_DOUBLE_EQ(d.risk, Sigmoid(RiskConfig().bias));
  EXPECT_THAT(s.Decide(s.Login(kNoon + 2h), {}, {Gone("p")}).findings, IsEmpty()) << "once";
}

TEST(RetractionTest, OfACaseThatAnotherReplacedNamesItsOwn) {
  Scenario s;
  const schemas::Finding first = s.Decide(s.Login(kNoon), {BreachOf("p")}).findings.at(0);
  const Decision& later = s.Decide(s.Login(kNoon + 480h), {BreachOf("q")});
  ASSERT_NE(later.findings.at(0).case_id, first.case_id);
  const Decision& d = s.Decide(s.Login(kNoon + 481h), {}, {Gone("p")});
  ASSERT_THAT(d.findings, SizeIs(1));
  EXPECT_EQ(d.findings[0].finding_id, first.finding_id);
  EXPECT_EQ(d.findings[0].status, FindingStatus::kSuperseded);
  EXPECT_EQ(d.findings[0].mode, Mode::kLive);
  EXPECT_EQ(d.findings[0].case_id, first.case_id);
  EXPECT_EQ(d.findings[0].occurred_at, kNoon);
  EXPECT_THAT(d.tickets, IsEmpty()) << "the case that is open now is about something else";
  EXPECT_THAT(s.file.cases().at(0).findings, SizeIs(1));
}

// Whoever counts findings counts it once.
TEST(RetractionTest, WhatIsFoundAgainInAnotherCaseIsNoNewFinding) {
  Scenario s;
  const schemas::Finding first = s.Decide(s.Login(kNoon), {BreachOf("p")}).findings.at(0);
  EXPECT_EQ(first.status, FindingStatus::kNew);
  const schemas::Finding again = s.Decide(s.Login(kNoon + 480h), {BreachOf("p")}).findings.at(0);
  EXPECT_EQ(again.finding_id, first.finding_id);
  EXPECT_NE(again.case_id, first.case_id);
  EXPECT_EQ(again.status, FindingStatus::kUpdated);
}

TEST(RetractionTest, OfAFullCaseIsToldForEach) {
  Scenario s;
  constexpr int kMany = static_cast<int>(Case::kFindingsMax) + 10;
  for (int i = 0; i < kMany; ++i) s.Decide(s.Login(kNoon + i * 1min), {BreachOf("p" + std::to_string(i))});
  for (int i = 0; i < kMany; ++i) {
    ASSERT_EQ(s.file.cases().at(0).state, CaseState::kOpen);
    const Decision& d = s.Decide(s.Login(kNoon + 2h + i * 1min), {}, {Gone("p" + std::to_string(i))});
    ASSERT_THAT(d.findings, SizeIs(1)) << i;
    ASSERT_EQ(d.findings[0].status, FindingStatus::kSuperseded);
    ASSERT_EQ(d.findings[0].case_id, s.file.cases()[0].case_id);
  }
  EXPECT_EQ(s.file.cases()[0].state, CaseState::kResolved) << "nothing of it is left";
}

TEST(RetractionTest, OfAllThatATicketIsAboutNamesNothingElse) {
  Scenario s;
  schemas::Claim stuck = BreachOf("p");
  stuck.detector = "stuck_transaction";
  const Decision& opened = s.Decide(s.Login(kNoon), {stuck});
  ASSERT_THAT(opened.tickets, SizeIs(1));
  EXPECT_THAT(opened.tickets[0].subject, HasSubstr("a payment is stuck"));
  const Decision& d = s.Decide(s.Login(kNoon + 1h), {}, {Gone("p", "stuck_transaction")});
  ASSERT_THAT(d.tickets, SizeIs(1));
  EXPECT_EQ(d.tickets[0].operation, schemas::TicketOperation::kResolve);
  EXPECT_THAT(d.tickets[0].subject, HasSubstr("what was found is explained"));
}

TEST(RetractionTest, OfWhatWasNeverToldIsNotTold) {
  Scenario s;
  s.Decide(s.Login(kNoon), {BreachOf("p"), BreachOf("q", Mode::kShadow)});
  EXPECT_THAT(s.Decide(s.Login(kNoon + 1h), {}, {Gone("r"), Gone("p", "limit_approach")}).findings,
              IsEmpty());
}

TEST(RetractionTest, ACaseForgottenStillHadFindings) {
  Scenario s;
  s.Decide(s.Login(kNoon), {BreachOf("p")});
  s.Decide(s.Login(kNoon + 24h * 60));
  EXPECT_THAT(s.file.cases(), IsEmpty());
  EXPECT_THAT(s.Decide(s.Login(kNoon + 24h * 60 + 1h), {}, {Gone("p")}).findings, SizeIs(1));
  s.Decide(s.Login(kNoon + 24h * 61), {BreachOf("q", Mode::kShadow)});
  s.Decide(s.Login(kNoon + 24h * 500), {BreachOf("r", Mode::kShadow)});
  EXPECT_THAT(s.file.told(), SizeIs(1)) << "no limit is about a longer time";
}

// Any history of claims, live and in shadow, found again or not, in cases that end soon and fill up: a
// retraction gives one record when the finding was told and not taken back since, and else none. As the state
// is stored and read in between.
TEST(RetractionTest, IsToldExactlyOfWhatWasTold) {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    std::minstd_rand random(seed);
    const auto below = [&random](size_t end) { return static_cast<size_t>(random()) % end; };
    AlertsConfig config;
    config.calm.case_idle = std::chrono::hours(1 + below(24));
    config.calm.case_max = config.calm.case_idle + std::chrono::hours(below(72));
    Scenario s(config);
    std::map<std::string, std::string> told;  // Cause to finding id.
    Timestamp at = kNoon;
    for (int i = 0; i < 300; ++i) {
      at += std::chrono::minutes(below(seed % 4 == 0 ? 3 : 240));
      std::vector<schemas::Claim> claims;
      std::vector<schemas::Retraction> retractions;
      std::map<std::string, std::string> expected;
      const size_t room = CaseFile::kToldMax - std::min(CaseFile::kToldMax, told.size());
      for (size_t n = std::min(below(4), room); n > 0; --n) {
        const std::string cause = "p" + std::to_string(below(200));
        const bool again =
            std::ranges::any_of(claims, [&](const auto& claim) { return claim.cause.front() == cause; });
        if (again) continue;
        claims.push_back(BreachOf(cause, below(3) == 0 ? Mode::kShadow : Mode::kLive));
        claims.back().severity = static_cast<Severity>(below(4));
      }
      for (size_t n = below(4); n > 0; --n) {
        const std::string cause = "p" + std::to_string(below(200));
        const bool claimed =
            std::ranges::any_of(claims, [&](const auto& claim) { return claim.cause.front() == cause; });
        if (claimed) continue;
        retractions.push_back(Gone(cause));
        if (const auto known = told.find(cause); known != told.end()) expected.insert(*known);
      }
      std::map<std::string, std::string> gone;
      for (const schemas::Finding& finding : s.Decide(s.Login(at), claims, retractions).findings) {
        if (finding.status != FindingStatus::kSuperseded) {
          told[finding.cause.front()] = finding.finding_id;
          continue;
        }
        EXPECT_TRUE(gone.emplace(finding.cause.front(), finding.finding_id).second) << "once";
        told.erase(finding.cause.front());
      }
      ASSERT_EQ(gone, expected) << "seed " << seed << ", event " << i;
      if (i % 8 != 0) continue;
      CaseFile read;
      for (const Segment segment : kSegments) {
        std::string bytes;
        s.file.EncodeSegment(segment, bytes);
        ASSERT_TRUE(read.DecodeSegment(segment, bytes));
      }
      ASSERT_EQ(read, s.file);
      s.file = std::move(read);
    }
  }
}

}  // namespace
}  // namespace tocsin::alerts::testing
