#include "detectors/limit_probing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/account_story.h"
#include "tests/support/money_events.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::DeclineReason;
using schemas::TransactionStatus;
using test::Build;
using test::Pay;

const Timestamp kNoon = test::At("2026-03-11T12:00:00Z");
using Causes = std::vector<std::string>;

Pay Declined(std::string id, Timestamp at, std::string amount = "CNY 900",
             DeclineReason reason = DeclineReason::kLimitExceeded) {
  return {.id = std::move(id),
          .at = at,
          .amount = std::move(amount),
          .status = TransactionStatus::kDeclined,
          .kind = schemas::TransactionKind::kTransfer,
          .reason = reason};
}
// A later event of the transaction `id`.
Pay Again(std::string id, std::string event_id, Timestamp at) {
  Pay pay = Declined(std::move(id), at);
  pay.event_id = std::move(event_id);
  pay.status = TransactionStatus::kFailed;
  return pay;
}
Pay Sent(std::string id, Timestamp at, std::string amount) {
  return {.id = std::move(id),
          .at = at,
          .amount = std::move(amount),
          .kind = schemas::TransactionKind::kTransfer};
}

struct ProbingCase {
  std::string name;
  std::vector<Pay> pays;
  Causes causes;
};
class LimitProbingTest : public testing::TestWithParam<ProbingCase> {};

TEST_P(LimitProbingTest, IsJudged) {
  test::AccountStory story;
  for (const Pay& pay : GetParam().pays) story.Run(Build(pay));
  EXPECT_EQ(story.ActiveCauses("limit_probing"), GetParam().causes);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, LimitProbingTest,
    testing::Values(
        ProbingCase{"ThreeInADay",
                    {Declined("a", kNoon), Declined("b", kNoon + 2h), Declined("c", kNoon + 24h - 1ms)},
                    {"c"}},
        ProbingCase{"ThreeInExactlyADay",
                    {Declined("a", kNoon), Declined("b", kNoon + 2h), Declined("c", kNoon + 24h)},
                    {}},
        ProbingCase{"AFourthBelongsToIt",
                    {Declined("a", kNoon), Declined("b", kNoon + 1h), Declined("c", kNoon + 2h),
                     Declined("d", kNoon + 3h)},
                    {"c"}},
        ProbingCase{"Two", {Declined("a", kNoon), Declined("b", kNoon + 2h)}, {}},
        ProbingCase{"TheFirstArrivesLast",
                    {Declined("b", kNoon + 2h), Declined("c", kNoon + 3h), Declined("a", kNoon)},
                    {"c"}},
        ProbingCase{"ALateOneMovesTheBeginning",
                    {Declined("b", kNoon + 2h), Declined("c", kNoon + 3h), Declined("d", kNoon + 4h),
                     Declined("a", kNoon)},
                    {"c"}},
        ProbingCase{
            "TwiceTheSameEvent",
            {Declined("a", kNoon), Declined("a", kNoon), Declined("a", kNoon), Declined("b", kNoon + 1h)},
            {}},
        ProbingCase{"TwoThatAreDeclinedAndThenFail",
                    {Declined("a", kNoon), Again("a", "a2", kNoon + 1min), Declined("b", kNoon + 1h),
                     Again("b", "b2", kNoon + 61min)},
                    {}},
        ProbingCase{
            "ThreeThatAreDeclinedAndThenFail",
            {Declined("a", kNoon), Again("a", "a2", kNoon + 1min), Declined("b", kNoon + 1h),
             Again("b", "b2", kNoon + 61min), Again("c", "c2", kNoon + 3h), Declined("c", kNoon + 2h)},
            {"c"}},
        ProbingCase{"OtherReasons",
                    {Declined("a", kNoon, "CNY 900", DeclineReason::kInsufficientFunds),
                     Declined("b", kNoon + 1h, "CNY 900", DeclineReason::kOther), Declined("c", kNoon + 2h)},
                    {}},
        ProbingCase{"NoReasonGiven",
                    {Declined("a", kNoon, "CNY 900", DeclineReason::kNone),
                     Declined("b", kNoon + 1h, "CNY 900", DeclineReason::kNone),
                     Declined("c", kNoon + 2h, "CNY 900", DeclineReason::kNone)},
                    {}},
        ProbingCase{"StepsUpToIt",
                    {Sent("a", kNoon, "CNY 300"), Sent("b", kNoon + 1h, "CNY 500"),
                     Sent("c", kNoon + 2h, "CNY 800"), Declined("d", kNoon + 3h)},
                    {"d"}},
        ProbingCase{"AStepArrivesLate",
                    {Sent("a", kNoon, "CNY 300"), Sent("c", kNoon + 2h, "CNY 800"), Declined("d", kNoon + 3h),
                     Sent("b", kNoon + 1h, "CNY 500")},
                    {"d"}},
        ProbingCase{
            "ALateOneBreaksTheSteps",
            {Sent("a", kNoon, "CNY 300"), Sent("b", kNoon + 1h, "CNY 500"), Sent("c", kNoon + 2h, "CNY 800"),
             Declined("d", kNoon + 3h), Sent("late", kNoon + 150min, "CNY 400")},
            {}},
        ProbingCase{
            "TwoSteps",
            {Sent("b", kNoon + 1h, "CNY 500"), Sent("c", kNoon + 2h, "CNY 800"), Declined("d", kNoon + 3h)},
            {}},
        ProbingCase{"CoffeesAreNoSteps",
                    {Sent("a", kNoon, "CNY 3"), Sent("b", kNoon + 1h, "CNY 5"),
                     Sent("c", kNoon + 2h, "CNY 8"), Declined("d", kNoon + 3h)},
                    {}}),
    [](const auto& tested) { return tested.param.name; });

