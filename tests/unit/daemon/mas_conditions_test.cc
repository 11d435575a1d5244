// What Singapore's rule book asks, condition by condition: met, not met, and what only looks like it.
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
using schemas::ChangeKind;
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

Money Sgd(int64_t minor) { return {minor, *Currency::Find("SGD")}; }

// Three months on the phone; the laptop is new at noon.
struct Laptop : Book {
  explicit Laptop(std::string_view condition, const DetectorConfigs& configs = {})
      : Book(condition, configs) {
    for (int day = 90; day > 1; --day) Run(EventBuilder("day" + std::to_string(day), kNoon - day * 24h));
    Run(EventBuilder("new", kNoon).With(test::kLaptop));
  }
};
EventBuilder OnLaptop(std::string_view id, Millis after) {
  EventBuilder builder(id, kNoon + after);
  builder.With(test::kLaptop);
  return builder;
}

TEST(MasCoolingOffTest, TwelveHoursFromTheFirstUse) {
  Laptop account("mas_srf.cooling_off");
  EXPECT_EQ(account.Ask(OnLaptop("a", 1h).Changed(ChangeKind::kPasswordChanged)), "not met: cooling_off");
  EXPECT_EQ(account.Ask(OnLaptop("b", 12h).Changed(ChangeKind::kPayeeAdded)), "met: cooling_off");
  EXPECT_EQ(account.Ask(OnLaptop("c", 12h + 1ms).Changed(ChangeKind::kPayeeAdded)), "not met: cooling_off");
  EXPECT_EQ(account.Ask(test::ProfileOf("d", kNoon + 13h, {})), "not applicable");
}

TEST(MasCoolingOffTest, WhateverPeriodIsConfigured) {
  using detectors::CoolingOff;
  Laptop longer("mas_srf.cooling_off", ConfiguredBy<CoolingOff>([](auto& config) { config.period = 24h; }));
  EXPECT_EQ(longer.Ask(OnLaptop("a", 13h).Changed(ChangeKind::kPayeeAdded)), "not met: cooling_off");
  EXPECT_TRUE(longer.Of("cooling_off").alert());
  Laptop shorter("mas_srf.cooling_off", ConfiguredBy<CoolingOff>([](auto& config) { config.period = 1h; }));
  EXPECT_EQ(shorter.Ask(OnLaptop("a", 5h).Changed(ChangeKind::kPayeeAdded)), "met: cooling_off");
  EXPECT_FALSE(shorter.Of("cooling_off").alert());
}

TEST(MasCoolingOffTest, WhateverAmountIsConfigured) {
  Laptop account("mas_srf.cooling_off", ConfiguredBy<detectors::CoolingOff>(
                                            [](auto& config) { config.check_amount = Sgd(5'000'00); }));
  EXPECT_EQ(account.Ask(OnLaptop("a", 1h).Paid("a", Sgd(1'000'00))), "not met: cooling_off");
  EXPECT_EQ(account.Ask(OnLaptop("b", 14h).Paid("b", Sgd(1'000'01))), "not met: cooling_off");
  Laptop other("mas_srf.cooling_off", ConfiguredBy<detectors::CoolingOff>(
                                          [](auto& config) { config.check_amount = Sgd(5'000'00); }));
  EXPECT_EQ(other.Ask(OnLaptop("a", 1h).Paid("a", Sgd(1'000'01))), "met: cooling_off");
  EXPECT_FALSE(other.Of("cooling_off").alert());
}

TEST(MasCoolingOffTest, WhatCannotBeJudged) {
  Laptop account("mas_srf.cooling_off");
  EXPECT_EQ(account.Ask(OnLaptop("a", 1h).Paid("a", test::MoneyOf("CNY 900000"))),
            "not evaluable: cooling_off no_rate");
  EXPECT_EQ(account.Ask(OnLaptop("b", 2h).Paid("b", Sgd(2'000'00), TransactionStatus::kAuthorized)),
            "met: cooling_off");
  EXPECT_EQ(account.Ask(OnLaptop("c", 3h).Paid("b", Sgd(2'000'00))),
            "not evaluable: cooling_off judged_before");
  Book young("mas_srf.cooling_off");
  EXPECT_EQ(young.Ask(EventBuilder("a", kNoon).Changed(ChangeKind::kPayeeAdded)),
            "not evaluable: cooling_off learning");
}

