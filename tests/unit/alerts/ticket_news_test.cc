// What a ticket marks as new, and what it says of the risk.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "alerts/tickets.h"
#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts::testing {
namespace {

using namespace std::chrono_literals;
using schemas::FeedbackBy;
using schemas::FeedbackVerdict;
using schemas::TicketOperation;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr const char* kMarked = "What is new is marked ●.";

schemas::Event Change(Scenario& s, Timestamp at, schemas::ChangeKind kind) {
  schemas::Event event = s.Login(at);
  event.type = schemas::EventType::kAccountChange;
  event.payload = schemas::AccountChange{.change = kind};
  return event;
}

// Rows and lines that are marked.
size_t MarksIn(const std::string& body) {
  size_t count = 0;
  for (const char* const mark : {"| ● 20", "\n- ● "}) {
    for (size_t at = 0; (at = body.find(mark, at)) != std::string::npos; ++at) ++count;
  }
  return count;
}

TEST(TicketNewsTest, TheLiftOfAFreezeIsNamed) {
  Scenario s;
  const schemas::Ticket open =
      s.Decide(s.Answer(kNoon, FeedbackVerdict::kNotMe, FeedbackBy::kOwner, ""), {Reported()}).tickets.at(0);
  ASSERT_EQ(open.operation, TicketOperation::kOpen);
  EXPECT_EQ(MarksIn(open.body), 0U) << "all of it is";
  EXPECT_THAT(open.body, Not(HasSubstr("Since then")));
  const Decision& d = s.Decide(Change(s, kNoon + 2h, schemas::ChangeKind::kUnfrozen));
  ASSERT_THAT(d.tickets, SizeIs(1));
  EXPECT_THAT(d.tickets[0].body,
              AllOf(StartsWith(kMarked), HasSubstr("| ● 2026-03-01 14:00:00 |"),
                    HasSubstr("Since then: account unfrozen, 1 March 2026, 22:00 (UTC+8)."),
                    HasSubstr("- ● freeze the account, asked for at 2026-03-01 12:00:00 UTC, ended")));
  EXPECT_EQ(MarksIn(d.tickets[0].body), 2U);
}

TEST(TicketNewsTest, ALateEventIsNewWheneverItHappened) {
  Scenario s;
  s.Decide(s.Login(kNoon), {Travel()});
  const schemas::Ticket ticket = s.Decide(s.Login(kNoon - 30min), {Breach()}).tickets.at(0);
  EXPECT_THAT(ticket.body, HasSubstr("| ● 2026-03-01 11:30:00 | 03-01"));
}

TEST(TicketNewsTest, ABatchUnderWaySaysAgainWhatItSaid) {
  Scenario s;
  s.Decide(s.Login(kNoon), {Travel()});
  s.Decide(s.Transfer(kNoon + 2min), {Breach()});
  schemas::Claim more = MakeClaim("velocity", schemas::Family::kMoney, schemas::Severity::kMedium, 1, "more");
  const std::string second = s.Decide(s.Transfer(kNoon + 9min), {more}).tickets.at(0).body;
  EXPECT_THAT(second, AllOf(HasSubstr("| ● 2026-03-01 12:02:00 | 03-01"),
                            HasSubstr("| ● 2026-03-01 12:09:00 | 03-01"),
                            Not(HasSubstr("| ● 2026-03-01 12:00:00 | 03-01"))));
  more.cause = {"next"};
  const std::string next = s.Decide(s.Transfer(kNoon + 11min), {more}).tickets.at(0).body;
  EXPECT_THAT(next, AllOf(HasSubstr("| ● 2026-03-01 12:11:00 | 03-01"),
                          Not(HasSubstr("| ● 2026-03-01 12:09:00 | 03-01"))));
}

// A batch that held no finding is over like any other.
TEST(TicketNewsTest, ABatchOfAnswersIsOverToo) {
  Scenario s;
  const Decision first = s.Decide(s.Login(kNoon), {Travel()});
  const auto answer = [&](Timestamp at) {
    const Decision& d =
        s.Decide(s.Answer(at, FeedbackVerdict::kMe, FeedbackBy::kOwner, first.notices.at(0).notice_id));
    return d.tickets.empty() ? std::string() : d.tickets[0].body;
  };
  EXPECT_THAT(answer(kNoon + 2min), HasSubstr("| ● 2026-03-01 12:02:00 |"));
  EXPECT_THAT(answer(kNoon + 12min),
              AllOf(HasSubstr("| ● 2026-03-01 12:12:00 |"), Not(HasSubstr("| ● 2026-03-01 12:02:00 |"))));
}

// Nothing can be marked: what was found is gone, and the event that explains it is older than the timeline.
TEST(TicketNewsTest, WhatHasNoNewsSaysSo) {
  Scenario s;
  schemas::Claim travel = Travel();
  travel.cause = {"first"};
  s.Decide(s.Login(kNoon), {travel, Breach()});
  const Decision& d =
      s.Decide(s.Login(kNoon - 73h), {}, {{.detector = "impossible_travel", .cause = {"first"}}});
  ASSERT_THAT(d.tickets, SizeIs(1));
  EXPECT_THAT(d.tickets[0].body, Not(HasSubstr("● ")));
  EXPECT_THAT(d.tickets[0].body, StartsWith("Nothing was added;"));
}

TEST(TicketNewsTest, TheRiskIsThatOfNowBesideTheHighest) {
  Scenario s;
  const schemas::Ticket open =
      s.Decide(s.Answer(kNoon, FeedbackVerdict::kNotMe, FeedbackBy::kOwner, ""), {Reported()}).tickets.at(0);
  EXPECT_THAT(open.body, AllOf(HasSubstr("- **Risk now**: 0."), Not(HasSubstr("highest"))));
  const size_t at = open.body.find("0.", open.body.find("**Risk now**"));
  const std::string highest = open.body.substr(at, 5);
  const Decision& d = s.Decide(Change(s, kNoon + 47h, schemas::ChangeKind::kUnfrozen));
  EXPECT_THAT(d.tickets.at(0).body, HasSubstr(" (highest " + highest + ", at 1 March 2026, 20:00 (UTC+8))"));
}

}  // namespace
}  // namespace tocsin::alerts::testing
