// A detector that people call wrong too often goes to shadow by itself, and an operator brings it back.
#include "daemon/detection/precision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/detection_line.h"

namespace tocsin::daemon {
namespace {

using alerts::LabelChange;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const Timestamp kNoon = *ParseRfc3339("2026-03-01T12:00:00Z");

std::vector<LabelChange> Labels(int right, int wrong) {
  std::vector<LabelChange> changes;
  for (int i = 0; i < right; ++i) changes.push_back({.detector = "new_device", .right = 1, .wrong = 0});
  for (int i = 0; i < wrong; ++i) changes.push_back({.detector = "new_device", .right = 0, .wrong = 1});
  return changes;
}
Precision::Rule Floor(double floor, Timestamp restored_at = kTimestampMin) {
  return {.detector = "new_device", .floor = floor, .restored_at = restored_at};
}

TEST(PrecisionTest, GoesToShadowOnceThereIsEnoughToSaySo) {
  const Precision::Rule rule = Floor(0.5);
  Precision precision;
  EXPECT_THAT(precision.Take(Labels(14, 15), kNoon, {&rule, 1}), IsEmpty());
  EXPECT_FALSE(precision.IsDemoted(rule));
  EXPECT_THAT(precision.Take(Labels(0, 1), kNoon, {&rule, 1}), ElementsAre("new_device"));
  EXPECT_TRUE(precision.IsDemoted(rule));
  EXPECT_THAT(precision.Take(Labels(0, 1), kNoon, {&rule, 1}), IsEmpty());  // Said once.
  EXPECT_FALSE(precision.IsDemoted(Floor(0)));                              // Nobody asks any more.
}

TEST(PrecisionTest, AtTheFloorIsNotBelowIt) {
  const Precision::Rule rule = Floor(0.5);
  Precision precision;
  EXPECT_THAT(precision.Take(Labels(15, 15), kNoon, {&rule, 1}), IsEmpty());
}

TEST(PrecisionTest, ComesBackWhenAnOperatorSaysSoAndIsMeasuredAnew) {
  const Precision::Rule rule = Floor(0.5);
  Precision precision;
  (void)precision.Take(Labels(0, 30), kNoon, {&rule, 1});
  const Precision::Rule restored = Floor(0.5, kNoon + std::chrono::hours(1));
  EXPECT_FALSE(precision.IsDemoted(restored));
  // A label from before does not count; of the new ones thirty are needed again.
  EXPECT_THAT(precision.Take(Labels(0, 1), kNoon, {&restored, 1}), IsEmpty());
  EXPECT_THAT(precision.Take(Labels(0, 29), kNoon + std::chrono::hours(2), {&restored, 1}), IsEmpty());
  EXPECT_THAT(precision.Take(Labels(0, 1), kNoon + std::chrono::hours(2), {&restored, 1}),
              ElementsAre("new_device"));
  EXPECT_TRUE(precision.IsDemoted(restored));
}

TEST(PrecisionTest, IsKeptThroughARestart) {
  const Precision::Rule rule = Floor(0.5);
  Precision precision;
  std::string bytes;
  precision.Encode(bytes);
  EXPECT_EQ(bytes, "");
  (void)precision.Take(Labels(3, 30), kNoon, {&rule, 1});
  precision.Encode(bytes);
  Precision read;
  ASSERT_TRUE(read.Decode(bytes));
  EXPECT_EQ(read.counts(), precision.counts());
  EXPECT_TRUE(read.IsDemoted(rule));
  for (size_t size = 1; size < bytes.size(); ++size) EXPECT_FALSE(read.Decode(bytes.substr(0, size)));
  EXPECT_FALSE(read.Decode(bytes + "x"));
}

std::string Login(std::string_view account, int day, std::string_view device) {
  const std::string number = std::to_string(day);
  return R"({"type":"login","source":"test","event_id":"e)" + number + R"(","account_id":")" +
         std::string(account) + R"(","occurred_at":"2026-01-)" + (day < 10 ? "0" : "") + number +
         R"(T08:00:00Z","ip":"139.12.16.10","device":{"id":")" + std::string(device) +
         R"(","platform":"ios","model":"iPhone 14"},"outcome":"success"})";
}

// The case id of the account's last finding.
std::string CaseOf(const test::DetectionLine& line, std::string_view account) {
  std::string case_id;
  for (const schemas::OutRecord& record : line.outputs()) {
    const size_t at = record.value.find(R"("case_id":")");
    if (record.key == account && record.kind == schemas::OutputKind::kFinding && at != std::string::npos)
      case_id = record.value.substr(at + 11, 32);
  }
  return case_id;
}

std::string LastFinding(const test::DetectionLine& line) {
  for (auto record = line.outputs().rbegin(); record != line.outputs().rend(); ++record) {
    if (record->kind == schemas::OutputKind::kFinding) return record->value;
  }
  return "";
}

