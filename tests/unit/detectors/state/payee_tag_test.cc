// Which payee a payment of the last days went to.
#include <gtest/gtest.h>

#include <string>

#include "detectors/state/money.h"
#include "detectors/state/payees.h"
#include "tests/support/money_events.h"
#include "tests/support/segment_codec.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::Direction;
using schemas::TransactionKind;
using schemas::TransactionStatus;
using test::MoneyAccount;
using test::Pay;

const Timestamp kNoon = test::At("2026-03-11T12:00:00Z");

// A payee costs two bytes of the payments to it, and none of others.
TEST(PayeeTagTest, APayeeIsSmall) {
  const auto bytes_of = [](TransactionKind kind, schemas::CounterpartyType type) {
    MoneyAccount account;
    for (int i = 0; i < 100; ++i) {
      account.Learn({.id = "tx" + std::to_string(i),
                     .at = kNoon + i * 1h,
                     .kind = kind,
                     .to = "payee-" + std::to_string(i % 7),
                     .to_type = type});
    }
    return test::Encoded(account.state, Segment::kMoney).size();
  };
  using enum schemas::CounterpartyType;
  const size_t shop = bytes_of(TransactionKind::kPayment, kMerchant);
  EXPECT_EQ(bytes_of(TransactionKind::kTransfer, kPerson), shop + 200);
  EXPECT_EQ(bytes_of(TransactionKind::kTransfer, kMerchant), shop);
}

// Whoever says that a payment is completed need not say again to whom.
TEST(PayeeTagTest, WhoIsPaidIsKnownWhicheverEventNamesThem) {
  Pay authorized{
      .id = "t", .at = kNoon, .status = TransactionStatus::kAuthorized, .event_id = "a", .to = "p"};
  const Pay completed{.id = "t", .at = kNoon + 1min, .event_id = "c"};
  MoneyAccount right;
  right.Learn(authorized);
  right.Learn(completed);
  EXPECT_EQ(right.state.money().entries.at(0).payee_tag, PayeeTag(PayeeKey("p")));
  MoneyAccount wrong;
  wrong.Learn(completed);
  EXPECT_EQ(wrong.state.money().entries.at(0).payee_tag, 0);
  wrong.Learn(authorized);
  EXPECT_EQ(wrong.state.money(), right.state.money());
  test::ExpectRoundTrip(right.state, Segment::kMoney);

  authorized.direction = Direction::kIn;
  MoneyAccount incoming;
  incoming.Learn(authorized);
  EXPECT_EQ(incoming.state.money().entries.at(0).payee_tag, 0) << "who pays is not paid";
}

}  // namespace
}  // namespace tocsin::detectors
