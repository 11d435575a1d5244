// Why nothing was found: where the numbers would have been enough, the last thing said is what was missing.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "alerts/alerts_config.h"
#include "base/time.h"
#include "daemon/explain/explanation.h"
#include "tests/support/detection_line.h"

namespace tocsin::daemon {
namespace {

using namespace std::chrono_literals;
using detectors::Measure;

constexpr Timestamp kStart = FromMillis(1'767'600'000'000);  // 2026-01-05T08:00:00Z
constexpr Millis kDay = 24h;
constexpr std::string_view kBerlin = "139.12.16.10";
constexpr std::string_view kMunich = "2.165.80.10";  // Of the same network as Berlin's.
constexpr std::string_view kMadrid = "80.33.128.9";
constexpr std::string_view kPhone = R"({"id":"phone-1","platform":"ios","model":"iPhone 14"})";
constexpr std::string_view kRooted = R"({"id":"phone-1","platform":"ios","model":"iPhone 14","rooted":true})";
constexpr std::string_view kMac = R"({"id":"pc","platform":"macos","model":"Mac"})";

struct How {
  std::string_view ip = kBerlin;
  std::string_view device = kPhone;
  std::string more;  // Members, each with a comma before it.
};

std::string Line(std::string_view type, std::string_view id, Millis after, const How& how) {
  return R"({"type":")" + std::string(type) + R"(","event_id":")" + std::string(id) +
         R"(","account_id":"ada","occurred_at":")" + FormatRfc3339(kStart + after) + R"(","ip":")" +
         std::string(how.ip) + R"(","device":)" + std::string(how.device) + how.more + "}";
}
std::string Login(std::string_view id, Millis after, How how = {}) {
  how.more += R"(,"outcome":"success","method":"password")";
  return Line("login", id, after, how);
}
std::string Failure(std::string_view id, Millis after, How how = {}) {
  how.more += R"(,"outcome":"failure","failure_reason":"bad_credentials","method":"password")";
  return Line("login", id, after, how);
}
std::string Payment(std::string_view id, Millis after, std::string_view amount, How how = {}) {
  how.more += R"(,"transaction_id":"t-)" + std::string(id) +
              R"(","kind":"transfer","status":"completed","currency":"EUR","amount":")" +
              std::string(amount) + R"(","counterparty":{"id":"landlord","type":"person"})";
  return Line("transaction", id, after, how);
}
std::string Change(std::string_view id, Millis after, std::string_view change) {
  return Line("account_change", id, after, {.more = R"(,"change":")" + std::string(change) + "\""});
}
std::string InSession(std::string_view session) { return R"(,"session_id":")" + std::string(session) + "\""; }

// A login a day; the next day is day `days`.
std::vector<std::string> Settled(int days = 30, int from = 0, const How& how = {}) {
  std::vector<std::string> lines;
  for (int day = from; day < days; ++day) lines.push_back(Login("d" + std::to_string(day), day * kDay, how));
  return lines;
}
std::vector<std::string> With(std::vector<std::string> lines, const std::vector<std::string>& more) {
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}

class Reader final : public DetectionObserver {
 public:
  bool WantsStateBefore(const schemas::Event& event) override { return event.event_id.view() == "x"; }
  void Saw(const Observed& observed) override {
    if (observed.before != nullptr) explanation = Explain(observed, risk_);
  }
  [[nodiscard]] ExplainedVerdict Of(std::string_view detector) const {
    for (const ExplainedVerdict& verdict : explanation.verdicts) {
      if (verdict.detector == detector) return verdict;
    }
    return {};
  }
  Explanation explanation;

 private:
  const alerts::RiskConfig risk_;
};

struct Story {
  std::string name;
  std::string detector;
  std::string missing;  // The last that was noted.
  std::vector<std::string> lines;
  std::string config = {};
};
class ExplainClearTest : public testing::TestWithParam<Story> {};

TEST_P(ExplainClearTest, TheLastThingNotedIsWhatWasMissing) {
  Reader reader;
  test::DetectionLine line({.config = GetParam().config, .observer = &reader});
  line.RunAll(GetParam().lines);
  const ExplainedVerdict verdict = reader.Of(GetParam().detector);
  EXPECT_EQ(verdict.answer, "clear");
  ASSERT_FALSE(verdict.measures.empty());
  const Measure& last = verdict.measures.back();
  EXPECT_EQ(last.name, GetParam().missing);
  EXPECT_EQ(detectors::IsMet(last), false);
}

