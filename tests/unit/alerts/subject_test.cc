// A late event that makes a finding of a later one: the owner is told of that one.
#include "alerts/subject.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts::testing {
namespace {

using namespace std::chrono_literals;
using schemas::Severity;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class SubjectTest : public ::testing::Test {
 protected:
  // Of the stranger, at noon.
  schemas::Event There() {
    schemas::Event event = s.Login(kNoon);
    event.session_id = "session-there";
    return event;
  }
  // Of the owner, twenty minutes before; it comes late.
  schemas::Event Here() {
    schemas::Event event = s.Login(kNoon - 20min);
    event.session_id = "session-here";
    event.ip = IpAddress::Parse("9.9.9.9");
    event.facts.place = {.missing = schemas::Missing::kNo, .country = "DE", .city = "Berlin"};
    return event;
  }

  static schemas::Claim Between(const schemas::Event& earlier, const schemas::Event& later) {
    schemas::Claim claim = Travel();
    claim.cause = {earlier.event_id.str(), later.event_id.str()};
    claim.occurred_at = later.occurred_at;
    return claim;
  }

  Scenario s;
};

TEST_F(SubjectTest, ALateEventIsNotWhatTheNoticeIsAbout) {
  const schemas::Event there = There();
  const schemas::Event here = Here();
  s.Decide(there);
  const Decision& d = s.Decide(here, {Between(here, there)});
  const std::string& text = d.notices.at(0).text;
  EXPECT_THAT(text, AllOf(HasSubstr("Where: Tokyo, Japan"), HasSubstr("1 March 2026, 20:00")));
  EXPECT_THAT(text, AllOf(Not(HasSubstr("Where: Berlin")), Not(HasSubstr("1 March 2026, 19:40")),
                          Not(HasSubstr("IP address"))))
      << "the owner would answer for their own sign-in";
  EXPECT_EQ(d.actions.at(0).action, schemas::ActionKind::kStepUp);
  EXPECT_EQ(d.actions[0].target, "") << "the owner's own session is not the one to check";
}

TEST_F(SubjectTest, InOrderItIsToldTheSame) {
  const schemas::Event there = There();
  const schemas::Event here = Here();
  s.Decide(here);
  const Decision& d = s.Decide(there, {Between(here, there)});
  EXPECT_THAT(d.notices.at(0).text,
              AllOf(HasSubstr("Where: Tokyo, Japan"), HasSubstr("IP address: 8.8.8.*")));
  EXPECT_EQ(d.actions.at(0).target, "session-there");
}

TEST_F(SubjectTest, ALatePaymentIsToldAsItself) {
  s.Decide(There());
  schemas::Claim chain =
      MakeClaim("takeover_chain", schemas::Family::kTakeover, Severity::kCritical, 5, "first");
  chain.occurred_at = kNoon;
  const Decision& d = s.Decide(s.Transfer(kNoon - 5min), {chain});
  EXPECT_THAT(d.notices.at(0).text, AllOf(HasSubstr("CNY 68,000.00"), HasSubstr("this payment to be held")));
}

TEST_F(SubjectTest, WhatIsForgottenIsToldByTheEventThatCame) {
  const schemas::Event here = Here();
  schemas::Claim claim = Travel();
  claim.cause = {here.event_id.str(), "forgotten"};
  claim.occurred_at = kNoon;
  EXPECT_THAT(s.Decide(here, {claim}).notices.at(0).text, HasSubstr("Where: Berlin"));
}

}  // namespace
}  // namespace tocsin::alerts::testing
