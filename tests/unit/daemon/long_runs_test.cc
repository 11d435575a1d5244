// A run of events is one finding, also when it outlasts what an account remembers of it.
#include <gtest/gtest.h>

#include <cstdio>
#include <set>
#include <string>

#include "schemas/finding_reader.h"
#include "tests/support/detection_line.h"

namespace tocsin {
namespace {

struct LongRun {
  const char* name;
  const char* detector;
  int events;
  Millis gap;
  const char* members;  // Of the transaction, "%d" its number.
};
class LongRunTest : public testing::TestWithParam<LongRun> {};

TEST_P(LongRunTest, IsOneFinding) {
  const LongRun& run = GetParam();
  test::DetectionLine line;
  const Timestamp begin = *ParseRfc3339("2026-03-01T00:00:00Z");
  for (int i = 0; i < run.events; ++i) {
    char members[300];
    std::snprintf(members, sizeof members, run.members, i);
    line.Run(R"({"type":"transaction","event_id":"e)" + std::to_string(i) +
             R"(","source":"test","account_id":"a","transaction_id":"t)" + std::to_string(i) +
             R"(","occurred_at":")" + FormatRfc3339(begin + i * run.gap) + "\"," + members + "}");
  }
  std::set<std::string> ids;
  for (const schemas::OutRecord& record : line.outputs()) {
    if (record.kind != schemas::OutputKind::kFinding) continue;
    const Result<schemas::FindingSummary> finding = schemas::ReadFinding(record.value);
    ASSERT_TRUE(finding);
    if (finding->detector == run.detector) ids.insert(finding->finding_id);
  }
  EXPECT_EQ(ids.size(), 1U);
}

using std::chrono::minutes;
using std::chrono::seconds;
INSTANTIATE_TEST_SUITE_P(
    Runs, LongRunTest,
    testing::Values(
        LongRun{
            "ARobotThatTriesAgain", "repeated_failure", 960, minutes(15),
            R"("kind":"payment","direction":"out","status":"failed","amount":"10.00","currency":"SGD","instrument":{"type":"balance"},"x":%d)"},
        LongRun{
            "CardsOnAConveyor", "card_testing", 400, seconds(20),
            R"("kind":"payment","direction":"out","status":"declined","amount":"1.00","currency":"SGD","instrument":{"id":"card-%d","type":"card"})"},
        LongRun{
            "OverTheLimitAgainAndAgain", "limit_probing", 600, minutes(10),
            R"("kind":"transfer","direction":"out","status":"declined","decline_reason":"limit_exceeded","amount":"900.00","currency":"SGD","x":%d)"},
        LongRun{
            "ABusyRobot", "velocity", 400, minutes(20),
            R"("kind":"transfer","direction":"out","status":"completed","amount":"5.00","currency":"SGD","counterparty":{"id":"p","type":"person"},"x":%d)"}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace tocsin
