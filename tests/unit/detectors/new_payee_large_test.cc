#include "detectors/new_payee_large.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/account_story.h"
#include "tests/support/money_events.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::CounterpartyType;
using schemas::TransactionKind;
using schemas::TransactionStatus;
using test::Build;
using test::Pay;

const Timestamp kNoon = test::At("2026-03-11T12:00:00Z");

Pay Sent(std::string id, Timestamp at, std::string amount, std::string to = "stranger") {
  return {.id = std::move(id),
          .at = at,
          .amount = std::move(amount),
          .kind = TransactionKind::kTransfer,
          .to = std::move(to)};
}

// An account known for three weeks that pays a friend CNY 100 now and then. Large: SGD 1000 are CNY 5000.
struct Settled : test::AccountStory {
  explicit Settled(Millis known_for = 21 * 24h) {
    limits().rates = test::Rates();
    Run(test::Seen("first", kNoon - known_for));
    for (int i = 0; i < 12; ++i) {
      if (i * 24h + 24h >= known_for) continue;
      Run(Build(Sent("p" + std::to_string(i), kNoon - 13 * 24h + i * 24h, "CNY 100", "friend")));
    }
  }
};

bool Alerts(test::AccountStory& story, const Pay& pay) {
  return story.Run(Build(pay)).Of("new_payee_large").alert();
}
std::string_view Why(test::AccountStory& story, const Pay& pay) {
  return story.Run(Build(pay)).Of("new_payee_large").why();
}

TEST(NewPayeeLargeTest, TheCheckAmountIsLarge) {
  Settled story;
  EXPECT_FALSE(Alerts(story, Sent("a", kNoon, "CNY 4999.99", "one")));
  EXPECT_TRUE(Alerts(story, Sent("b", kNoon, "CNY 5000.00", "two")));
  EXPECT_EQ(story.Only("new_payee_large").transaction_id, "b");
  EXPECT_EQ(story.Only("new_payee_large").reasons.at(0).usual, "") << "it is not what they usually send";
}

// A seller's many customers do not make the landlord new each month.
TEST(NewPayeeLargeTest, CustomersDoNotMakeAnOldPayeeNew) {
  Settled story;
  std::vector<std::string> found;
  for (int month = 0; month < 4; ++month) {
    const Timestamp at = kNoon + month * 30 * 24h;
    const std::string rent = "rent" + std::to_string(month);
    if (Alerts(story, Sent(rent, at, "CNY 6000", "landlord"))) found.push_back(rent);
    for (int i = 0; i < 60; ++i) {
      const std::string id = std::to_string(month) + "-" + std::to_string(i);
      Pay pay = Sent("in" + id, at + (i + 1) * 10h, "CNY 50", "customer" + id);
      pay.direction = schemas::Direction::kIn;
      story.Run(Build(pay));
    }
  }
  EXPECT_EQ(found, std::vector<std::string>{"rent0"});
}

TEST(NewPayeeLargeTest, APaymentToAPartyIsLikeATransfer) {
  struct Case {
    TransactionKind kind;
    CounterpartyType type;
    bool alerts;
  };
  for (const auto& [kind, type, alerts] :
       {Case{TransactionKind::kPayment, CounterpartyType::kPerson, true},
        Case{TransactionKind::kPayment, CounterpartyType::kWallet, true},
        Case{TransactionKind::kExchange, CounterpartyType::kCrypto, true},
        Case{TransactionKind::kPayment, CounterpartyType::kMerchant, false},
        Case{TransactionKind::kPayment, CounterpartyType::kTerminal, false},
        Case{TransactionKind::kPayment, CounterpartyType::kNone, false}}) {
    SCOPED_TRACE(static_cast<int>(kind) * 100 + static_cast<int>(type));
    Settled story;
    Pay pay = Sent("a", kNoon, "CNY 6000");
    pay.kind = kind;
    pay.to_type = type;
    EXPECT_EQ(Alerts(story, pay), alerts);
  }
}

