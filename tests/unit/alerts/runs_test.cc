// A run keeps the name it was told by, and only a run does.
#include "alerts/runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::SizeIs;

schemas::Claim RunFrom(std::string cause, std::string discriminator = {}) {
  schemas::Claim claim = Breach();
  claim.cause = {std::move(cause)};
  claim.discriminator = std::move(discriminator);
  claim.run_gap = 1h;
  return claim;
}

TEST(RunsTest, KeepsItsNameWhileItGoesOn) {
  Scenario s;
  const std::string id = s.Decide(s.Login(kNoon), {RunFrom("a")}).findings.at(0).finding_id;
  for (int i = 1; i < 100; ++i)
    EXPECT_THAT(s.Decide(s.Login(kNoon + i * 1h), {RunFrom("later-" + std::to_string(i))}).findings,
                SizeIs(0));
  ASSERT_THAT(s.file.cases().at(0).findings, SizeIs(1));
  EXPECT_EQ(s.file.cases()[0].findings[0].finding_id, id);
  EXPECT_EQ(s.file.cases()[0].findings[0].at, kNoon + 99h);
}

TEST(RunsTest, AfterAPauseAnotherBegins) {
  Scenario s;
  s.Decide(s.Login(kNoon), {RunFrom("a")});
  EXPECT_THAT(s.Decide(s.Login(kNoon + 1h + 1ms), {RunFrom("b")}).findings, SizeIs(1));
}

TEST(RunsTest, OfAnotherLimitIsAnotherRun) {
  Scenario s;
  s.Decide(s.Login(kNoon), {RunFrom("a", "daily-out")});
  EXPECT_THAT(s.Decide(s.Login(kNoon + 1min), {RunFrom("b", "weekly-out")}).findings, SizeIs(1));
}

TEST(RunsTest, WhatIsNoRunIsFoundEachTime) {
  Scenario s;
  schemas::Claim claim = RunFrom("a");
  claim.run_gap = Millis(0);
  s.Decide(s.Login(kNoon), {claim});
  claim.cause = {"b"};
  EXPECT_THAT(s.Decide(s.Login(kNoon), {claim}).findings, SizeIs(1));
}

// A late event that moves the beginning takes the old name back: the new one stands.
TEST(RunsTest, ALateBeginningReplacesTheName) {
  Scenario s;
  const std::string old = s.Decide(s.Login(kNoon), {RunFrom("b")}).findings.at(0).finding_id;
  const Decision& d = s.Decide(s.Login(kNoon + 1min), {RunFrom("a")},
                               {{.detector = "limit_breach", .cause = {"b"}, .discriminator = ""}});
  ASSERT_THAT(d.findings, SizeIs(2));
  ASSERT_THAT(s.file.cases().at(0).findings, SizeIs(1));
  EXPECT_NE(s.file.cases()[0].findings[0].finding_id, old);
}

}  // namespace
}  // namespace tocsin::alerts::testing