std::vector<std::string> TwoHomes() {
  std::vector<std::string> lines;
  for (int day = 0; day < 40; ++day) {
    lines.push_back(Login("p" + std::to_string(day), day * kDay));
    lines.push_back(Login("m" + std::to_string(day), day * kDay + 12h, {.ip = kMadrid, .device = kMac}));
  }
  lines.push_back(Login("home", 40 * kDay, {.more = InSession("one")}));
  lines.push_back(Login("x", 40 * kDay + 1min, {.ip = kMadrid, .device = kMac, .more = InSession("other")}));
  return lines;
}

std::vector<std::string> Failures(int count, const How& how) {
  std::vector<std::string> lines = Settled();
  for (int i = 0; i < count; ++i) lines.push_back(Failure("f" + std::to_string(i), 30 * kDay + i * 1s, how));
  return lines;
}

std::vector<std::string> RentEachDay() {
  std::vector<std::string> lines;
  for (int day = 0; day < 60; ++day) {
    lines.push_back(Login("d" + std::to_string(day), day * kDay));
    lines.push_back(Payment("r" + std::to_string(day), day * kDay + 1min, "900.00"));
  }
  return With(lines, {Payment("a", 60 * kDay, "900.00"), Payment("b", 60 * kDay + 1h, "900.00"),
                      Payment("x", 60 * kDay + 2h, "900.00")});
}

constexpr char kDaily[] =
    "limits: [{name: daily, direction: out, window: 24h, max: EUR 1000.00, warn_at: 0.8}]";
constexpr char kSingle[] = "limits: [{name: single, kinds: [transfer], direction: out, max: EUR 1000.00}]";

INSTANTIATE_TEST_SUITE_P(
    Stories, ExplainClearTest,
    testing::Values(
        Story{"TravelBetweenTwoHomes", "impossible_travel", "outside_household", TwoHomes()},
        Story{"TwoPlacesOfTwoHomes", "concurrent_places", "outside_household", TwoHomes()},
        Story{"TwoPlacesOfOneDevice", "concurrent_places", "other_device",
              With(Settled(), {Login("one", 30 * kDay, {.more = InSession("one")}),
                               Login("x", 30 * kDay + 5min, {.ip = kMadrid, .more = InSession("other")})})},
        Story{"SessionInOneNetwork", "session_moved", "other_network",
              With(Settled(), {Login("one", 30 * kDay, {.more = InSession("one")}),
                               Login("x", 30 * kDay + 1h, {.ip = kMunich, .more = InSession("one")})})},
        Story{"SessionThatTravelled", "session_moved", "travel_speed_kmh",
              With(Settled(), {Login("one", 30 * kDay, {.more = InSession("one")}),
                               Login("x", 30 * kDay + 5h, {.ip = kMadrid, .more = InSession("one")})})},
        Story{"FailuresFromElsewhere", "guessed_in", "strange_device",
              With(Failures(12, {.ip = kMadrid, .device = R"({"id":"thief"})"}),
                   {Login("x", 30 * kDay + 30min)})},
        Story{"FewFailuresFromElsewhere", "guessed_in", "failures_anywhere",
              With(Failures(8, {.ip = kMadrid, .device = R"({"id":"thief"})"}),
                   {Login("x", 30 * kDay + 30min)})},
        Story{"FailuresLongBefore", "guessed_in", "failures_anywhere",
              With(Failures(8, {}), {Login("x", 30 * kDay + 9h)})},
        Story{"FactorRestored", "second_factor_removed", "not_restored",
              With(Settled(), {Change("off", 30 * kDay, "mfa_disabled"),
                               Change("on", 30 * kDay + 1h, "mfa_enabled"), Login("x", 30 * kDay + 40h)})},
        Story{"LittleMoneyOnANewDevice", "cooling_off", "sum_in_period",
              With(Settled(), {Login("new", 30 * kDay, {.device = kMac}),
                               Payment("x", 30 * kDay + 1min, "5.00", {.device = kMac})}),
              "detectors: {cooling_off: {check_amount: EUR 1000.00}}\n"},
        Story{"NothingDoneOnALateNewDevice", "cooling_off", "high_risk_actions",
              With(Settled(), {Login("x", 29 * kDay - 1h, {.device = kMac})})},
        Story{"SessionUsedForTheFirstTime", "session_moved", "session_used_before",
              With(Settled(), {Login("x", 30 * kDay, {.more = InSession("one")})})},
        Story{"OneUseHasNotTravelled", "impossible_travel", "uses_to_compare", {Login("x", 0h)}},
        Story{"NothingToRestore", "second_factor_removed", "factor_removed",
              With(Settled(), {Login("x", 30 * kDay)})},
        Story{"SecondFactorFoundBefore", "second_factor_removed", "not_found_before",
              With(Settled(),
                   {Change("off", 30 * kDay, "mfa_disabled"), Login("a", 31 * kDay), Login("x", 32 * kDay)})},
        Story{"ALoginIsNoAction", "cooling_off", "high_risk_actions",
              With(Settled(), {Login("x", 30 * kDay)})},
        Story{"ASuccessIsNoGuess", "password_guessing", "failed_attempt",
              With(Settled(), {Login("x", 30 * kDay)})},
        Story{"APaymentThatWentThrough", "card_testing", "declined_or_failed",
              With(Settled(), {Payment("x", 30 * kDay, "5.00")})},
        Story{"FailedNothing", "repeated_failure", "declined_or_failed",
              With(Settled(), {Payment("x", 30 * kDay, "5.00")})},
        Story{"NoLimitWasRaised", "limit_raised_then_spent", "raised_limit",
              With(Settled(), {Payment("x", 30 * kDay, "5.00")})},
        Story{"NobodyDeclinesAndNoLimitIsThere", "limit_probing", "at_a_limit",
              With(Settled(), {Payment("x", 30 * kDay, "5.00")})},
        Story{"NothingIsOpen", "stuck_transaction", "open_transaction",
              With(Settled(), {Payment("x", 30 * kDay, "5.00")})},
        Story{"FarBelowTheLimit", "structuring", "limit single, just_under_it",
              With(Settled(), {Payment("x", 30 * kDay, "5.00")}), kSingle},
        Story{"TheLimitCountsNoTopUps", "limit_breach", "limit_that_counts_it",
              With(Settled(), {Payment("x", 30 * kDay, "5.00")}),
              "limits: [{name: other, kinds: [top_up], max: EUR 1.00}]"},
        Story{"NearTheLimitBefore", "limit_approach", "limit daily, not_near_before",
              With(Settled(), {Payment("a", 30 * kDay, "850.00"), Payment("x", 30 * kDay + 1min, "50.00")}),
              kDaily},
        Story{"BeyondTheLimit", "limit_approach", "limit daily, not_exceeded",
              With(Settled(), {Payment("a", 30 * kDay, "500.00"), Payment("x", 30 * kDay + 1min, "550.00")}),
              kDaily},
        Story{"JustUnderTheLimitAsAlways", "structuring", "limit single, just under it in 7 d, by chance",
              RentEachDay(), kSingle}),
    [](const auto& tested) { return tested.param.name; });