TEST(NewPayeeLargeTest, ADayAfterTheFirstPaymentItIsAnOldOne) {
  Settled story;
  EXPECT_FALSE(Alerts(story, Sent("a", kNoon, "CNY 1")));
  EXPECT_TRUE(Alerts(story, Sent("b", kNoon + 24h - 1ms, "CNY 6000")));
  EXPECT_FALSE(Alerts(story, Sent("c", kNoon + 24h, "CNY 6000")));
  EXPECT_FALSE(Alerts(story, Sent("d", kNoon + 30 * 24h, "CNY 6000")));
}

TEST(NewPayeeLargeTest, AddingAPayeeIsTheBeginning) {
  Settled story;
  story.Run(test::PayeeAdded("add", kNoon, "stranger"));
  EXPECT_FALSE(Alerts(story, Sent("a", kNoon + 24h, "CNY 6000")));
  Settled quick(1h);
  quick.Run(test::PayeeAdded("add", kNoon, "stranger"));
  EXPECT_TRUE(Alerts(quick, Sent("a", kNoon + 1h, "CNY 6000"))) << "nobody need know the account for that";
}

// A thief adds a payee and sends twice; nobody has known the account for long.
TEST(NewPayeeLargeTest, EveryLargePaymentToAPayeeJustAdded) {
  const Pay first = Sent("a", kNoon + 10min, "CNY 6000");
  const Pay second = Sent("b", kNoon + 13min, "CNY 7000");
  for (const bool late : {false, true}) {
    Settled story(1h);
    story.Run(test::PayeeAdded("add", kNoon, "stranger"));
    story.Run(Build(late ? second : first));
    story.Run(Build(late ? first : second));
    EXPECT_EQ(story.ActiveCauses("new_payee_large"), (std::vector<std::string>{"a", "b"}));
  }
}

