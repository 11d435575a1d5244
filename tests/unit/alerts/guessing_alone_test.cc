// Whoever could lock the owner out by typing wrong passwords would: a flood of failures asks for no action,
// also when other evidence about the account's credentials has raised its risk as far as it goes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "alerts/risk.h"
#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts::testing {
namespace {

using namespace std::chrono_literals;
using schemas::ActionKind;
using schemas::Family;
using schemas::Severity;
using ::testing::IsEmpty;
using ::testing::SizeIs;

schemas::Event Failure(Scenario& s, Timestamp at) {
  schemas::Event event = s.Login(at);
  event.payload = schemas::Login{.outcome = schemas::LoginOutcome::kFailure,
                                 .failure_reason = schemas::FailureReason::kBadCredentials};
  return event;
}

// What password_guessing claims of a run that goes on.
schemas::Claim Guessing(const std::string& run, int attempts) {
  schemas::Claim claim = MakeClaim("password_guessing", Family::kCredential, Severity::kMedium, 1.0, run);
  claim.confidence = 80;
  claim.reasons = {{"password_guessing", std::to_string(attempts) + " in 60 min", ""}};
  return claim;
}

// A failure every minute for `hours`, a new run every hour. Returns the risk at the end.
double Flood(Scenario& s, Timestamp from, int hours) {
  double risk = 0;
  for (int minute = 0; minute < 60 * hours; ++minute) {
    const std::string run = "run-" + std::to_string(ToMillis(from)) + "-" + std::to_string(minute / 60);
    const Decision& d = s.Decide(Failure(s, from + minute * 1min), {Guessing(run, 10 + minute % 60)});
    EXPECT_THAT(d.actions, IsEmpty()) << "minute " << minute << ", risk " << d.risk;
    for (const schemas::Finding& finding : d.findings)
      EXPECT_EQ(finding.severity, Severity::kMedium) << "minute " << minute << ", risk " << d.risk;
    risk = d.risk;
    if (::testing::Test::HasFailure()) break;
  }
  return risk;
}

TEST(GuessingAloneTest, AFloodAsksForNothing) {
  Scenario s;
  EXPECT_LT(Flood(s, kNoon, 24), RiskConfig().medium_at);
  ASSERT_THAT(s.file.cases(), SizeIs(1)) << "it is told, as a case";
  EXPECT_THAT(s.file.cases()[0].actions, IsEmpty());
}

// All that the family can say without asking for an action by itself, each at its full weight.
TEST(GuessingAloneTest, NorDoesItWithAllElseThatIsSaidOfTheCredentials) {
  Scenario s;
  const Decision& before = s.Decide(
      s.Login(kNoon - 1h), {MakeClaim("mfa_fatigue", Family::kCredential, Severity::kMedium, 1.5),
                            MakeClaim("partial_success", Family::kCredential, Severity::kMedium, 1.0),
                            MakeClaim("second_factor_removed", Family::kCredential, Severity::kMedium, 1.5),
                            MakeClaim("guessed_in", Family::kCredential, Severity::kLow, 3.0)});
  EXPECT_THAT(before.actions, IsEmpty());
  const Decision& first = s.Decide(Failure(s, kNoon - 1min), {Guessing("first", 10)});
  EXPECT_NEAR(first.risk, Sigmoid(RiskConfig().bias + RiskConfig().cap_credential), 0.01)
      << "as far as it goes";
  EXPECT_THAT(first.actions, IsEmpty());
  EXPECT_LT(Flood(s, kNoon, 24), RiskConfig().high_at);
}

// A login that was guessed asks for one step more, of itself; what goes on being typed wrong asks for none
// besides, and none again when that is over.
TEST(GuessingAloneTest, AfterABreakInItIsTheBreakInThatAsks) {
  Scenario s;
  const Decision& in =
      s.Decide(s.Login(kNoon), {MakeClaim("guessed_in", Family::kCredential, Severity::kHigh, 3.0)});
  ASSERT_THAT(in.actions, SizeIs(1));
  EXPECT_EQ(in.actions[0].action, ActionKind::kStepUp);
  EXPECT_EQ(in.actions[0].reason, "guessed_in");
  Flood(s, kNoon + 1min, 48);
}

// That is so by the cap of the family: beyond it the failure would be raised to high, and ask.
TEST(GuessingAloneTest, TheFamilyAloneCannotRaiseTheRiskToHigh) {
  const RiskConfig risk;
  EXPECT_LT(Sigmoid(risk.bias + risk.cap_credential), risk.high_at);
  AlertsConfig config;
  config.risk.cap_credential = 8;
  Scenario s(config);
  s.Decide(s.Login(kNoon - 1h), {MakeClaim("mfa_fatigue", Family::kCredential, Severity::kInfo, 3.5),
                                 MakeClaim("guessed_in", Family::kCredential, Severity::kInfo, 3.5)});
  const Decision& d = s.Decide(Failure(s, kNoon), {Guessing("run", 10)});
  ASSERT_GT(d.risk, risk.high_at);
  ASSERT_THAT(d.actions, SizeIs(1));
  EXPECT_EQ(d.actions[0].reason, "password_guessing");
}

}  // namespace
}  // namespace tocsin::alerts::testing
