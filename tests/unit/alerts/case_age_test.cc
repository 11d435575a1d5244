// How old a case is, and by when its ticket is due, is that of the attack it tells of.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts::testing {
namespace {

using namespace std::chrono_literals;
using schemas::FeedbackBy;
using schemas::FeedbackVerdict;
using schemas::Priority;
using schemas::Severity;
using schemas::TicketOperation;
using ::testing::HasSubstr;

// A balance does not add up; two days later the account is taken over. That is a case of its own, with the
// whole of its time, and what support looks into neither kept it open nor settles it.
TEST(CaseOfSupportTest, WhatSupportLooksIntoIsNoPartOfAnAttack) {
  schemas::Claim balance = MakeClaim("balance_mismatch", schemas::Family::kMoney, Severity::kLow, 0.3);
  Scenario s;
  const schemas::Ticket support = s.Decide(s.Transfer(kNoon), {balance}).tickets.at(0);
  EXPECT_EQ(support.priority, Priority::kP4);
  EXPECT_FALSE(s.file.HasOpenCase(kNoon));
  for (int day = 2; day <= 12; day += 2) s.Decide(s.Transfer(kNoon + day * 24h), {balance});

  const Timestamp taken_over = kNoon + 13 * 24h + 23h;
  const Decision& d = s.Decide(s.Login(taken_over), {Travel()});
  EXPECT_NE(d.findings.at(0).case_id, support.case_id);
  EXPECT_EQ(d.tickets.at(0).operation, TicketOperation::kOpen);
  EXPECT_EQ(d.tickets[0].due.first_reply, taken_over + 24h);
  EXPECT_THAT(d.notices.at(0).text, HasSubstr("replies to you by 16 March 2026, 19:00"));
  const std::string case_id = d.findings[0].case_id;
  EXPECT_EQ(s.Decide(s.Transfer(taken_over + 2h), {Breach()}).findings.at(0).case_id, case_id)
      << "not cut in two where the other is fourteen days old";
  s.Decide(
      s.Answer(taken_over + 3h, FeedbackVerdict::kFalsePositive, FeedbackBy::kAnalyst, "", support.case_id));
  EXPECT_TRUE(s.file.HasOpenCase(taken_over + 3h));
}

}  // namespace
}  // namespace tocsin::alerts::testing
