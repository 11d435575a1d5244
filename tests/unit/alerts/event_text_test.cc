// What happened, as a row of a ticket says it.
#include "alerts/event_text.h"

#include <gtest/gtest.h>

#include "tests/unit/alerts/scenario.h"

namespace tocsin::alerts::testing {
namespace {

using schemas::FailureReason;
using schemas::LoginMethod;

TimelineItem LoginOf(FailureReason reason, LoginMethod method) {
  TimelineItem item;
  item.type = schemas::EventType::kLogin;
  item.outcome =
      reason == FailureReason::kNone ? schemas::LoginOutcome::kSuccess : schemas::LoginOutcome::kFailure;
  item.failure_reason = reason;
  item.method = method;
  return item;
}

TEST(EventTextTest, AWrongPasswordIsSaidOnce) {
  EXPECT_EQ(EventText(Locale::kEn, LoginOf(FailureReason::kBadCredentials, LoginMethod::kPassword)),
            "login failed (wrong password)");
  EXPECT_EQ(EventText(Locale::kEn, LoginOf(FailureReason::kBadCredentials, LoginMethod::kToken)),
            "login failed (wrong password, token)");
  EXPECT_EQ(EventText(Locale::kEn, LoginOf(FailureReason::kNone, LoginMethod::kPassword)),
            "login succeeded (password)");
}

// Who looks at a mule's account needs the people whose money it was.
TEST(EventTextTest, MoneySaysWhereItWentAndWhereItCameFrom) {
  const auto text = [](schemas::Direction direction, schemas::CounterpartyType type) {
    Scenario s;
    schemas::Event event = s.Transfer(kNoon);
    auto& transaction = std::get<schemas::Transaction>(event.payload);
    transaction.direction = direction;
    transaction.counterparty = {.id = "party-9", .type = type};
    return EventText(Locale::kEn, Describe(event));
  };
  using schemas::CounterpartyType;
  using schemas::Direction;
  EXPECT_EQ(text(Direction::kOut, CounterpartyType::kPerson), "transfer authorized (payee party-9)");
  EXPECT_EQ(text(Direction::kIn, CounterpartyType::kPerson), "transfer authorized (money in, from party-9)");
  EXPECT_EQ(text(Direction::kIn, CounterpartyType::kMerchant), "transfer authorized (money in)");
}

}  // namespace
}  // namespace tocsin::alerts::testing
