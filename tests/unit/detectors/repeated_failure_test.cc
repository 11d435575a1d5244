#include "detectors/repeated_failure.h"

#include <gtest/gtest.h>

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

Pay Failed(std::string id, Timestamp at, DeclineReason reason = DeclineReason::kInvalidInstrument,
           TransactionStatus status = TransactionStatus::kDeclined) {
  return {.id = std::move(id),
          .at = at,
          .status = status,
          .kind = schemas::TransactionKind::kTopUp,
          .direction = schemas::Direction::kIn,
          .reason = reason,
          .card = "card-1"};
}

// A later event of the transaction `id`.
Pay Again(std::string id, std::string event_id, Timestamp at,
          TransactionStatus status = TransactionStatus::kFailed) {
  Pay pay = Failed(std::move(id), at, DeclineReason::kInvalidInstrument, status);
  pay.event_id = std::move(event_id);
  return pay;
}

struct FailureCase {
  std::string name;
  std::vector<Pay> pays;
  std::vector<std::string> causes;
};
class RepeatedFailureTest : public testing::TestWithParam<FailureCase> {};

TEST_P(RepeatedFailureTest, IsJudged) {
  test::AccountStory story;
  for (const Pay& pay : GetParam().pays) story.Run(Build(pay));
  EXPECT_EQ(story.ActiveCauses("repeated_failure"), GetParam().causes);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, RepeatedFailureTest,
    testing::Values(
        FailureCase{"ThreeInAnHour",
                    {Failed("a", kNoon), Failed("b", kNoon + 9min), Failed("c", kNoon + 1h - 1ms)},
                    {"c"}},
        FailureCase{"ThreeInExactlyAnHour",
                    {Failed("a", kNoon), Failed("b", kNoon + 9min), Failed("c", kNoon + 1h)},
                    {}},
        FailureCase{"Two", {Failed("a", kNoon), Failed("b", kNoon + 9min)}, {}},
        FailureCase{"TwiceTheSameEvent",
                    {Failed("a", kNoon), Failed("b", kNoon + 9min), Failed("b", kNoon + 9min)},
                    {}},
        FailureCase{"ReversedIsNotRefused",
                    {Failed("a", kNoon), Failed("b", kNoon + 9min),
                     Failed("c", kNoon + 10min, DeclineReason::kNone, TransactionStatus::kReversed)},
                    {}},
        FailureCase{
            "FailedAndDeclined",
            {Failed("a", kNoon), Failed("b", kNoon + 9min, DeclineReason::kNone, TransactionStatus::kFailed),
             Failed("c", kNoon + 10min)},
            {"c"}},
        FailureCase{"OneThatIsDeclinedAndThenFailsTwice",
                    {Failed("a", kNoon), Again("a", "a2", kNoon + 1min), Again("a", "a3", kNoon + 2min)},
                    {}},
        FailureCase{"TwoThatAreDeclinedAndThenFail",
                    {Failed("a", kNoon), Again("a", "a2", kNoon + 1min), Failed("b", kNoon + 2min),
                     Again("b", "b2", kNoon + 3min)},
                    {}},
        FailureCase{
            "ThreeThatAreDeclinedAndThenFail",
            {Failed("a", kNoon), Again("a", "a2", kNoon + 1min), Failed("b", kNoon + 2min),
             Again("b", "b2", kNoon + 3min), Failed("c", kNoon + 4min), Again("c", "c2", kNoon + 5min)},
            {"c"}},
        // It counts when it was declined, an hour and more before the last.
        FailureCase{"AnOldOneThatFailsAnew",
                    {Failed("a", kNoon), Again("a", "a2", kNoon + 50min), Failed("b", kNoon + 55min),
                     Failed("c", kNoon + 60min)},
                    {}},
        FailureCase{"ItsEarlierEventArrivesLast",
                    {Again("a", "a2", kNoon + 50min), Failed("b", kNoon + 55min), Failed("c", kNoon + 60min),
                     Failed("a", kNoon)},
                    {}},
        FailureCase{"ItsEarlierEventArrivesLastAndMovesTheBeginning",
                    {Failed("a", kNoon), Failed("b", kNoon + 1min), Again("c", "c2", kNoon + 9min),
                     Failed("d", kNoon + 5min), Failed("c", kNoon + 4min)},
                    {"c"}},
        FailureCase{"WithoutATransactionIdEachCounts",
                    {Again("", "a", kNoon), Again("", "b", kNoon + 1min), Again("", "c", kNoon + 2min)},
                    {"c"}},
        FailureCase{"TheFirstArrivesLast",
                    {Failed("b", kNoon + 9min), Failed("c", kNoon + 10min), Failed("a", kNoon)},
                    {"c"}}),
    [](const auto& tested) { return tested.param.name; });

// Declined without a word, and then failed with the reason.
TEST(RepeatedFailureTest, TheReasonIsThatOfTheEventThatTellsOne) {
  test::AccountStory story;
  for (const std::string id : {"a", "b", "c"}) {
    story.Run(Build(Failed(id, kNoon, DeclineReason::kNone)));
    story.Run(Build(Again(id, id + "2", kNoon + 1min)));
  }
  const Claim& claim = story.Only("repeated_failure");
  EXPECT_EQ(claim.reasons.front().code, "repeated_failure_instrument");
  EXPECT_EQ(test::EvidenceOf(claim, "failures"), "3");
}

TEST(RepeatedFailureTest, NamesTheReasonGivenMostAndIsNoSuspicion) {
  test::AccountStory story;
  story.Run(Build(Failed("a", kNoon, DeclineReason::kInsufficientFunds)));
  story.Run(Build(Failed("b", kNoon + 1min, DeclineReason::kInvalidInstrument)));
  const DetectionResult& result =
      story.Run(Build(Failed("c", kNoon + 2min, DeclineReason::kInvalidInstrument)));
  EXPECT_FALSE(IsSuspicious(result, true));
  const Claim& claim = story.Only("repeated_failure");
  EXPECT_EQ(claim.reasons.front().code, "repeated_failure_instrument");
  EXPECT_EQ(claim.reasons.front().observed, "3 in 60 min");
  EXPECT_EQ(claim.severity, schemas::Severity::kInfo);
}

}  // namespace
}  // namespace tocsin::detectors