// Oddities and devices are known for 180 days.
TEST(ExplainClearTest, SaysAfterHowManyDaysItWouldBeNewAgain) {
  const std::string there = R"(,"timezone":"America/New_York")";
  const std::string home = R"(,"timezone":"Europe/Berlin")";
  Reader reader;
  test::DetectionLine line({.observer = &reader});
  line.RunAll(Settled(20, 0, {.device = kRooted, .more = there}));
  line.RunAll(Settled(120, 20, {.more = home}));
  line.Run(Login("x", 121 * kDay, {.device = kRooted, .more = there}));
  for (const std::string_view detector : {"device_tampered", "locale_mismatch"}) {
    SCOPED_TRACE(detector);
    const ExplainedVerdict verdict = reader.Of(detector);
    EXPECT_EQ(verdict.answer, "clear");
    ASSERT_FALSE(verdict.measures.empty());
    EXPECT_EQ(verdict.measures.back().name, "days_unseen");
    EXPECT_EQ(verdict.measures.back().value, schemas::EvidenceValue(102.0));
    EXPECT_EQ(verdict.measures.back().threshold, schemas::EvidenceValue(180.0));
  }
}

TEST(ExplainClearTest, AnOldDeviceIsKnownWhenTheAccountWakes) {
  Reader reader;
  test::DetectionLine line({.observer = &reader});
  line.RunAll(Settled(20));
  for (int day = 20; day <= 30; ++day)
    line.Run(Login("mac" + std::to_string(day), day * kDay, {.device = kMac}));
  line.RunAll(Settled(60, 31));
  line.Run(Login("x", 155 * kDay, {.device = kMac}));
  const ExplainedVerdict verdict = reader.Of("dormant_reactivation");
  EXPECT_EQ(verdict.answer, "clear");
  ASSERT_FALSE(verdict.measures.empty());
  EXPECT_EQ(verdict.measures.back().name, "days_unseen");
  EXPECT_EQ(verdict.measures.back().value, schemas::EvidenceValue(125.0));
  EXPECT_EQ(verdict.measures.back().threshold, schemas::EvidenceValue(180.0 + 96)) << "with the silence";
}

}  // namespace
}  // namespace tocsin::daemon
