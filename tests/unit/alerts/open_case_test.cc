// When an account has a case that is open, and one that was told.
#include <gtest/gtest.h>

#include <algorithm>

#include "alerts/case_file.h"
#include "alerts/cases.h"

namespace tocsin::alerts {
namespace {

using namespace std::chrono_literals;

const Timestamp kNoon = *ParseRfc3339("2026-03-01T12:00:00Z");

struct OpenCase {
  const char* name;
  CaseGroup group;
  CaseState state;
  std::chrono::milliseconds before_end;
  bool open;
};
class HasOpenCaseTest : public testing::TestWithParam<OpenCase> {};

TEST_P(HasOpenCaseTest, IsASecurityCaseBeforeItsEnd) {
  CaseFile file;
  Case one;
  one.group = GetParam().group;
  one.state = GetParam().state;
  one.open_until = kNoon;
  file.MutableCases() = {one};
  EXPECT_EQ(file.HasOpenCase(kNoon - GetParam().before_end), GetParam().open);
  EXPECT_FALSE(file.HasToldCase(kNoon - GetParam().before_end)) << "of low findings";
  file.MutableCases()[0].severity = schemas::Severity::kMedium;
  EXPECT_EQ(file.HasToldCase(kNoon - GetParam().before_end), GetParam().open);
}

// It began with a low finding. What happened before the one that it was told for was not held.
TEST(HasToldCaseTest, FromTheFindingThatItWasToldFor) {
  CaseFile file;
  Case one;
  one.state = CaseState::kOpen;
  one.severity = schemas::Severity::kHigh;
  one.opened_at = kNoon - 24h;
  one.open_until = kNoon + 24h;
  one.findings = {{.finding_id = "a", .severity = schemas::Severity::kLow, .at = kNoon - 24h},
                  {.finding_id = "b", .severity = schemas::Severity::kMedium, .at = kNoon},
                  {.finding_id = "c", .severity = schemas::Severity::kHigh, .at = kNoon + 1h}};
  file.MutableCases() = {one};
  EXPECT_FALSE(file.HasToldCase(kNoon - 1ms));
  EXPECT_TRUE(file.HasToldCase(kNoon));
  file.MutableCases()[0].findings.resize(1);  // The others were taken back.
  EXPECT_TRUE(file.HasToldCase(kNoon - 1ms));
}

// A takeover moves on with each of its steps; what happened between two of them was held all the same.
TEST(HasToldCaseTest, FromTheFirstTimeOfAFindingThatMovesOn) {
  CaseFile file;
  Case one;
  one.state = CaseState::kOpen;
  one.opened_at = kNoon - 24h;
  file.MutableCases() = {one};
  const auto join = [&file](std::chrono::hours after_noon, schemas::Severity severity) {
    Case& held = file.MutableCases()[0];
    const Timestamp at = kNoon + after_noon;
    static_cast<void>(
        Join(file, held, {.finding_id = "a", .severity = severity, .at = at}, at, CalmConfig{}));
    held.severity = std::max(held.severity, severity);
  };
  join(-24h, schemas::Severity::kLow);
  join(2h, schemas::Severity::kHigh);
  EXPECT_FALSE(file.HasToldCase(kNoon + 1h)) << "it was low";
  join(5h, schemas::Severity::kHigh);
  EXPECT_TRUE(file.HasToldCase(kNoon + 2h));
  EXPECT_FALSE(file.HasToldCase(kNoon + 1h));
  join(0h, schemas::Severity::kMedium);  // Late.
  EXPECT_TRUE(file.HasToldCase(kNoon));
  EXPECT_FALSE(file.HasToldCase(kNoon - 1ms));
  join(6h, schemas::Severity::kHigh);
  EXPECT_TRUE(file.HasToldCase(kNoon));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, HasOpenCaseTest,
    testing::Values(OpenCase{"Open", CaseGroup::kSecurity, CaseState::kOpen, 1ms, true},
                    OpenCase{"AtItsEnd", CaseGroup::kSecurity, CaseState::kOpen, 0ms, false},
                    OpenCase{"Resolved", CaseGroup::kSecurity, CaseState::kResolved, 1h, false},
                    OpenCase{"Information", CaseGroup::kInformation, CaseState::kOpen, 1h, false}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace tocsin::alerts
