#include "schemas/event.h"

#include <gtest/gtest.h>

namespace tocsin::schemas {
namespace {

Event TransactionOf(TransactionKind kind, Direction direction, TransactionStatus status) {
  Event event;
  event.type = EventType::kTransaction;
  Transaction transaction;
  transaction.kind = kind;
  transaction.direction = direction;
  transaction.status = status;
  event.payload = transaction;
  return event;
}

TEST(EventTest, SuccessfulUseIsALoginOrMoneyTheOwnerMoved) {
  using Kind = TransactionKind;
  using Status = TransactionStatus;
  Event login;
  login.payload = Login{.outcome = LoginOutcome::kSuccess};
  EXPECT_TRUE(login.IsSuccessfulUse());
  login.payload = Login{.outcome = LoginOutcome::kFailure};
  EXPECT_FALSE(login.IsSuccessfulUse());

  EXPECT_TRUE(TransactionOf(Kind::kTransfer, Direction::kOut, Status::kAuthorized).IsSuccessfulUse());
  EXPECT_TRUE(TransactionOf(Kind::kTransfer, Direction::kOut, Status::kCompleted).IsSuccessfulUse());
  EXPECT_FALSE(TransactionOf(Kind::kTransfer, Direction::kOut, Status::kDeclined).IsSuccessfulUse());
  EXPECT_FALSE(TransactionOf(Kind::kTransfer, Direction::kOut, Status::kReversed).IsSuccessfulUse());
  EXPECT_TRUE(TransactionOf(Kind::kTopUp, Direction::kIn, Status::kCompleted).IsSuccessfulUse());
  EXPECT_FALSE(TransactionOf(Kind::kTransfer, Direction::kIn, Status::kCompleted).IsSuccessfulUse());

  Event change;
  change.payload = AccountChange{.change = ChangeKind::kPasswordChanged};
  EXPECT_FALSE(change.IsSuccessfulUse());
}

TEST(EventTest, DedupKeyIsOfSourceAndIdWithoutRunningThemTogether) {
  const auto key = [](const char* source, const char* id) {
    Event event;
    event.source = source;
    event.event_id = EventId(id);
    return event.DedupKey();
  };
  EXPECT_EQ(key("a", "b"), key("a", "b"));
  EXPECT_NE(key("a", "b"), key("b", "a"));
  EXPECT_NE(key("ab", "c"), key("a", "bc"));
  EXPECT_NE(key("", "abc"), key("abc", ""));
}

TEST(EventTest, ClearEmptiesEverythingAndKeepsTheMemoryOfStrings) {
  Event event = TransactionOf(TransactionKind::kPayment, Direction::kOut, TransactionStatus::kCompleted);
  event.event_id = EventId("e");
  event.user_agent = std::string(200, 'x');
  event.device = {.id = "d", .platform = Platform::kIos, .rooted = true, .present = true};
  event.ip = IpAddress::FromV4(1);
  event.clamped = true;
  event.facts.place.city = "Berlin";
  event.facts.network.has_address = true;
  event.facts.device.os_major = 3;
  std::get<Transaction>(event.payload).counterparty.name = std::string(100, 'y');
  std::get<Transaction>(event.payload).cross_border = true;
  const size_t agent_capacity = event.user_agent.capacity();

  event.Clear();
  EXPECT_EQ(event.type, EventType::kTransaction);
  EXPECT_TRUE(event.event_id.empty());
  EXPECT_TRUE(event.user_agent.empty());
  EXPECT_GE(event.user_agent.capacity(), agent_capacity);
  EXPECT_EQ(event.device, ReportedDevice{});
  EXPECT_FALSE(event.ip);
  EXPECT_FALSE(event.clamped);
  EXPECT_TRUE(event.facts.place.city.empty());
  EXPECT_FALSE(event.facts.network.has_address);
  EXPECT_EQ(event.facts.device.os_major, 0);
  ASSERT_TRUE(event.transaction());
  EXPECT_EQ(*event.transaction(), Transaction{});
  EXPECT_GE(event.transaction()->counterparty.name.capacity(), 100u);
}

}  // namespace
}  // namespace tocsin::schemas