TEST(PrecisionTest, TheWholeLineStopsTellingWhatItsOwnersCallWrong) {
  test::DetectionLine line(
      {.forget_population = false, .config = "detectors: {new_device: {precision_floor: 0.2}}"});
  for (int i = 0; i < 31; ++i) {
    const std::string account = "account-" + std::to_string(i);
    for (int day = 1; day <= 8; ++day) line.Run(Login(account, day, "phone-1"));
    line.Run(Login(account, 20, "laptop-9"));
    if (i == 30) break;
    EXPECT_THAT(LastFinding(line), HasSubstr(R"("mode":"live")")) << i;
    line.Run(R"({"type":"feedback","source":"test","event_id":"f","account_id":")" + account +
             R"(","occurred_at":"2026-01-21T08:00:00Z","verdict":"me","by":"owner","case_id":")" +
             CaseOf(line, account) + R"("})");
    line.Restart();
  }
  EXPECT_THAT(LastFinding(line), HasSubstr(R"("mode":"shadow")"));
  EXPECT_THAT(LastFinding(line), Not(HasSubstr(R"("case_id":"c)")));
}

TEST(AllowTest, AnAnalystsFalsePositiveSilencesTheAccountForAWhile) {
  test::DetectionLine line;
  for (int day = 1; day <= 8; ++day) line.Run(Login("account-1", day, "phone-1"));
  line.Run(Login("account-1", 20, "laptop-9"));
  line.Run(R"({"type":"feedback","source":"test","event_id":"f","account_id":"account-1",)"
           R"("occurred_at":"2026-01-20T09:00:00Z","verdict":"false_positive","by":"analyst","case_id":")" +
           CaseOf(line, "account-1") + R"("})");
  line.Restart();
  line.Run(Login("account-1", 22, "tablet-7"));
  EXPECT_THAT(LastFinding(line), HasSubstr(R"("mode":"shadow")"));
  EXPECT_THAT(LastFinding(line), HasSubstr(R"("allowed_until":"2026-01-27T09:00:00)"));
  line.Run(Login("account-1", 28, "desk-5"));
  EXPECT_THAT(LastFinding(line), HasSubstr(R"("mode":"live")"));
}

TEST(ErasureTest, NothingOfTheAccountIsLeftAndItBeginsAnew) {
  test::DetectionLine line;
  for (int day = 1; day <= 8; ++day) line.Run(Login("account-1", day, "phone-1"));
  line.Run(Login("account-1", 20, "laptop-9"));
  line.Run(Login("account-2", 20, "phone-2"));
  line.Run(R"({"type":"account_change","source":"test","event_id":"x","account_id":"account-1",)"
           R"("occurred_at":"2026-01-21T08:00:00Z","change":"erased"})");
  EXPECT_FALSE(line.states().contains("account-1"));
  EXPECT_TRUE(line.states().contains("account-2"));
  for (const auto& [key, bytes] : line.StateBytes()) {
    EXPECT_THAT(bytes, Not(HasSubstr("phone-1"))) << key;
    EXPECT_THAT(bytes, Not(HasSubstr("laptop-9"))) << key;
  }
  const size_t outputs = line.outputs().size();
  line.Run(Login("account-1", 22, "laptop-9"));
  EXPECT_EQ(line.outputs().size(), outputs);  // Learning, as on the first day.
}

std::string Attack(int day) {
  const std::string number = std::to_string(day);
  const bool february = day > 31;
  const std::string date = february
                               ? "2026-02-" + std::string(day - 31 < 10 ? "0" : "") + std::to_string(day - 31)
                               : "2026-01-" + std::string(day < 10 ? "0" : "") + number;
  return R"({"type":"login","source":"test","event_id":"a)" + number +
         R"(","account_id":"account-1","occurred_at":")" + date +
         R"(T20:00:00Z","ip":"@IP@","device":{"id":"stranger-1","platform":"linux"},"outcome":"success"})";
}

// Poisoning: a stranger from another country logs in every day for a month and nobody decides anything. The
// case ends after fourteen days by itself; the stranger is no more known than on the first day.
TEST(PoisoningTest, AMonthOfDailyLoginsTeachesNothing) {
  test::DetectionLine line;
  for (int day = 1; day <= 12; ++day) line.Run(Login("account-1", day, "phone-1"));
  for (int day = 13; day <= 50; ++day) {
    std::string attack = Attack(day);
    attack.replace(attack.find("@IP@"), 4, "111.188.18.10");
    line.Run(attack);
    const auto& account = static_cast<const Account&>(*line.states().find("account-1")->second);
    const auto& devices = account.detection.devices().known;
    const auto stranger = std::ranges::find(devices, "stranger-1", &detectors::KnownDevice::id);
    ASSERT_NE(stranger, devices.end()) << day;
    ASSERT_EQ(stranger->tenure.standing, detectors::Standing::kPending) << day;
    for (const detectors::KnownPlace& place : account.detection.places().known)
      ASSERT_TRUE(place.country == "DE" || place.tenure.standing == detectors::Standing::kPending) << day;
    ASSERT_TRUE(account.cases.HasOpenCase(account.detection.recent_events().newest)) << day;
  }
}

// A new device over the owner's own line is a receipt, and a case that nobody is asked to decide: it is
// learnt after its week (docs/adr/0014).
TEST(PoisoningTest, ACaseOfLowFindingsHoldsNothing) {
  test::DetectionLine line;
  for (int day = 1; day <= 12; ++day) line.Run(Login("account-1", day, "phone-1"));
  constexpr int kFirst = 13;
  for (int day = kFirst; day <= 30; ++day) {
    std::string login = Attack(day);
    login.replace(login.find("@IP@"), 4, "139.12.16.10");
    line.Run(login);
    const auto& account = static_cast<const Account&>(*line.states().find("account-1")->second);
    const Timestamp now = account.detection.recent_events().newest;
    EXPECT_FALSE(account.cases.HasToldCase(now)) << day;
    if (day < kFirst + 7) {
      EXPECT_TRUE(account.cases.HasOpenCase(now)) << day;
    }
    const auto& devices = account.detection.devices().known;
    const auto stranger = std::ranges::find(devices, "stranger-1", &detectors::KnownDevice::id);
    ASSERT_NE(stranger, devices.end()) << day;
    EXPECT_EQ(stranger->tenure.standing,
              day < kFirst + 7 ? detectors::Standing::kPending : detectors::Standing::kKnown)
        << day;
  }
}

}  // namespace
}  // namespace tocsin::daemon
