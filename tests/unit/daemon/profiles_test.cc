// Rule books: every condition is answered by detectors that exist, is documented, and says how it came out;
// the limits they declare. What each condition asks is in conditions_test.cc.
#include "daemon/detection/profiles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <variant>

#include "daemon/detection/conditions.h"
#include "tests/support/detection_line.h"

namespace tocsin::daemon {
namespace {

using detectors::DetectionResult;
using detectors::Verdict;
using testing::HasSubstr;
using testing::Not;

std::string PageText() {
  std::ifstream file(std::string(TOCSIN_SOURCE_DIR) + "/docs/profiles.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

Verdict& Of(DetectionResult& result, std::string_view id) {
  const auto catalogue = detectors::Catalogue();
  const auto found = std::ranges::find(catalogue, id, &detectors::DetectorInfo::id);
  return result.verdicts[static_cast<size_t>(found - catalogue.begin())];
}

// Of a login.
std::map<std::string, std::string> OutcomesOf(Profile profile, const DetectionResult& result) {
  const detectors::Population population;
  const detectors::LimitTable limits;
  const detectors::LearningConfig learning;
  const detectors::Context context{.population = population, .limits = limits, .learning = learning};
  std::vector<schemas::Evidence> evidence;
  AddConditions({&profile, 1}, schemas::Event(), detectors::AccountState(), context, result, evidence);
  std::map<std::string, std::string> outcomes;
  for (const schemas::Evidence& one : evidence)
    outcomes[std::string(one.name)] = std::get<std::string>(one.value);
  return outcomes;
}

TEST(ProfilesTest, EveryConditionIsAnsweredByTheCatalogueAndDocumented) {
  const auto catalogue = detectors::Catalogue();
  const std::string page = PageText();
  for (const Condition& condition : Conditions()) {
    EXPECT_THAT(page, HasSubstr("`" + std::string(condition.name) + "`"));
    for (const std::string_view detector : condition.detectors) {
      if (detector.empty()) continue;
      EXPECT_NE(std::ranges::find(catalogue, detector, &detectors::DetectorInfo::id), catalogue.end())
          << detector;
      EXPECT_THAT(page, HasSubstr("`" + std::string(detector) + "`"));
    }
  }
  EXPECT_THAT(page, HasSubstr("`first_payment`"));
}

TEST(ProfilesTest, AnAlertMeetsAConditionWhateverTheOthersSay) {
  DetectionResult result;
  Of(result, "new_device") = Verdict::Alert({});
  Of(result, "session_moved") = Verdict::Clear();
  EXPECT_EQ(OutcomesOf(Profile::kPsd2Art18, result).at("psd2_art18.unusual_device"), "met: new_device");
}

TEST(ProfilesTest, WhatCouldNotLookIsNotTakenForClean) {
  DetectionResult result;
  Of(result, "unusual_amount") = Verdict::Clear();
  Of(result, "velocity") = Verdict::Clear();
  Of(result, "account_drain") = Verdict::NotEvaluable("no_balance");
  const auto outcomes = OutcomesOf(Profile::kPsd2Art18, result);
  EXPECT_EQ(outcomes.at("psd2_art18.abnormal_spending"),
            "not met: unusual_amount, velocity; not evaluable: account_drain no_balance");
  EXPECT_EQ(outcomes.at("psd2_art18.malware"), "not evaluated");
  EXPECT_EQ(outcomes.at("psd2_art18.high_risk_payee_location"), "not applicable");
  EXPECT_EQ(outcomes.size(), 6U);
}

TEST(ProfilesTest, ALimitOfTheSameNameTakesThePlaceOfTheProfiles) {
  detectors::LimitTable table;
  table.limits = {{.name = "npci-p2p-receipts", .max_count = 7}};
  constexpr Profile kProfile = Profile::kNpciP2p;
  AddProfileLimits({&kProfile, 1}, table);
  ASSERT_EQ(table.limits.size(), 2U);
  EXPECT_EQ(table.limits[0].max_count, 7);
  EXPECT_EQ(table.limits[1].name, "npci-p2p-receipts-most");
}

std::string Receipt(int number, std::string_view amount) {
  std::string id = "r-" + std::to_string(number);
  return R"({"type":"transaction","source":"test","event_id":")" + id +
         R"(","account_id":"account-1","occurred_at":"2026-01-05T08:)" + (number < 10 ? "0" : "") +
         std::to_string(number) + R"(:00Z","transaction_id":")" + id +
         R"(","kind":"transfer","direction":"in","status":"completed","amount":")" + std::string(amount) +
         R"(","currency":"INR"})";
}

std::string Outputs(int receipts, std::string_view amount, const std::string& limits = "") {
  test::DetectionLine line({.forget_population = false, .config = "profiles: [npci-p2p]\n" + limits});
  for (int i = 0; i < receipts; ++i) line.Run(Receipt(i, amount));
  std::string all;
  for (const std::string& text : line.OutputTexts()) all += text + "\n";
  return all;
}

TEST(ProfilesTest, ReceiptsFromTheMinimumOnAreCountedToTheLast) {
  EXPECT_THAT(Outputs(25, "2000.00"), Not(HasSubstr("limit_breach")));
  EXPECT_THAT(Outputs(26, "2000.00"), HasSubstr(R"("npci_p2p.limits":"met: limit_breach")"));
  // Below the minimum only the last limit counts.
  EXPECT_THAT(Outputs(50, "1999.99"), Not(HasSubstr("limit_breach")));
  EXPECT_THAT(Outputs(51, "1999.99"), HasSubstr("npci-p2p-receipts-most"));
  // INR 400,000.00 exactly, and a paisa more.
  EXPECT_THAT(Outputs(4, "100000.00"), Not(HasSubstr("limit_breach")));
  EXPECT_THAT(Outputs(4, "100000.01"), HasSubstr("limit_breach"));
}

TEST(ProfilesTest, AnOperatorsOwnLimitIsNotTheRuleBooks) {
  const std::string own = "limits:\n  - {name: mine, direction: in, max: INR 1000.00}\n";
  const std::string outputs = Outputs(1, "1500.00", own);
  EXPECT_THAT(outputs, HasSubstr(R"("limit":"mine")"));
  EXPECT_THAT(outputs, HasSubstr(R"("npci_p2p.limits":"not met: limit_breach")"));
  EXPECT_THAT(Outputs(26, "2000.00", own), HasSubstr(R"("npci_p2p.limits":"met: limit_breach")"));
}

// A stranger's device on each of three accounts.
std::string Login(std::string_view account, std::string_view tenant, int day, std::string_view device) {
  return R"({"type":"login","source":"test","event_id":")" + std::string(account) + std::to_string(day) +
         R"(","account_id":")" + std::string(account) + R"(","occurred_at":"2026-01-)" +
         (day < 10 ? "0" : "") + std::to_string(day) + R"(T08:00:00Z","ip":"139.12.16.10",)" +
         (tenant.empty() ? "" : R"("tenant":")" + std::string(tenant) + R"(",)") + R"("device":{"id":")" +
         std::string(device) + R"(","platform":"ios","model":"iPhone 14"},"outcome":"success"})";
}