TEST(MasNewDeviceTest, ALoginAndNoOtherUse) {
  Laptop account("mas_srf.new_device_login");
  EXPECT_EQ(account.Ask(EventBuilder("a", kNoon + 1h)), "not met: new_device");
  EXPECT_EQ(account.Ask(EventBuilder("b", kNoon + 2h).With(test::kStranger).Paid("b", Sgd(1'00))),
            "not applicable");
  EXPECT_TRUE(account.Of("new_device").alert());
  EXPECT_EQ(account.Ask(EventBuilder("c", kNoon + 3h).With(test::kStranger)), "met: new_device");
  EXPECT_EQ(account.Ask(EventBuilder("d", kNoon + 4h).With(test::kStranger).Failed()),
            "not evaluable: new_device not_a_use");
}

TEST(MasHighRiskActivityTest, IsWhatTheEventDoes) {
  Book account("mas_srf.high_risk_activity");
  const auto changed = [&](std::string_view id, ChangeKind kind) {
    return account.Ask(EventBuilder(id, kNoon).Changed(kind));
  };
  EXPECT_EQ(changed("a", ChangeKind::kPayeeAdded), "met: payee_added") << "whatever detectors find";
  EXPECT_EQ(changed("b", ChangeKind::kEmailChanged), "met: email_changed");
  EXPECT_EQ(changed("c", ChangeKind::kPhoneChanged), "met: phone_changed");
  EXPECT_EQ(changed("d", ChangeKind::kPasswordChanged), "not met: password_changed");
  EXPECT_EQ(changed("e", ChangeKind::kNotificationsChanged),
            "not evaluable: notifications_changed on_or_off");
  EXPECT_EQ(account.Ask(EventBuilder("f", kNoon)), "not applicable");
}

TEST(MasHighRiskActivityTest, ALimitThatIsRaised) {
  Book account("mas_srf.high_risk_activity");
  EXPECT_EQ(account.Ask(test::LimitChanged("a", kNoon, "day", "SGD 100", "SGD 100.01")),
            "met: limit_changed");
  EXPECT_EQ(account.Ask(test::LimitChanged("b", kNoon, "day", "SGD 100", "")), "met: limit_changed");
  EXPECT_EQ(account.Ask(test::LimitChanged("c", kNoon, "day", "SGD 100", "SGD 100")),
            "not met: limit_changed");
  Event unknown = test::LimitChanged("d", kNoon, "day", "SGD 100", "SGD 200");
  std::get<schemas::AccountChange>(unknown.payload).limit->previous_minor.reset();
  EXPECT_EQ(account.Ask(unknown), "not evaluable: limit_changed no_previous");
  account.Run(test::ProfileOf("p", kNoon, {.limits = {{.name = "day", .max = Sgd(150'00)}}}));
  unknown.event_id.Assign("e");
  EXPECT_EQ(account.Ask(unknown), "met: limit_changed");
}

TEST(MasHighRiskActivityTest, MoneyAboveTheCheckAmount) {
  Book account("mas_srf.high_risk_activity");
  const auto paid = [&](std::string_view id, std::string amount, TransactionKind kind,
                        Direction direction = Direction::kOut) {
    return account.Ask({.id = std::string(id),
                        .at = kNoon,
                        .amount = std::move(amount),
                        .kind = kind,
                        .direction = direction});
  };
  EXPECT_EQ(paid("a", "SGD 1000.00", TransactionKind::kTransfer), "not met: transfer");
  EXPECT_EQ(paid("b", "SGD 1000.01", TransactionKind::kTransfer), "met: transfer");
  EXPECT_EQ(paid("c", "SGD 9000.00", TransactionKind::kPayment), "not met: payment") << "in a shop";
  EXPECT_EQ(paid("d", "KES 9000.00", TransactionKind::kTransfer), "not evaluable: transfer no_rate");
  EXPECT_EQ(paid("e", "SGD 9000.00", TransactionKind::kTransfer, Direction::kIn), "not applicable");
}

// Signs of a takeover at a login are no activity.
TEST(MasHighRiskActivityTest, ALoginIsNone) {
  detectors::DetectionResult result;
  const auto catalogue = detectors::Catalogue();
  const auto chain = std::ranges::find(catalogue, "takeover_chain", &detectors::DetectorInfo::id);
  result.verdicts[static_cast<size_t>(chain - catalogue.begin())] = detectors::Verdict::Alert({});
  const test::MoneyAccount account;
  constexpr Profile kProfile = Profile::kMasSrf;
  std::vector<schemas::Evidence> evidence;
  AddConditions({&kProfile, 1}, EventBuilder("a", kNoon), account.state, account.context(), result, evidence);
  const auto said = std::ranges::find(evidence, "mas_srf.high_risk_activity", &schemas::Evidence::name);
  EXPECT_EQ(std::get<std::string>(said->value), "not applicable");
}

Pay Sent(std::string id, Timestamp at, std::string amount, std::string balance_after) {
  return {.id = std::move(id),
          .at = at,
          .amount = std::move(amount),
          .kind = TransactionKind::kTransfer,
          .balance_after = std::move(balance_after)};
}

// S$50,000 are CNY 250,000.
struct Balance : Book {
  explicit Balance(const DetectorConfigs& configs = {}) : Book("mas_srf.account_drain", configs) {
    limits().rates = test::Rates();
    // The first balance ever told is where the account's ledger begins.
    Run(Build(Sent("begin", kNoon - 48h, "CNY 1", "CNY 100")));
  }
};

TEST(MasDrainTest, HalfOfALargeBalanceInADay) {
  Balance account;
  EXPECT_EQ(account.Ask(Sent("a", kNoon, "CNY 60000", "CNY 190000")), "not met: account_drain");
  EXPECT_EQ(account.Ask(Sent("b", kNoon + 1h, "CNY 65000", "CNY 125000")), "not met: account_drain")
      << "exactly half";
  EXPECT_EQ(account.Ask(Sent("c", kNoon + 2h, "CNY 0.01", "CNY 124999.99")), "met: account_drain");
  EXPECT_EQ(account.Ask(Sent("d", kNoon + 3h, "CNY 50000", "CNY 74999.99")), "met: account_drain");
  EXPECT_TRUE(account.Of("account_drain").clear()) << "which has told of it";
  EXPECT_EQ(account.Ask(Sent("e", kNoon + 48h, "CNY 10", "CNY 74989.99")), "not met: account_drain");
}

TEST(MasDrainTest, NineTenthsOfASmallBalanceIsNone) {
  Balance account;
  EXPECT_EQ(account.Ask(Sent("a", kNoon, "CNY 9000.01", "CNY 999.99")), "not met: account_drain");
  EXPECT_TRUE(account.Of("account_drain").alert());
  Balance nearly;
  EXPECT_EQ(nearly.Ask(Sent("a", kNoon, "CNY 200000", "CNY 49999.99")), "not met: account_drain");
  Balance large;
  EXPECT_EQ(large.Ask(Sent("a", kNoon, "CNY 200000", "CNY 50000")), "met: account_drain");
}

TEST(MasDrainTest, WhateverIsConfigured) {
  using detectors::AccountDrain;
  Balance loose(ConfiguredBy<AccountDrain>([](auto& config) { config.day_share = 0.9; }));
  EXPECT_EQ(loose.Ask(Sent("a", kNoon, "CNY 180000", "CNY 120000")), "met: account_drain");
  EXPECT_TRUE(loose.Of("account_drain").clear());
  Balance strict(ConfiguredBy<AccountDrain>([](auto& config) { config.balance_min = Sgd(100'00); }));
  EXPECT_EQ(strict.Ask(Sent("a", kNoon, "CNY 600", "CNY 400")), "not met: account_drain");
  EXPECT_TRUE(strict.Of("account_drain").alert());
}

TEST(MasDrainTest, ALatePaymentTakesALaterOneOverTheLine) {
  Balance account;
  EXPECT_EQ(account.Ask(Sent("b", kNoon + 10min, "CNY 120000", "CNY 150000")), "not met: account_drain");
  EXPECT_EQ(account.Ask(Sent("a", kNoon, "CNY 70000", "CNY 270000")), "met: account_drain");
  EXPECT_EQ(account.ActiveCauses("account_drain"), std::vector<std::string>{"b"});
}

TEST(MasDrainTest, WhatCannotBeJudged) {
  Balance account;
  EXPECT_EQ(account.Ask(Sent("a", kNoon, "CNY 900000", "")), "not evaluable: account_drain no_balance");
  EXPECT_EQ(account.Ask(Sent("b", kNoon + 1h, "KES 900000", "KES 0")),
            "not evaluable: account_drain no_rate");
  Pay received = Sent("c", kNoon + 2h, "CNY 9000", "CNY 9000");
  received.direction = Direction::kIn;
  EXPECT_EQ(account.Ask(received), "not evaluable: account_drain money_in");
  EXPECT_EQ(account.Ask(Again(Sent("d", kNoon + 3h, "CNY 9000", "CNY 0"), 0ms, TransactionStatus::kDeclined)),
            "not evaluable: account_drain not_counted");
  EXPECT_EQ(account.Ask(EventBuilder("e", kNoon + 4h)), "not applicable");
}

// The other rule needs no rate once the account is its own measure.
TEST(MasDrainTest, AnAlertWithoutARateSaysNothingOfIt) {
  Book account("mas_srf.account_drain");
  account.limits().rates = test::Rates();
  for (int i = 0; i < 14; ++i) {
    account.Run(Build(Sent("p" + std::to_string(i), kNoon - 20 * 24h + i * 24h, "KES 100", "")));
  }
  EXPECT_EQ(account.Ask(Sent("a", kNoon, "KES 9000", "KES 500")), "not evaluable: account_drain no_rate");
  EXPECT_TRUE(account.Of("account_drain").alert());
}

}  // namespace
}  // namespace tocsin::daemon
