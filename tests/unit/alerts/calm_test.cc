#include "alerts/calm.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tocsin::alerts {
namespace {

using namespace std::chrono_literals;
using schemas::Severity;

const Timestamp kNow = *ParseRfc3339("2026-03-01T12:00:00Z");

NoticeSent Sent(const char* reason, Millis ago, Severity severity = Severity::kLow,
                const char* id = nullptr) {
  return {.reason = reason,
          .at = kNow - ago,
          .severity = severity,
          .notice_id = id == nullptr ? std::string(reason) + std::to_string(ago.count()) : id,
          .case_id = "this case"};
}

struct Told {
  const char* name;
  std::vector<NoticeSent> sent;
  Severity severity;
  Calm answer;
  Restricts restricts = Restricts::kNothing;
  const char* case_id = "this case";
  Millis last_notice_ago = 999h;
  Severity last_severity = Severity::kLow;
  bool money_leaves = false;
  bool money_doubled = false;
  bool attempt = false;
};
class CalmTest : public testing::TestWithParam<Told> {};

TEST_P(CalmTest, Answers) {
  const Told& told = GetParam();
  Case one;
  one.case_id = told.case_id;
  if (told.last_notice_ago != Millis(999h)) one.last_notice_at = kNow - told.last_notice_ago;
  one.last_notice_severity = told.last_severity;
  const CalmQuestion question{.reason = "new_device",
                              .severity = told.severity,
                              .restricts = told.restricts,
                              .money_leaves = told.money_leaves,
                              .money_doubled = told.money_doubled,
                              .attempt = told.attempt,
                              .at = kNow};
  EXPECT_EQ(MayTell({}, OwnersDay({}, TimeZone()), question, one, told.sent), told.answer);
}

const std::vector<NoticeSent> kThreeAnHour = {Sent("a", 1min), Sent("b", 30min), Sent("c", 59min)};

NoticeSent Attempts(NoticeSent notice) {
  notice.attempts = true;
  return notice;
}

std::vector<NoticeSent> Ten() {
  std::vector<NoticeSent> sent;
  sent.reserve(10);
  for (int i = 0; i < 10; ++i) sent.push_back(Sent("other", 2h * (i + 1)));
  return sent;
}

INSTANTIATE_TEST_SUITE_P(
    Calm, CalmTest,
    testing::Values(
        Told{"First", {}, Severity::kLow, Calm::kTell},
        Told{"SameReasonToday", {Sent("new_device", 24h - 1ms)}, Severity::kLow, Calm::kSameReason},
        Told{"SameReasonADayLater", {Sent("new_device", 24h)}, Severity::kLow, Calm::kTell},
        Told{"SameReasonForALateEvent", {Sent("new_device", -5h)}, Severity::kLow, Calm::kSameReason},
        Told{"SameReasonMoreSevere", {Sent("new_device", 1h)}, Severity::kMedium, Calm::kTell},
        Told{"SameReasonHighInItsCase",
             {Sent("new_device", 1h, Severity::kHigh)},
             Severity::kHigh,
             Calm::kSameReason},
        Told{"SameReasonHighInAnotherCase",
             {Sent("new_device", 1h, Severity::kHigh)},
             Severity::kHigh,
             Calm::kTell,
             Restricts::kNothing,
             "another case"},
        Told{"OtherReason", {Sent("new_country", 1h)}, Severity::kLow, Calm::kTell},
        Told{"TwoThisHour", {Sent("a", 1min), Sent("b", 30min)}, Severity::kLow, Calm::kTell},
        Told{"ThreeThisHour", kThreeAnHour, Severity::kLow, Calm::kCapped},
        Told{"ThreeReasonsOfOneNotice",
             {Sent("a", 1min, Severity::kLow, "n"), Sent("b", 1min, Severity::kLow, "n"),
              Sent("c", 1min, Severity::kLow, "n")},
             Severity::kLow,
             Calm::kTell},
        Told{"ThreeAnHourAgo",
             {Sent("a", 60min), Sent("b", 61min), Sent("c", 62min)},
             Severity::kLow,
             Calm::kTell},
        Told{"TenToday", Ten(), Severity::kMedium, Calm::kCapped},
        Told{"HighPassesTheCaps", Ten(), Severity::kHigh, Calm::kTell},
        Told{"WithinTenMinutesOfItsCase",
             {},
             Severity::kHigh,
             Calm::kJoined,
             Restricts::kNothing,
             "this case",
             10min - 1ms,
             Severity::kHigh},
        Told{"TenMinutesLater",
             {},
             Severity::kHigh,
             Calm::kTell,
             Restricts::kNothing,
             "this case",
             10min,
             Severity::kHigh},
        Told{"MoreSevereIsNotJoined",
             {},
             Severity::kCritical,
             Calm::kTell,
             Restricts::kNothing,
             "this case",
             1min,
             Severity::kHigh},
        Told{"ARestrictionIsAlwaysTold", kThreeAnHour, Severity::kLow, Calm::kTell, Restricts::kAnew,
             "this case", 1min, Severity::kCritical},
        Told{"OneMoreHeldIsToldAgain",
             {Sent("new_device", 1h, Severity::kCritical)},
             Severity::kCritical,
             Calm::kTell,
             Restricts::kMore},
        Told{"OneMoreHeldKeepsWithinTheHour",
             {Sent("new_device", 20min, Severity::kCritical), Sent("b", 30min), Sent("c", 59min)},
             Severity::kCritical,
             Calm::kCapped,
             Restricts::kMore},
        Told{"OneMoreHeldJoins",
             {Sent("new_device", 9min, Severity::kCritical)},
             Severity::kCritical,
             Calm::kJoined,
             Restricts::kMore,
             "this case",
             9min,
             Severity::kCritical},
        Told{"MoneyThatLeavesIsNotJoined",
             {Sent("new_country", 1min, Severity::kCritical)},
             Severity::kHigh,
             Calm::kTell,
             Restricts::kNothing,
             "this case",
             1min,
             Severity::kCritical,
             true},
        Told{"MoneyThatLeavesForTheSameReasonIsTold",
             {Sent("new_device", 1min, Severity::kCritical)},
             Severity::kCritical,
             Calm::kTell,
             Restricts::kNothing,
             "this case",
             1min,
             Severity::kCritical,
             true},
        Told{"MoneyThatLeavesKeepsWithinTheHour",
             {Sent("new_device", 1min, Severity::kCritical), Sent("b", 2min), Sent("c", 3min)},
             Severity::kCritical,
             Calm::kCapped,
             Restricts::kNothing,
             "this case",
             1min,
             Severity::kCritical,
             true},
        Told{"MoneyThatLeavesAndIsHighIsToldOnceForAReason",
             {Sent("new_device", 1h, Severity::kHigh)},
             Severity::kHigh,
             Calm::kSameReason,
             Restricts::kNothing,
             "this case",
             1h,
             Severity::kHigh,
             true},
        Told{"MoneyThatLeavesForAnotherReasonPasses", kThreeAnHour, Severity::kHigh, Calm::kTell,
             Restricts::kNothing, "this case", 1min, Severity::kCritical, true},
        Told{"MoneyThatDoubledPassesTheHour",
             {Sent("new_device", 1min, Severity::kCritical), Sent("b", 2min), Sent("c", 3min)},
             Severity::kCritical,
             Calm::kTell,
             Restricts::kNothing,
             "this case",
             1min,
             Severity::kCritical,
             true,
             true},
        Told{"MoneyThatDoubledAndIsHighIsToldAgain",
             {Sent("new_device", 1h, Severity::kHigh)},
             Severity::kHigh,
             Calm::kTell,
             Restricts::kNothing,
             "this case",
             1h,
             Severity::kHigh,
             true,
             true},
        Told{"MoneyThatDoubledAndIsLessThanHighKeepsWithinTheHour", kThreeAnHour, Severity::kMedium,
             Calm::kCapped, Restricts::kNothing, "this case", 1min, Severity::kCritical, true, true},
        Told{.name = "AUseIsNotJoinedToFailedLogins",
             .sent = {Attempts(Sent("codes", 2min, Severity::kMedium))},
             .severity = Severity::kMedium,
             .answer = Calm::kTell,
             .last_notice_ago = 2min,
             .last_severity = Severity::kMedium},
        Told{.name = "MoreFailedLoginsAre",
             .sent = {Attempts(Sent("codes", 2min, Severity::kMedium))},
             .severity = Severity::kMedium,
             .answer = Calm::kJoined,
             .last_notice_ago = 2min,
             .last_severity = Severity::kMedium,
             .attempt = true},
        Told{.name = "AUseIsJoinedToTheLastOfAUse",
             .sent = {Attempts(Sent("codes", 3min, Severity::kMedium)),
                      Sent("place", 2min, Severity::kMedium)},
             .severity = Severity::kMedium,
             .answer = Calm::kJoined,
             .last_notice_ago = 2min,
             .last_severity = Severity::kMedium},
        Told{.name = "FailedLoginsDoNotUseUpTheHourOfAUse",
             .sent = {Attempts(Sent("a", 20min)), Attempts(Sent("b", 30min)), Sent("c", 59min)},
             .severity = Severity::kLow,
             .answer = Calm::kTell},
        Told{.name = "TheyUseUpTheirOwn",
             .sent = {Attempts(Sent("a", 20min)), Attempts(Sent("b", 30min)), Sent("c", 59min)},
             .severity = Severity::kLow,
             .answer = Calm::kCapped,
             .attempt = true}),
    [](const auto& tested) { return tested.param.name; });

TEST(CalmHoursTest, WhatWaitsForTheMorningCountsInTheMorning) {
  CalmConfig config;
  config.quiet_hours = "22:00-08:00";
  const OwnersDay day(*ReadCalmHours(config), TimeZone());
  const auto at = [](const char* time) { return *ParseRfc3339(time); };
  std::vector<NoticeSent> night;
  for (const char* time : {"2026-03-01T22:30:00Z", "2026-03-02T01:00:00Z", "2026-03-02T05:00:00Z"}) {
    night.push_back({.reason = time, .at = at(time), .severity = Severity::kLow, .notice_id = time});
  }
  CalmQuestion question{.reason = "new_device", .severity = Severity::kLow, .at = at("2026-03-02T06:30:00Z")};
  EXPECT_EQ(MayTell(config, day, question, {}, night), Calm::kCapped) << "three come at eight already";
  question.at = at("2026-03-02T08:30:00Z");
  EXPECT_EQ(MayTell(config, day, question, {}, night), Calm::kCapped);
  question.at = at("2026-03-02T09:00:00Z");
  EXPECT_EQ(MayTell(config, day, question, {}, night), Calm::kTell);
  question.at = at("2026-03-02T06:30:00Z");
  question.severity = Severity::kHigh;
  EXPECT_EQ(MayTell(config, day, question, {}, night), Calm::kTell) << "high ones never wait";
}

TEST(NoteToldTest, KeepsTheNewestInOrder) {
  std::vector<NoticeSent> sent;
  for (int i = 0; i < 100; ++i) NoteTold(Sent("r", Millis(i % 2 == 0 ? i : 1000 - i)), sent);
  EXPECT_EQ(sent.size(), CaseFile::kNoticesMax);
  EXPECT_TRUE(std::ranges::is_sorted(sent, {}, &NoticeSent::at));
}

}  // namespace
}  // namespace tocsin::alerts