TEST(OverridesTest, EachTenantAndTierHasItsOwnThresholds) {
  test::DetectionLine line({.forget_population = false,
                            .config =
                                "overrides:\n"
                                "  - {tenant: eu, tiers: [gold], detectors: {new_device: {weight: 1.8}}}\n"
                                "  - {tenant: eu, detectors: {new_device: {mode: shadow}}}\n"
                                "  - {tiers: [gold], detectors: {new_device: {enabled: false}}}\n"});
  struct Who {
    std::string_view account, tenant, tier;
  };
  constexpr Who kAll[] = {
      {"plain", "", ""}, {"eu", "eu", ""}, {"gold", "", "gold"}, {"both", "eu", "gold"}, {"other", "us", ""}};
  for (const Who& who : kAll) {
    line.Run(R"({"type":"account_profile","source":"test","event_id":"p","account_id":")" +
             std::string(who.account) + R"(","occurred_at":"2026-01-01T00:00:00Z","tier":")" +
             std::string(who.tier) + R"("})");
    for (int day = 1; day <= 8; ++day) line.Run(Login(who.account, who.tenant, day, "phone-1"));
    line.Run(Login(who.account, who.tenant, 20, "laptop-9"));
  }
  std::map<std::string, std::string> findings;
  for (const schemas::OutRecord& record : line.outputs()) {
    if (record.kind == schemas::OutputKind::kFinding) findings[record.key] += record.value;
  }
  EXPECT_THAT(findings["plain"], HasSubstr(R"({"detector":"new_device","weight":1.2})"));
  EXPECT_THAT(findings["other"], HasSubstr(R"({"detector":"new_device","weight":1.2})"));
  EXPECT_THAT(findings["both"], HasSubstr(R"({"detector":"new_device","weight":1.8})"));
  EXPECT_THAT(findings["eu"], HasSubstr(R"("mode":"shadow")"));
  EXPECT_THAT(findings["gold"], Not(HasSubstr("new_device")));
}

}  // namespace
}  // namespace tocsin::daemon
