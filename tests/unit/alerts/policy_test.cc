#include "alerts/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tocsin::alerts {
namespace {

using schemas::ActionKind;
using schemas::Family;
using schemas::Priority;
using schemas::Severity;

struct Asked {
  const char* name;
  PolicyQuestion question;
  bool notice;
  std::optional<Priority> ticket;
  std::vector<ActionKind> actions;
};
class DefaultPolicyTest : public testing::TestWithParam<Asked> {};

TEST_P(DefaultPolicyTest, Answers) {
  const std::vector<PolicyRow> policy = DefaultPolicy();
  const PolicyAnswer answer = Ask(policy, GetParam().question);
  EXPECT_EQ(answer.notice, GetParam().notice);
  EXPECT_EQ(answer.ticket, GetParam().ticket);
  EXPECT_THAT(answer.actions, testing::ElementsAreArray(GetParam().actions));
}

INSTANTIATE_TEST_SUITE_P(
    Policy, DefaultPolicyTest,
    testing::Values(
        Asked{"NotMe",
              {.detector = "user_reported", .family = Family::kReport, .severity = Severity::kCritical},
              true,
              Priority::kP1,
              {ActionKind::kRevokeSessions, ActionKind::kFreeze}},
        Asked{"FraudThatAnAnalystConfirmed",
              {.detector = "user_reported",
               .family = Family::kReport,
               .severity = Severity::kHigh,
               .risk = 0.99,
               .money = true},
              false,
              std::nullopt,
              {}},
        Asked{"CriticalMoney",
              {.detector = "takeover_chain", .severity = Severity::kCritical, .money = true},
              true,
              Priority::kP1,
              {ActionKind::kHoldTransaction}},
        Asked{"Critical",
              {.detector = "takeover_chain", .severity = Severity::kCritical},
              true,
              Priority::kP1,
              {ActionKind::kFreeze}},
        Asked{"HighMoney",
              {.detector = "impossible_travel", .severity = Severity::kHigh, .money = true},
              true,
              Priority::kP2,
              {ActionKind::kHoldTransaction}},
        Asked{"High",
              {.detector = "guessed_in", .severity = Severity::kHigh},
              true,
              Priority::kP2,
              {ActionKind::kStepUp}},
        Asked{"Medium", {.detector = "limit_breach", .severity = Severity::kMedium}, true, Priority::kP3, {}},
        Asked{"PassThrough",
              {.detector = "pass_through", .severity = Severity::kHigh, .money = true},
              false,
              Priority::kP2,
              {ActionKind::kHoldTransaction}},
        Asked{"Structuring",
              {.detector = "structuring", .severity = Severity::kMedium},
              false,
              Priority::kP3,
              {}},
        Asked{"NewDevice", {.detector = "new_device", .severity = Severity::kLow}, true, std::nullopt, {}},
        Asked{"NewCountry", {.detector = "new_country", .severity = Severity::kLow}, true, std::nullopt, {}},
        Asked{"LowOther", {.detector = "new_network", .severity = Severity::kLow}, false, std::nullopt, {}},
        Asked{"LimitApproach",
              {.detector = "limit_approach", .severity = Severity::kInfo},
              true,
              std::nullopt,
              {}},
        Asked{"InfoOther", {.detector = "other", .severity = Severity::kInfo}, false, std::nullopt, {}}),
    [](const auto& tested) { return tested.param.name; });

// Whoever could lock the owner out by typing wrong passwords would.
TEST(PolicyTest, GuessingAloneTakesNothingFromTheOwner) {
  const std::vector<PolicyRow> policy = DefaultPolicy();
  for (const Severity severity : {Severity::kInfo, Severity::kLow, Severity::kMedium}) {
    const PolicyAnswer answer =
        Ask(policy, {.detector = "password_guessing", .family = Family::kCredential, .severity = severity});
    EXPECT_TRUE(answer.actions.empty()) << static_cast<int>(severity);
  }
}

TEST(PolicyTest, EachQuestionIsAnsweredByTheFirstRowThatAnswersIt) {
  const std::vector<PolicyRow> policy = {
      {.tiers = {"vip"}, .ticket = Priority::kP1},
      {.family = Family::kMoney, .notice = false},
      {.risk_min = 0.5, .actions = {ActionKind::kLimit}},
      {.notice = true, .ticket = Priority::kP4, .actions = {ActionKind::kNone}},
  };
  const PolicyAnswer vip = Ask(policy, {.family = Family::kMoney, .risk = 0.5, .tier = "vip"});
  EXPECT_FALSE(vip.notice);
  EXPECT_EQ(vip.ticket, Priority::kP1);
  EXPECT_THAT(vip.actions, testing::ElementsAre(ActionKind::kLimit));
  const PolicyAnswer other = Ask(policy, {.family = Family::kDevice, .risk = 0.49, .tier = "basic"});
  EXPECT_TRUE(other.notice);
  EXPECT_EQ(other.ticket, Priority::kP4);
  EXPECT_THAT(other.actions, testing::IsEmpty());
}

TEST(PolicyTest, NoRowNothing) {
  const PolicyAnswer answer = Ask({}, {.detector = "x", .severity = Severity::kCritical});
  EXPECT_FALSE(answer.notice);
  EXPECT_FALSE(answer.ticket);
}

TEST(ValidateTest, EveryErrorAtOnce) {
  AlertsConfig config;
  EXPECT_THAT(Validate(config), testing::IsEmpty());
  config.risk.high_at = 0.9;
  config.support.app_path.clear();
  config.support.ticket_locale = "fr";
  config.support.calendar.holidays = {"never"};
  config.answers.base_url = "http://example.com";
  config.notices.default_timezone = "Mars/Olympus";
  config.policy = {{.actions = {ActionKind::kNone, ActionKind::kFreeze}}};
  std::vector<std::string> fields;
  for (const Error& error : Validate(config)) fields.push_back(error.field);
  EXPECT_THAT(fields,
              testing::UnorderedElementsAre("risk.medium_at", "policy[0].actions", "support",
                                            "support.ticket_locale", "support.calendar.holidays[0]",
                                            "answers.base_url", "answers.key", "notices.default_timezone"));
}

TEST(ValidateTest, OwnersAreLedToAnAddressThatCanBe) {
  const auto valid = [](const std::string& url) {
    AlertsConfig config;
    config.answers.base_url = url;
    config.answers.key = std::string(32, 'k');
    return Validate(config).empty();
  };
  for (const char* url :
       {"https://security.example.com", "https://Security.example.com:8443/owners/", "https://[2001:db8::1]",
        "http://127.0.0.1:8700/", "http://localhost", "http://LOCALHOST:1", "http://[::1]:8700"})
    EXPECT_TRUE(valid(url)) << url;
  for (const char* url : {"http://security.example.com",
                          "http://localhost.evil.example",
                          "http://127.0.0.1.evil.example",
                          "http://127.0.0.1@evil.example",
                          "https://127.0.0.1@evil.example",
                          "http://127.0.0.1:80@evil.example",
                          "http://[::1].evil.example",
                          "http://[2001:db8::1]",
                          "https://:99999",
                          "https://:443",
                          "https://a:99999",
                          "https://a:0",
                          "https://",
                          "https:///r",
                          "https://a/?b",
                          "https://a/#b",
                          "https://a/ b",
                          "HTTPS://a",
                          "HTTP://localhost",
                          "ftp://a",
                          "a"})
    EXPECT_FALSE(valid(url)) << url;
}

}  // namespace
}  // namespace tocsin::alerts
