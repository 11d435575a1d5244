// What the rule books of Europe and India ask, condition by condition: met, not met, and what only looks like
// it.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/detection/conditions.h"
#include "tests/support/event_builder.h"
#include "tests/support/money_events.h"
#include "tests/support/rule_book.h"

namespace tocsin::daemon {
namespace {

using namespace std::chrono_literals;
using detectors::DetectorConfigs;
using detectors::Limit;
using schemas::CounterpartyType;
using schemas::Direction;
using schemas::Event;
using schemas::TransactionKind;
using schemas::TransactionStatus;
using test::Again;
using test::Book;
using test::Build;
using test::ConfiguredBy;
using test::EventBuilder;
using test::Pay;

const Timestamp kNoon = test::At("2026-03-11T12:00:00Z");

// ---- psd2_art18

Event PaidTo(std::string_view id, std::string_view country, const test::City& from) {
  EventBuilder builder(id, kNoon);
  builder.From(from).Paid(id, {20'00, *Currency::Find("EUR")});
  std::get<schemas::Transaction>(builder.event().payload).counterparty.country = country;
  return builder;
}
DetectorConfigs Listed() {
  return ConfiguredBy<detectors::HighRiskCountry>([](auto& config) { config.countries = "KP, JP"; });
}

TEST(Psd2PayeeLocationTest, WhereThePayeeIs) {
  Book account("psd2_art18.high_risk_payee_location", Listed());
  EXPECT_EQ(account.Ask(PaidTo("a", "KP", test::kBerlin)), "met: high_risk_country");
  EXPECT_EQ(account.Ask(PaidTo("b", "DE", test::kBerlin)), "not met: high_risk_country");
  EXPECT_EQ(account.Ask(PaidTo("c", "KP", test::kTokyo)), "met: high_risk_country");
  EXPECT_EQ(account.Ask(PaidTo("d", "", test::kBerlin)),
            "not evaluable: high_risk_country no_counterparty_country");
  Book nothing("psd2_art18.high_risk_payee_location");
  EXPECT_EQ(nothing.Ask(PaidTo("a", "KP", test::kBerlin)), "not evaluable: high_risk_country no_list");
}

TEST(Psd2PayeeLocationTest, NotWhereThePayerIs) {
  Book account("psd2_art18.high_risk_payee_location", Listed());
  EXPECT_EQ(account.Ask(PaidTo("a", "DE", test::kTokyo)), "not met: high_risk_country");
  EXPECT_TRUE(account.Of("high_risk_country").alert());
  EXPECT_EQ(account.Ask(PaidTo("b", "", test::kTokyo)),
            "not evaluable: high_risk_country no_counterparty_country");
  EXPECT_TRUE(account.Of("high_risk_country").alert());
  EXPECT_EQ(account.Ask(EventBuilder("c", kNoon).From(test::kTokyo)), "not applicable");
  EXPECT_TRUE(account.Of("high_risk_country").alert());
  Event received = PaidTo("d", "KP", test::kBerlin);
  std::get<schemas::Transaction>(received.payload).direction = Direction::kIn;
  EXPECT_EQ(account.Ask(received), "not applicable") << "the account is the payee";
  EXPECT_TRUE(account.Of("high_risk_country").alert());
}

// Detectors have judged the payment when it was authorized, and are silent of its completion.
TEST(Psd2SpendingTest, WhatWasJudgedBeforeIsNotClean) {
  Book account("psd2_art18.abnormal_spending");
  account.Run(test::Seen("first", kNoon - 21 * 24h));
  const Pay pay{.id = "a",
                .at = kNoon,
                .amount = "SGD 5000",
                .status = TransactionStatus::kAuthorized,
                .kind = TransactionKind::kTransfer,
                .to = "stranger"};
  EXPECT_EQ(account.Ask(pay), "met: new_payee_large");
  EXPECT_EQ(account.Ask(Again(pay, 1min)),
            "not evaluable: unusual_amount judged_before, velocity judged_before, "
            "new_payee_large judged_before, account_drain no_balance");
}

// ---- npci_p2p

Pay Receipt(int number, std::string amount) {
  return {.id = "r" + std::to_string(number),
          .at = kNoon + number * 1min,
          .amount = std::move(amount),
          .kind = TransactionKind::kTransfer,
          .direction = Direction::kIn,
          .to = "sender"};
}
// What is said of the last of so many.
std::string AskLast(Book& account, int receipts, const std::string& amount) {
  std::string said;
  for (int i = 0; i < receipts; ++i) said = account.Ask(Receipt(i, amount));
  return said;
}
std::string OfReceipts(int receipts, const std::string& amount) {
  Book account("npci_p2p.limits");
  return AskLast(account, receipts, amount);
}

TEST(NpciLimitsTest, TheRuleBooksLimits) {
  EXPECT_EQ(OfReceipts(25, "INR 2000.00"), "not met: limit_breach");
  EXPECT_EQ(OfReceipts(26, "INR 2000.00"), "met: limit_breach");
  EXPECT_EQ(OfReceipts(50, "INR 1999.99"), "not met: limit_breach");
  EXPECT_EQ(OfReceipts(51, "INR 1999.99"), "met: limit_breach");
  EXPECT_EQ(OfReceipts(4, "INR 100000.00"), "not met: limit_breach");
  EXPECT_EQ(OfReceipts(4, "INR 100000.01"), "met: limit_breach");
}

TEST(NpciLimitsTest, ABreachOfAnotherLimitIsNone) {
  Book account("npci_p2p.limits");
  account.limits().limits = {test::Single("INR 1000")};
  EXPECT_EQ(account.Ask(Receipt(0, "INR 1500")), "not met: limit_breach");
  EXPECT_TRUE(account.Of("limit_breach").alert());
  Pay sent = Receipt(1, "INR 500000");
  sent.direction = Direction::kOut;
  EXPECT_EQ(account.Ask(sent), "not applicable");
  EXPECT_TRUE(account.Of("limit_breach").alert());
  Pay payment = Receipt(2, "INR 500000");
  payment.kind = TransactionKind::kRefund;
  EXPECT_EQ(account.Ask(payment), "not applicable");
}

// Nor is one that the configuration, or the account's profile, sets under the rule's name.
TEST(NpciLimitsTest, TheNumbersAreTheRuleBooks) {
  const auto replaced = [](int64_t count) {
    return Limit{.name = "npci-p2p-receipts",
                 .direction = Direction::kIn,
                 .window = Limit::Window::kRolling,
                 .rolling = 24h,
                 .max_count = count};
  };
  Book strict("npci_p2p.limits");
  strict.limits().limits = {replaced(1)};
  EXPECT_EQ(AskLast(strict, 2, "INR 5000"), "not met: limit_breach");
  EXPECT_TRUE(strict.Of("limit_breach").alert());
  Book loose("npci_p2p.limits");
  loose.limits().limits = {replaced(100)};
  EXPECT_EQ(AskLast(loose, 26, "INR 5000"), "met: limit_breach");
  EXPECT_FALSE(loose.Of("limit_breach").alert());

  Book own("npci_p2p.limits");
  constexpr Profile kProfile = Profile::kNpciP2p;
  AddProfileLimits({&kProfile, 1}, own.limits());
  own.Run(test::ProfileOf("p", kNoon - 1h,
                          {.limits = {{.name = "npci-p2p-receipts", .max = test::MoneyOf("INR 3000")}}}));
  EXPECT_EQ(own.Ask(Receipt(0, "INR 5000")), "not met: limit_breach");
  EXPECT_TRUE(own.Of("limit_breach").alert());
}

TEST(NpciLimitsTest, WhatCannotBeJudged) {
  EXPECT_EQ(OfReceipts(1, "USD 5000"), "not evaluable: limit_breach no_rate");
  Book account("npci_p2p.limits");
  AskLast(account, 25, "INR 5000");
  Pay last = Receipt(25, "INR 5000");
  last.status = TransactionStatus::kAuthorized;
  EXPECT_EQ(account.Ask(last), "met: limit_breach");
  EXPECT_EQ(account.Ask(Again(last, 1min)), "not evaluable: limit_breach judged_before");
  EXPECT_EQ(account.Ask(EventBuilder("login", kNoon + 1h)), "not applicable");
}

// Known for so long; S$1,000 are INR 65,000.
struct Payer : Book {
  explicit Payer(Millis known_for = 21 * 24h) : Book("npci_p2p.first_payment_to_payee") {
    limits().rates = {
        {.base = *Currency::Find("SGD"), .quote = *Currency::Find("INR"), .mantissa = 65, .scale = 0}};
    Run(test::Seen("first", kNoon - known_for));
  }
};
Pay To(std::string payee, Millis after, std::string amount) {
  return {.id = payee + std::to_string(after.count()),
          .at = kNoon + after,
          .amount = std::move(amount),
          .kind = TransactionKind::kTransfer,
          .to = std::move(payee)};
}
constexpr std::string_view kFirst = "met: first_payment";
constexpr std::string_view kNotFirst = "not met: first_payment";

TEST(NpciFirstPaymentTest, MoreThanTwoThousandRupees) {
  Payer account;
  EXPECT_EQ(account.Ask(To("a", 0ms, "INR 2000.00")), kNotFirst);
  EXPECT_EQ(account.Ask(To("b", 1h, "INR 2000.01")), kFirst);
  EXPECT_EQ(account.Ask(To("c", 2h, "INR 50000.00")), kFirst);
  EXPECT_TRUE(account.Of("new_payee_large").clear()) << "which asks from S$1,000 on";
  EXPECT_EQ(account.Ask(To("d", 3h, "SGD 30.76")), kNotFirst);
  EXPECT_EQ(account.Ask(To("e", 4h, "SGD 30.78")), kFirst);
}

TEST(NpciFirstPaymentTest, OnlyTheFirst) {
  Payer account(60 * 24h);
  EXPECT_EQ(account.Ask(To("a", -30 * 24h, "INR 70000")), kFirst);
  EXPECT_EQ(account.Ask(To("a", -30 * 24h + 1h, "INR 70000")), kNotFirst);
  EXPECT_TRUE(account.Of("new_payee_large").alert()) << "which asks for a day";
  account.Run(Build(To("b", -1h, "INR 1")));
  EXPECT_EQ(account.Ask(To("a", 0ms, "INR 70000")), kNotFirst);
}

TEST(NpciFirstPaymentTest, HoweverLongAgoThePayeeWasAdded) {
  Payer account;
  account.Run(test::PayeeAdded("add", kNoon - 7 * 24h, "a"));
  EXPECT_EQ(account.Ask(To("a", 0ms, "INR 70000")), kFirst);
  EXPECT_TRUE(account.Of("new_payee_large").clear()) << "which asks for a day";
}

TEST(NpciFirstPaymentTest, ByTheTimeOfThePayment) {
  Payer account;
  Pay later = To("a", 1h, "INR 5000");
  later.status = TransactionStatus::kAuthorized;
  EXPECT_EQ(account.Ask(later), kFirst);
  EXPECT_EQ(account.Ask(Again(later, 1min)), kFirst) << "it is the same payment";
  EXPECT_EQ(account.Ask(To("a", 0ms, "INR 5000")), kFirst) << "it came late";
  EXPECT_EQ(account.Ask(To("a", 2h, "INR 5000")), kNotFirst);
}

TEST(NpciFirstPaymentTest, BetweenPeople) {
  Payer account;
  EXPECT_EQ(account.Ask(Receipt(0, "INR 5000")), "not applicable");
  EXPECT_EQ(account.Ask(EventBuilder("login", kNoon + 1h)), "not applicable");
  Pay cash = To("a", 2h, "INR 5000");
  cash.kind = TransactionKind::kWithdrawal;
  cash.to_type = CounterpartyType::kTerminal;
  EXPECT_EQ(account.Ask(cash), "not applicable");
  Pay shopping = To("b", 3h, "INR 5000");
  shopping.kind = TransactionKind::kPayment;
  shopping.to_type = CounterpartyType::kMerchant;
  EXPECT_EQ(account.Ask(shopping), "not applicable");
  Pay to_person = To("c", 4h, "INR 5000");
  to_person.kind = TransactionKind::kPayment;
  EXPECT_EQ(account.Ask(to_person), kFirst);
}

TEST(NpciFirstPaymentTest, WhatCannotBeJudged) {
  Payer young(13 * 24h);
  EXPECT_EQ(young.Ask(To("a", 0ms, "INR 5000")), "not evaluable: first_payment learning");
  EXPECT_EQ(young.Ask(To("b", 1h, "INR 500")), kNotFirst);
  young.Run(test::PayeeAdded("add", kNoon + 2h, "c"));
  EXPECT_EQ(young.Ask(To("c", 3h, "INR 5000")), kFirst);

  Payer account;
  EXPECT_EQ(account.Ask(To("", 0ms, "INR 5000")), "not evaluable: first_payment no_payee");
  EXPECT_EQ(account.Ask(To("a", 1h, "USD 5000")), "not evaluable: first_payment no_rate");
  EXPECT_EQ(account.Ask(To("a", 2h, "USD 5000")), kNotFirst);
  Pay declined = To("b", 3h, "INR 5000");
  declined.status = TransactionStatus::kDeclined;
  EXPECT_EQ(account.Ask(declined), "not evaluable: first_payment not_counted");
}

TEST(NpciFirstPaymentTest, WhatIsNoLongerKnown) {
  Payer account;
  account.Run(test::PayeeAdded("add", kNoon - 7 * 24h, "a"));
  account.Run(Build(To("b", -1h, "INR 1")));
  Pay pay = To("a", 0ms, "INR 5000");
  pay.status = TransactionStatus::kAuthorized;
  EXPECT_EQ(account.Ask(pay), kFirst);
  EXPECT_EQ(account.Ask(Again(pay, 1min)), "not evaluable: first_payment no_history");

  Payer busy;
  for (int i = 0; i < 48; ++i) busy.Run(Build(To("p" + std::to_string(i), -24h + i * 1min, "INR 1")));
  EXPECT_EQ(busy.Ask(To("another", 0ms, "INR 5000")), "not evaluable: first_payment saturated");
}

}  // namespace
}  // namespace tocsin::daemon
