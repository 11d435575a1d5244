// Rows of settings_test.cc: amounts, speed, payees, balances. SGD 1 are CNY 5.
#include <string>
#include <utility>
#include <vector>

#include "tests/support/setting_rows.h"

namespace tocsin::detectors {
namespace {

using schemas::Direction;
using schemas::TransactionKind;
using test::AccountStory;
using test::MoneyOf;
using test::Pay;
using namespace std::chrono_literals;

const Timestamp kNoon = test::At("2026-03-11T12:00:00Z");

void Pays(AccountStory& story, Pay pay) { story.Run(test::Build(std::move(pay))); }
// One a day, the last of them yesterday.
void HasPaid(AccountStory& story, int count, const std::string& amount,
             TransactionKind kind = TransactionKind::kPayment, const std::string& to = "") {
  for (int i = count; i > 0; --i) {
    Pays(
        story,
        {.id = "past-" + std::to_string(i), .at = kNoon - 24h * i, .amount = amount, .kind = kind, .to = to});
  }
}

// ---- Unusual amounts, in payments
void PaysNow(AccountStory& story, const std::string& amount) {
  Pays(story, {.id = "now", .at = kNoon, .amount = amount});
}
void FourAndAHalfTimes(AccountStory& story) {
  HasPaid(story, 40, "CNY 100");
  PaysNow(story, "CNY 450");
}
void AfterTwelvePayments(AccountStory& story) {
  HasPaid(story, 12, "CNY 100");
  PaysNow(story, "CNY 450");
}
void ThirteenTimes(AccountStory& story) {
  HasPaid(story, 40, "CNY 100");
  PaysNow(story, "CNY 1300");
}
void PaidBefore(AccountStory& story) {
  for (int i = 40; i > 0; --i) {
    const std::string amount = i == 40 ? "CNY 450" : "CNY 100";
    Pays(story, {.id = "past-" + std::to_string(i), .at = kNoon - 24h * i, .amount = amount});
  }
  PaysNow(story, "CNY 450");
}
// Of all others one in fifty pays CNY 10000.
void AmongOthers(AccountStory& story) {
  for (int i = 0; i < 1000; ++i) {
    story.population().Learn(test::Build({.id = "other-" + std::to_string(i),
                                          .at = kNoon - 24h,
                                          .amount = i % 50 == 0 ? "CNY 10000" : "CNY 10"}),
                             "");
  }
  PaysNow(story, "CNY 500");
}

// ---- Velocity
void PaysTimes(AccountStory& story, int count, Millis span, const std::string& amount = "CNY 1",
               bool new_payees = false) {
  for (int i = 0; i < count; ++i) {
    Pays(story, {.id = "v" + std::to_string(i),
                 .at = kNoon + span * i / (count - 1),
                 .amount = amount,
                 .to = new_payees ? "payee-" + std::to_string(i) : ""});
  }
}
void SixteenInAnHour(AccountStory& story) { PaysTimes(story, 16, 59min); }
void FortyOneInADay(AccountStory& story) { PaysTimes(story, 41, 23h); }
void MuchInADay(AccountStory& story) { PaysTimes(story, 5, 20h, "CNY 20000.05"); }
void MuchInAnHour(AccountStory& story) { PaysTimes(story, 3, 20min, "CNY 25000"); }
void SixPayees(AccountStory& story) { PaysTimes(story, 6, 10h, "CNY 1", true); }
// Four a day for a month, then fifteen.
void FifteenInsteadOfFour(AccountStory& story) {
  for (int i = 120; i > 0; --i)
    Pays(story, {.id = "past-" + std::to_string(i), .at = kNoon - 6h * (i + 20), .amount = "CNY 1"});
  PaysTimes(story, 15, 23h);
}

// ---- A new payee
void SendsToANewOne(AccountStory& story, const std::string& amount, Millis added_before) {
  story.Run(test::PayeeAdded("added", kNoon - added_before, "new"));
  Pays(story, {.id = "now", .at = kNoon, .amount = amount, .kind = TransactionKind::kTransfer, .to = "new"});
}
void AddedTenHoursBefore(AccountStory& story) { SendsToANewOne(story, "CNY 5000", 10h); }
void AddedJustNow(AccountStory& story) { SendsToANewOne(story, "CNY 5000", 1h); }
void OneInTenToAFriendWasLarge(AccountStory& story) {
  for (int i = 20; i > 0; --i) {
    Pays(story, {.id = "past-" + std::to_string(i),
                 .at = kNoon - 24h * i,
                 .amount = i > 18 ? "CNY 20000" : "CNY 100",
                 .kind = TransactionKind::kTransfer,
                 .to = "friend"});
  }
  SendsToANewOne(story, "CNY 6000", 1h);
}
void TwelveToAFriendWereLarge(AccountStory& story) {
  HasPaid(story, 12, "CNY 20000", TransactionKind::kTransfer, "friend");
  SendsToANewOne(story, "CNY 6000", 1h);
}
void KnownForAMonth(AccountStory& story) {
  story.Run(test::Seen("first", kNoon - 30 * 24h));
  Pays(story,
       {.id = "now", .at = kNoon, .amount = "CNY 6000", .kind = TransactionKind::kTransfer, .to = "new"});
}

// ---- Draining
void Drains(AccountStory& story, const std::string& amount, const std::string& left) {
  Pays(story, {.id = "now",
               .at = kNoon,
               .amount = amount,
               .kind = TransactionKind::kTransfer,
               .balance_after = left});
}
void NineTenths(AccountStory& story) { Drains(story, "CNY 9000.01", "CNY 999.99"); }
// SGD 50000, of which a little more than half.
void HalfOfAFortune(AccountStory& story) { Drains(story, "CNY 130000", "CNY 120000"); }
void AllButALittle(AccountStory& story) { Drains(story, "CNY 9500", "CNY 500"); }
void OneInTenWasLarger(AccountStory& story) {
  for (int i = 20; i > 0; --i) {
    Pays(story, {.id = "past-" + std::to_string(i),
                 .at = kNoon - 24h * i,
                 .amount = i > 18 ? "CNY 20000" : "CNY 100",
                 .kind = TransactionKind::kTransfer});
  }
  AllButALittle(story);
}
void TwelveWereLarger(AccountStory& story) {
  HasPaid(story, 12, "CNY 20000", TransactionKind::kTransfer);
  AllButALittle(story);
}

// ---- Passing on: SGD 1000 from three senders to an account of 30 days, nine tenths of it sent on.
void PassesOn(AccountStory& story) {
  story.Run(test::ProfileOf("profile", kNoon - 1h, {.opened_at = kNoon + 3h - 30 * 24h}));
  const auto receives = [&](const std::string& from, Millis after, const std::string& amount) {
    Pays(story, {.id = "in-" + from,
                 .at = kNoon + after,
                 .amount = amount,
                 .kind = TransactionKind::kTransfer,
                 .direction = Direction::kIn,
                 .to = from});
  };
  receives("a", 0h, "CNY 2000");
  receives("b", 1h, "CNY 2000");
  receives("c", 2h, "CNY 1000");
  Pays(story, {.id = "out",
               .at = kNoon + 3h,
               .amount = "CNY 4500",
               .kind = TransactionKind::kTransfer,
               .to = "onwards"});
}

}  // namespace

std::vector<test::SettingRow> MoneySettings() {
  return {
      {"unusual_amount.z_min",
       3.6,
       "low 1.20",
       3.9,
       "",
       FourAndAHalfTimes,
       {{"unusual_amount.mean_factor", 50.0}}},
      {"unusual_amount.payments_min",
       12,
       "low 1.20",
       13,
       "",
       AfterTwelvePayments,
       {{"unusual_amount.mean_factor", 50.0}}},
      {"unusual_amount.spread_min",
       0.4,
       "low 1.20",
       0.5,
       "",
       FourAndAHalfTimes,
       {{"unusual_amount.mean_factor", 50.0}}},
      {"unusual_amount.population_quantile", 0.97, "low 1.20", 0.99, "", AmongOthers},
      {"unusual_amount.mean_factor",
       4.4,
       "low 1.20",
       4.6,
       "",
       FourAndAHalfTimes,
       {{"unusual_amount.z_min", 10.0}}},
      {"unusual_amount.mean_payments_min",
       5,
       "low 1.20",
       13,
       "",
       AfterTwelvePayments,
       {{"unusual_amount.z_min", 10.0}}},
      {"unusual_amount.paid_before", 0.95, "low 1.20", 0.5, "", PaidBefore},
      {"unusual_amount.far_factor", 12.0, "medium 1.20", 13.1, "low 1.20", ThirteenTimes},
      {"velocity.hour_min", 15, "medium 0.80", 16, "", SixteenInAnHour},
      {"velocity.day_min", 40, "medium 0.80", 41, "", FortyOneInADay},
      {"velocity.sum_min", MoneyOf("SGD 20000.04"), "medium 0.80", MoneyOf("SGD 20000.05"), "", MuchInADay},
      {"velocity.hour_share", 0.74, "medium 0.80", 0.75, "", MuchInAnHour},
      {"velocity.payees_min", 5, "medium 0.80", 6, "", SixPayees},
      {"velocity.factor", 1.0, "medium 0.80", 4.0, "", FifteenInsteadOfFour, {{"velocity.day_min", 10}}},
      {"new_payee_large.age", 10h + 1s, "medium 1.50", 10h, "", AddedTenHoursBefore},
      {"new_payee_large.check_amount", MoneyOf("SGD 1000"), "medium 1.50", MoneyOf("SGD 1000.01"), "",
       AddedJustNow},
      {"new_payee_large.quantile", 0.85, "medium 1.50", 0.95, "", OneInTenToAFriendWasLarge},
      {"new_payee_large.payments_min", 13, "medium 1.50", 12, "", TwelveToAFriendWereLarge},
      {"new_payee_large.history", 30 * 24h, "medium 1.50", 30 * 24h + 1s, "", KnownForAMonth},
      {"account_drain.single_share", 0.9, "medium 2.00", 0.91, "", NineTenths},
      {"account_drain.day_share", 0.51, "high 2.00", 0.53, "", HalfOfAFortune},
      {"account_drain.balance_min", MoneyOf("SGD 50000"), "high 2.00", MoneyOf("SGD 50000.01"), "",
       HalfOfAFortune},
      {"account_drain.check_amount", MoneyOf("SGD 1900"), "medium 2.00", MoneyOf("SGD 1900.01"), "",
       AllButALittle},
      {"account_drain.quantile", 0.85, "medium 2.00", 0.95, "", OneInTenWasLarger},
      {"account_drain.payments_min", 13, "medium 2.00", 12, "", TwelveWereLarger},
      {"pass_through.share_min", 0.9, "medium 1.50", 0.91, "", PassesOn},
      {"pass_through.received_min", MoneyOf("SGD 1000"), "medium 1.50", MoneyOf("SGD 1000.01"), "", PassesOn},
      {"pass_through.senders_min", 3, "medium 1.50", 4, "", PassesOn},
      {"pass_through.age_max", 30 * 24h + 1s, "medium 1.50", 30 * 24h, "", PassesOn},
  };
}

}  // namespace tocsin::detectors
