#include "detectors/pass_through.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/account_story.h"
#include "tests/support/money_events.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::Direction;
using schemas::TransactionKind;
using test::Build;
using test::Pay;

const Timestamp kNoon = test::At("2026-03-11T12:00:00Z");

Pay Received(const std::string& from, Timestamp at, std::string amount) {
  return {.id = "in-" + from,
          .at = at,
          .amount = std::move(amount),
          .kind = TransactionKind::kTransfer,
          .direction = Direction::kIn,
          .to = from};
}
Pay Sent(std::string id, Timestamp at, std::string amount) {
  return {.id = std::move(id),
          .at = at,
          .amount = std::move(amount),
          .kind = TransactionKind::kTransfer,
          .to = "onwards"};
}

struct PassedCase {
  std::string name;
  std::vector<Pay> pays;
  std::vector<std::string> causes;
  Millis age = 30 * 24h;
};
class PassThroughTest : public testing::TestWithParam<PassedCase> {};

// Worth speaking of is SGD 1000: CNY 5000.
TEST_P(PassThroughTest, IsJudged) {
  test::AccountStory story;
  story.limits().rates = test::Rates();
  story.Run(test::ProfileOf("profile", kNoon - 1h, {.opened_at = kNoon - GetParam().age}));
  for (const Pay& pay : GetParam().pays) story.Run(Build(pay));
  EXPECT_EQ(story.ActiveCauses("pass_through"), GetParam().causes);
}

const std::vector<Pay> kThree = {Received("a", kNoon, "CNY 2000"), Received("b", kNoon + 1h, "CNY 2000"),
                                 Received("c", kNoon + 2h, "CNY 1000")};
Pay AsPayment(Pay pay) {
  pay.kind = TransactionKind::kPayment;
  return pay;
}
std::vector<Pay> And(std::vector<Pay> pays, Pay pay) {
  pays.push_back(std::move(pay));
  return pays;
}

INSTANTIATE_TEST_SUITE_P(
    Cases, PassThroughTest,
    testing::Values(
        PassedCase{"NineTenths", And(kThree, Sent("x", kNoon + 3h, "CNY 4500")), {"x"}},
        PassedCase{"ReceivedAsPayments",
                   And({AsPayment(kThree[0]), AsPayment(kThree[1]), AsPayment(kThree[2])},
                       Sent("x", kNoon + 3h, "CNY 4500")),
                   {"x"}},
        PassedCase{"LessThanNineTenths", And(kThree, Sent("x", kNoon + 3h, "CNY 4490")), {}},
        PassedCase{"InParts",
                   And(And(kThree, Sent("x", kNoon + 3h, "CNY 2500")), Sent("y", kNoon + 4h, "CNY 2000")),
                   {"y"}},
        PassedCase{"TooLittle",
                   {Received("a", kNoon, "CNY 2000"), Received("b", kNoon + 1h, "CNY 2000"),
                    Received("c", kNoon + 2h, "CNY 990"), Sent("x", kNoon + 3h, "CNY 4999")},
                   {}},
        PassedCase{"TwoSenders",
                   {Received("a", kNoon, "CNY 4000"), Received("b", kNoon + 1h, "CNY 2000"),
                    Sent("x", kNoon + 3h, "CNY 6000")},
                   {}},
        PassedCase{"ADayLater", And(kThree, Sent("x", kNoon + 24h, "CNY 5000")), {}},
        PassedCase{"JustInTime", And(kThree, Sent("x", kNoon + 24h - 1ms, "CNY 5000")), {"x"}},
        PassedCase{"SpentBeforeItCame",
                   {Sent("x", kNoon - 1h, "CNY 5000"), kThree[0], kThree[1], kThree[2],
                    Sent("y", kNoon + 3h, "CNY 100")},
                   {}},
        PassedCase{"AReceiptArrivesLast",
                   {kThree[0], kThree[2], Sent("x", kNoon + 3h, "CNY 4600"), kThree[1]},
                   {"x"}},
        PassedCase{"AnOldAccount", And(kThree, Sent("x", kNoon + 3h, "CNY 5000")), {}, 90 * 24h},
        PassedCase{"NotYetOld", And(kThree, Sent("x", kNoon + 3h, "CNY 5000")), {"x"}, 90 * 24h - 4h}),
    [](const auto& tested) { return tested.param.name; });

TEST(PassThroughTest, IsToldAsTheOwnerCounts) {
  test::AccountStory story;
  story.limits().rates = test::Rates();
  story.Run(test::ProfileOf("profile", kNoon - 1h, {.opened_at = kNoon - 30 * 24h}));
  for (const Pay& pay : And(kThree, Sent("x", kNoon + 3h, "CNY 4500"))) story.Run(Build(pay));
  const schemas::Reason& reason = story.Only("pass_through").reasons.at(0);
  EXPECT_EQ(reason.observed, "CNY 4500.00 in 24 h");
  EXPECT_EQ(reason.usual, "CNY 5000.00");
}

TEST(PassThroughTest, FriendsWhoPayAgainAreNotNew) {
  test::AccountStory story;
  story.limits().rates = test::Rates();
  story.Run(test::ProfileOf("profile", kNoon - 240h, {.opened_at = kNoon - 300h}));
  for (int i = 0; i < 3; ++i) {
    Pay earlier = Received(std::string(1, static_cast<char>('a' + i)), kNoon - 200h, "CNY 10");
    earlier.id += "-earlier";
    story.Run(Build(earlier));
  }
  for (const Pay& pay : kThree) story.Run(Build(pay));
  EXPECT_TRUE(story.Run(Build(Sent("x", kNoon + 3h, "CNY 5000"))).Of("pass_through").clear());
}

TEST(PassThroughTest, WithoutAnAgeNobodyKnows) {
  test::AccountStory story;
  EXPECT_EQ(story.Run(Build(kThree[0])).Of("pass_through").why(), "age_unknown");
}

}  // namespace
}  // namespace tocsin::detectors