struct ReachingCase {
  std::string name;
  std::vector<Pay> pays;
  Causes causes;
};
class LimitReachingTest : public testing::TestWithParam<ReachingCase> {};

// A declared limit of exactly 5,000 a transfer.
TEST_P(LimitReachingTest, IsJudged) {
  test::AccountStory story;
  story.limits().limits = {{.name = "single",
                            .kinds = {schemas::TransactionKind::kTransfer},
                            .window = Limit::Window::kTransaction,
                            .max = test::MoneyOf("CNY 5000")}};
  for (const Pay& pay : GetParam().pays) story.Run(Build(pay));
  EXPECT_EQ(story.ActiveCauses("limit_probing"), GetParam().causes);
}

std::vector<Pay> Ladder(const std::string& end) {
  return {Sent("a", kNoon, "CNY 1000"), Sent("b", kNoon + 10min, "CNY 2000"),
          Sent("c", kNoon + 20min, "CNY 3000"), Sent("d", kNoon + 30min, "CNY 4000"),
          Sent("end", kNoon + 40min, end)};
}
std::vector<Pay> With(std::vector<Pay> pays, const Pay& pay) {
  pays.push_back(pay);
  return pays;
}
std::vector<Pay> Turned(std::vector<Pay> pays) {
  std::ranges::reverse(pays);
  return pays;
}

INSTANTIATE_TEST_SUITE_P(
    Cases, LimitReachingTest,
    testing::Values(
        ReachingCase{"UpToTheLimit", Ladder("CNY 5000"), {"end"}},
        ReachingCase{"NineteenTwentieths", Ladder("CNY 4750"), {"end"}},
        ReachingCase{"ACentLess", Ladder("CNY 4749.99"), {}},
        ReachingCase{"InTheWrongOrder", Turned(Ladder("CNY 5000")), {"end"}},
        ReachingCase{"ALateSmallOneBreaksTheSteps",
                     With(Ladder("CNY 5000"), Sent("late", kNoon + 35min, "CNY 1500")),
                     {}},
        ReachingCase{"AStepIsGivenBack",
                     With({Sent("b", kNoon + 10min, "CNY 2000"), Sent("c", kNoon + 20min, "CNY 3000"),
                           Sent("d", kNoon + 30min, "CNY 4000"), Sent("end", kNoon + 40min, "CNY 5000")},
                          {.id = "d",
                           .at = kNoon + 30min,
                           .amount = "CNY 4000",
                           .status = TransactionStatus::kFailed,
                           .kind = schemas::TransactionKind::kTransfer,
                           .event_id = "d-failed"}),
                     {}},
        ReachingCase{
            "TheRentAtTheLimit", {Sent("end", kNoon, "CNY 5000"), Sent("more", kNoon + 1h, "CNY 5000")}, {}}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace tocsin::detectors