// The payments arrived before what says that their payee was added: they are judged with it, as in their
// order.
TEST(NewPayeeLargeTest, AnAddingThatArrivesLateJudgesThePaymentsAfterIt) {
  const schemas::Event added = test::PayeeAdded("add", kNoon, "stranger");
  const std::vector<schemas::Event> paid = {Build(Sent("a", kNoon + 2min, "CNY 6000")),
                                            Build(Sent("b", kNoon + 3min, "CNY 7000")),
                                            Build(Sent("small", kNoon + 3min, "CNY 4000")),
                                            Build(Sent("other", kNoon + 4min, "CNY 6000", "somebody"))};
  Settled right(1h);
  right.Run(added);
  right.RunAll(paid);
  Settled wrong(1h);
  wrong.RunAll(paid);
  EXPECT_TRUE(wrong.ActiveCauses("new_payee_large").empty());
  EXPECT_TRUE(wrong.Run(added).Of("new_payee_large").alert());

  EXPECT_EQ(right.ActiveCauses("new_payee_large"), (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(wrong.ActiveCauses("new_payee_large"), right.ActiveCauses("new_payee_large"));
  for (const auto& [id, claim] : right.active()) {
    if (claim.detector != "new_payee_large") continue;
    const schemas::Claim& late = wrong.active().at(id);
    EXPECT_EQ(late.occurred_at, claim.occurred_at);
    EXPECT_EQ(late.confidence, claim.confidence);
    EXPECT_EQ(late.reasons.at(0).observed, claim.reasons.at(0).observed);
    for (const char* const name : {"amount", "payee_age_hours", "payee_added", "large_from"})
      EXPECT_EQ(test::EvidenceOf(late, name), test::EvidenceOf(claim, name)) << name;
  }
}

TEST(NewPayeeLargeTest, AnAddingSaysNothingOfThePaymentsBeforeIt) {
  const schemas::Event added = test::PayeeAdded("add", kNoon, "stranger");
  const Pay before = Sent("a", kNoon - 1ms, "CNY 6000");
  const Pay at_once = Sent("b", kNoon, "CNY 6000");
  for (const bool late : {false, true}) {
    Settled story(1h);
    if (late) story.Run(added);
    EXPECT_EQ(Why(story, before), kLearning);
    story.Run(Build(at_once));
    if (!late) story.Run(added);
    EXPECT_EQ(story.ActiveCauses("new_payee_large"), std::vector<std::string>{"b"});
  }
}

TEST(NewPayeeLargeTest, WhatWasJudgedIsNotJudgedAgain) {
  Settled known;
  EXPECT_TRUE(Alerts(known, Sent("a", kNoon + 1min, "CNY 6000")));
  EXPECT_FALSE(known.Run(test::PayeeAdded("add", kNoon, "stranger")).Of("new_payee_large").alert());

  Settled twice(1h);
  twice.Run(test::PayeeAdded("add", kNoon, "stranger"));
  EXPECT_TRUE(Alerts(twice, Sent("a", kNoon + 2min, "CNY 6000")));
  EXPECT_FALSE(twice.Run(test::PayeeAdded("again", kNoon + 1min, "stranger")).Of("new_payee_large").alert());
}

TEST(NewPayeeLargeTest, AnAddingThatArrivesLateMakesNobodyNew) {
  Settled story(48h);
  story.Run(Build(Sent("before", kNoon - 24h, "CNY 1")));
  story.Run(Build(Sent("a", kNoon + 1min, "CNY 6000")));
  EXPECT_FALSE(story.Run(test::PayeeAdded("add", kNoon, "stranger")).Of("new_payee_large").alert());
}

// Of one transaction the completion came first, then the adding, then that it had begun before that.
TEST(NewPayeeLargeTest, APaymentThatBeganBeforeTheAddingIsTakenBack) {
  Settled story(1h);
  Pay pay = Sent("t", kNoon + 2min, "CNY 6000");
  pay.event_id = "completed";
  story.Run(Build(pay));
  story.Run(test::PayeeAdded("add", kNoon + 1min, "stranger"));
  EXPECT_EQ(story.ActiveCauses("new_payee_large"), std::vector<std::string>{"completed"});
  pay.at = kNoon;
  pay.event_id = "authorized";
  pay.status = TransactionStatus::kAuthorized;
  EXPECT_EQ(Why(story, pay), kLearning);
  EXPECT_TRUE(story.ActiveCauses("new_payee_large").empty());
}

// A profile's conditions about payments are not applicable to a change.
TEST(NewPayeeLargeTest, AChangeIsNoneOfItsEvents) {
  Settled story;
  const schemas::Event raise = test::LimitChanged("raise", kNoon, "day", "CNY 1000", "CNY 2000");
  EXPECT_EQ(story.Run(raise).Of("new_payee_large").why(), kOtherEvent);
  const schemas::Event added = test::PayeeAdded("add", kNoon, "stranger");
  EXPECT_EQ(story.Run(added).Of("new_payee_large").why(), kOtherEvent);
}

TEST(NewPayeeLargeTest, AnAccountJustMetHasUnknownFriends) {
  Settled story(14 * 24h - 1ms);
  EXPECT_EQ(Why(story, Sent("a", kNoon, "CNY 6000")), kLearning);
  Settled known(14 * 24h);
  EXPECT_TRUE(Alerts(known, Sent("a", kNoon, "CNY 6000")));
}

// Mojaloop's predecessor of Tazama asks it the wrong way round: new is whoever is paid after somebody else
// was. By that rule the friend is new, and the only payee that there ever was is none.
TEST(NewPayeeLargeTest, AFriendIsNotNewBecauseOthersWerePaidToo) {
  Settled story;
  for (int i = 0; i < 5; ++i)
    story.Run(Build(
        Sent("other" + std::to_string(i), kNoon - 47h + i * 1h, "CNY 100", "somebody-" + std::to_string(i))));
  EXPECT_FALSE(Alerts(story, Sent("a", kNoon, "CNY 9000", "friend")));
  EXPECT_FALSE(Alerts(story, Sent("b", kNoon + 10min, "CNY 9000", "somebody-3")));
  EXPECT_TRUE(Alerts(story, Sent("c", kNoon + 20min, "CNY 9000", "stranger")));
  EXPECT_EQ(story.ActiveCauses("new_payee_large"), std::vector<std::string>{"c"});
}
TEST(NewPayeeLargeTest, TheOnlyOneWhoWasEverPaidIsNew) {
  test::AccountStory nobody;
  nobody.limits().rates = test::Rates();
  nobody.Run(test::Seen("weeks ago", kNoon - 21 * 24h));
  EXPECT_TRUE(Alerts(nobody, Sent("a", kNoon, "CNY 9000", "stranger")));
}

TEST(NewPayeeLargeTest, WhoOftenSendsMuchHasAHigherMeasure) {
  Settled story;
  const Population population;
  const LearningConfig learning;
  const Context context{.population = population, .limits = story.limits(), .learning = learning};
  for (int i = 0; i < 300; ++i) {
    const Pay rich = Sent("rich" + std::to_string(i), kNoon + i * 1min, "CNY 20000", "friend");
    LearnMoney(Build(rich), false, context, story.state());
  }
  EXPECT_FALSE(Alerts(story, Sent("a", kNoon + 5h + 1min, "CNY 15000")));
  EXPECT_TRUE(Alerts(story, Sent("b", kNoon + 5h + 2min, "CNY 40000", "other")));
  const schemas::Claim& claim = story.Only("new_payee_large");
  EXPECT_EQ(claim.reasons.at(0).usual, "CNY " + test::EvidenceOf(claim, "large_from"));
}

TEST(NewPayeeLargeTest, WhatIsNoPayee) {
  Settled story;
  Pay shop = Sent("a", kNoon, "CNY 6000");
  shop.kind = TransactionKind::kPayment;
  shop.to_type = CounterpartyType::kMerchant;
  EXPECT_EQ(Why(story, shop), "no_payee");
  Pay terminal = Sent("b", kNoon, "CNY 6000");
  terminal.kind = TransactionKind::kWithdrawal;
  terminal.to_type = CounterpartyType::kTerminal;
  EXPECT_EQ(Why(story, terminal), "no_payee");
  EXPECT_EQ(Why(story, Sent("c", kNoon, "CNY 6000", "")), "no_payee");
  Pay received = Sent("d", kNoon, "CNY 6000");
  received.direction = schemas::Direction::kIn;
  EXPECT_EQ(Why(story, received), "money_in");
  Pay declined = Sent("e", kNoon, "CNY 6000");
  declined.status = TransactionStatus::kDeclined;
  EXPECT_EQ(Why(story, declined), "not_counted");
}

TEST(NewPayeeLargeTest, WithoutARateAndWithoutAHabitNobodyKnows) {
  Settled story;
  EXPECT_EQ(Why(story, Sent("a", kNoon, "KES 600000")), "no_rate");
}

TEST(NewPayeeLargeTest, ASettlementInAnotherCurrencyIsJudged) {
  Settled story;
  Pay pay = Sent("t", kNoon, "USD 1");
  pay.status = TransactionStatus::kAuthorized;
  pay.event_id = "authorized";
  EXPECT_FALSE(Alerts(story, pay));
  pay = Sent("t", kNoon + 1h, "CNY 50000");
  pay.event_id = "completed";
  EXPECT_TRUE(Alerts(story, pay));
  EXPECT_EQ(story.ActiveCauses("new_payee_large"), std::vector<std::string>{"authorized"});
}

// Completed first, authorized afterwards: its beginning arrived last.
TEST(NewPayeeLargeTest, ATransactionIsNamedAfterItsBeginning) {
  Settled account;
  Pay pay = Sent("t", kNoon + 1min, "CNY 6000");
  pay.event_id = "completed";
  account.Run(Build(pay));
  pay.at = kNoon;
  pay.event_id = "authorized";
  pay.status = TransactionStatus::kAuthorized;
  account.Run(Build(pay));
  EXPECT_EQ(account.ActiveCauses("new_payee_large"), std::vector<std::string>{"authorized"});
}

TEST(NewPayeeLargeTest, ATransactionIsOneFinding) {
  Settled story;
  Pay pay = Sent("a", kNoon, "CNY 6000");
  pay.status = TransactionStatus::kAuthorized;
  pay.event_id = "authorized";
  EXPECT_TRUE(Alerts(story, pay));
  pay.status = TransactionStatus::kCompleted;
  pay.event_id = "completed";
  pay.at += 1h;
  EXPECT_FALSE(Alerts(story, pay));
  pay.amount = "CNY 7000";
  pay.event_id = "more";
  pay.at += 1h;
  EXPECT_TRUE(Alerts(story, pay));
  EXPECT_EQ(story.ActiveCauses("new_payee_large"), std::vector<std::string>{"authorized"});
}

}  // namespace
}  // namespace tocsin::detectors
