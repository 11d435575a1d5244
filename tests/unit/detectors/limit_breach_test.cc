#include "detectors/limit_breach.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "detectors/limits/judge.h"
#include "tests/support/money_events.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::Direction;
using schemas::TransactionKind;
using schemas::TransactionStatus;
using test::At;
using test::Calendar;
using test::MoneyAccount;
using test::Paid;
using test::Pay;
using test::Rolling;
using test::Single;
using test::Status;
using test::With;

const LimitBreach kBreach{{}};
const Timestamp kNoon = At("2026-03-11T12:00:00Z");  // A Wednesday.

TEST(LimitBreachTest, ALimitForATenantIsForItsAccountsOnly) {
  Limit limit = Single("CNY 100");
  limit.tenant = "eu";
  MoneyAccount account = With(limit);
  Pay nobodys = Paid(kNoon, "CNY 600");
  EXPECT_EQ(account.Judge(kBreach, nobodys).why(), kNoLimits);
  Pay others = Paid(kNoon + 1min, "CNY 600");
  others.tenant = "us";
  EXPECT_EQ(account.Judge(kBreach, others).why(), kNoLimits);
  Pay its = Paid(kNoon + 2min, "CNY 600");
  its.tenant = "eu";
  EXPECT_TRUE(account.Judge(kBreach, its).alert());
}

// ---- One payment after others: a limit of 100

struct Case {
  std::string name;
  Limit limit;
  std::vector<Pay> before;
  Pay last;
  bool breaches = false;
  std::string timezone = "";
  std::string country = "CN";
  std::string tier = "";
  std::string why = "";  // Of a verdict that is not evaluable.
};

class BreachTest : public testing::TestWithParam<Case> {};

TEST_P(BreachTest, IsExact) {
  const Case& tested = GetParam();
  MoneyAccount account = With(tested.limit);
  account.limits.rates = {{.base = *Currency::Find("USD"),
                           .quote = *Currency::Find("CNY"),
                           .mantissa = 7,
                           .as_of = "2026-03-01"}};
  account.state.MutableProfile().owner = {
      .timezone = tested.timezone, .country = tested.country, .tier = tested.tier};
  for (const Pay& pay : tested.before) account.Learn(pay);
  const Verdict verdict = account.Judge(kBreach, tested.last);
  EXPECT_EQ(verdict.alert(), tested.breaches);
  if (!tested.breaches) {
    EXPECT_EQ(verdict.clear() ? "" : verdict.why(), tested.why);
  }
}

Limit Filtered(void (*change)(Limit&)) {
  Limit limit = Rolling("CNY 100");
  change(limit);
  return limit;
}
Limit Outgoing() {
  return Filtered([](Limit& limit) { limit.direction = Direction::kOut; });
}
Limit Transfers() {
  return Filtered([](Limit& limit) {
    limit.kinds = {TransactionKind::kTransfer, TransactionKind::kWithdrawal};
  });
}
Limit Abroad() {
  return Filtered([](Limit& limit) { limit.cross_border = true; });
}
Limit AtHome() {
  return Filtered([](Limit& limit) { limit.cross_border = false; });
}
Limit Basic() {
  return Filtered([](Limit& limit) { limit.tiers = {"basic", "trial"}; });
}
Limit Three() {
  return Filtered([](Limit& limit) {
    limit.max.reset();
    limit.max_count = 3;
  });
}

INSTANTIATE_TEST_SUITE_P(
    Windows, BreachTest,
    testing::Values(Case{"SingleAtTheLimit", Single("CNY 100"), {}, Paid(kNoon, "CNY 100.00"), false},
                    Case{"SingleOneFenOver", Single("CNY 100"), {}, Paid(kNoon, "CNY 100.01"), true},
                    Case{"SingleDoesNotSum",
                         Single("CNY 100"),
                         {Paid(kNoon - 1s, "CNY 100")},
                         Paid(kNoon, "CNY 100"),
                         false},
                    Case{"RollingAtTheLimit",
                         Rolling("CNY 100"),
                         {Paid(kNoon - 1h, "CNY 60")},
                         Paid(kNoon, "CNY 40"),
                         false},
                    Case{"RollingOneFenOver",
                         Rolling("CNY 100"),
                         {Paid(kNoon - 1h, "CNY 60")},
                         Paid(kNoon, "CNY 40.01"),
                         true},
                    Case{"RollingLosesWhatIsExactlyADayOld",
                         Rolling("CNY 100"),
                         {Paid(kNoon - 24h, "CNY 60")},
                         Paid(kNoon, "CNY 60"),
                         false},
                    Case{"RollingHoldsWhatIsAMillisecondLess",
                         Rolling("CNY 100"),
                         {Paid(kNoon - 24h + 1ms, "CNY 60")},
                         Paid(kNoon, "CNY 60"),
                         true},
                    Case{"RollingMinute",
                         Rolling("CNY 100", 1min),
                         {Paid(kNoon - 60s, "CNY 60")},
                         Paid(kNoon, "CNY 60"),
                         false},
                    Case{"DayInUtcByDefault",
                         Calendar(CalendarUnit::kDay, "CNY 100"),
                         {Paid(At("2026-03-10T23:59:59.999Z"), "CNY 60")},
                         Paid(kNoon, "CNY 60"),
                         false},
                    Case{"DayHoldsItsFirstInstant",
                         Calendar(CalendarUnit::kDay, "CNY 100"),
                         {Paid(At("2026-03-11T00:00:00Z"), "CNY 60")},
                         Paid(kNoon, "CNY 60"),
                         true},
                    Case{"DayOfTheAccount",
                         Calendar(CalendarUnit::kDay, "CNY 100"),
                         {Paid(At("2026-03-10T16:00:00Z"), "CNY 60")},
                         Paid(kNoon, "CNY 60"),
                         true,
                         "Asia/Shanghai"},
                    Case{"DayOfTheAccountEnds",
                         Calendar(CalendarUnit::kDay, "CNY 100"),
                         {Paid(kNoon, "CNY 60")},
                         Paid(At("2026-03-11T16:00:00Z"), "CNY 60"),
                         false,
                         "Asia/Shanghai"},
                    Case{"DayOf25Hours",
                         Calendar(CalendarUnit::kDay, "CNY 100"),
                         {Paid(At("2026-10-24T22:00:00Z"), "CNY 60")},
                         Paid(At("2026-10-25T22:59:59.999Z"), "CNY 60"),
                         true,
                         "Europe/Berlin"},
                    Case{"DayOf23Hours",
                         Calendar(CalendarUnit::kDay, "CNY 100"),
                         {Paid(At("2026-03-28T23:00:00Z"), "CNY 60")},
                         Paid(At("2026-03-29T22:00:00Z"), "CNY 60"),
                         false,
                         "Europe/Berlin"},
                    Case{"AnUnknownZoneIsUtc",
                         Calendar(CalendarUnit::kDay, "CNY 100"),
                         {Paid(At("2026-03-10T23:00:00Z"), "CNY 60")},
                         Paid(kNoon, "CNY 60"),
                         false,
                         "Moon/Tycho"},
                    Case{"WeekBeginsOnMonday",
                         Calendar(CalendarUnit::kWeek, "CNY 100"),
                         {Paid(At("2026-03-08T23:59:59Z"), "CNY 60")},
                         Paid(kNoon, "CNY 60"),
                         false},
                    Case{"WeekHoldsMonday",
                         Calendar(CalendarUnit::kWeek, "CNY 100"),
                         {Paid(At("2026-03-09T00:00:00Z"), "CNY 60")},
                         Paid(kNoon, "CNY 60"),
                         true},
                    Case{"MonthWithALeapDay",
                         Calendar(CalendarUnit::kMonth, "CNY 100"),
                         {Paid(At("2028-02-01T00:00:00Z"), "CNY 60")},
                         Paid(At("2028-02-29T23:59:59Z"), "CNY 60"),
                         true},
                    Case{"MonthEnds",
                         Calendar(CalendarUnit::kMonth, "CNY 100"),
                         {Paid(At("2028-02-29T23:59:59Z"), "CNY 60")},
                         Paid(At("2028-03-01T00:00:00Z"), "CNY 60"),
                         false},
                    Case{"YearEnds",
                         Calendar(CalendarUnit::kYear, "CNY 100"),
                         {Paid(At("2026-12-31T23:59:59Z"), "CNY 60")},
                         Paid(At("2027-01-01T00:00:00Z"), "CNY 60"),
                         false},
                    Case{"YearHoldsNewYear",
                         Calendar(CalendarUnit::kYear, "CNY 100"),
                         {Paid(At("2026-01-01T00:00:00Z"), "CNY 60")},
                         Paid(At("2026-12-31T23:59:59Z"), "CNY 60"),
                         true}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Filters, BreachTest,
    testing::Values(
        Case{"OtherKindIsNotCounted",
             Transfers(),
             {Paid(kNoon - 1h, "CNY 60")},
             {.id = "a", .at = kNoon, .amount = "CNY 60", .kind = TransactionKind::kTransfer},
             false},
        Case{"OtherKindIsNotJudged", Transfers(), {}, Paid(kNoon, "CNY 600"), false},
        Case{"SecondKindOfTheList",
             Transfers(),
             {},
             {.id = "a", .at = kNoon, .amount = "CNY 600", .kind = TransactionKind::kWithdrawal},
             true},
        Case{"OtherDirectionIsNotCounted",
             Outgoing(),
             {{.id = "b", .at = kNoon - 1h, .amount = "CNY 60", .direction = Direction::kIn}},
             Paid(kNoon, "CNY 60"),
             false},
        Case{"SameDirectionIs", Outgoing(), {Paid(kNoon - 1h, "CNY 60")}, Paid(kNoon, "CNY 60"), true},
        Case{"ReportedBorder",
             Abroad(),
             {},
             {.id = "a", .at = kNoon, .amount = "CNY 600", .cross_border = true},
             true},
        Case{"ReportedBorderWins",
             Abroad(),
             {},
             {.id = "a", .at = kNoon, .amount = "CNY 600", .cross_border = false, .country = "US"},
             false},
        Case{"BorderByCountry",
             Abroad(),
             {},
             {.id = "a", .at = kNoon, .amount = "CNY 600", .country = "US"},
             true},
        Case{"NoBorderByCountry",
             Abroad(),
             {},
             {.id = "a", .at = kNoon, .amount = "CNY 600", .country = "CN"},
             false},
        Case{"AtHomeByCountry",
             AtHome(),
             {},
             {.id = "a", .at = kNoon, .amount = "CNY 600", .country = "CN"},
             true},
        Case{"UnknownCounterparty",
             Abroad(),
             {},
             Paid(kNoon, "CNY 600"),
             false,
             "",
             "CN",
             "",
             "cross_border_unknown"},
        Case{"UnknownHome",
             Abroad(),
             {},
             {.id = "a", .at = kNoon, .amount = "CNY 600", .country = "US"},
             false,
             "",
             "",
             "",
             "cross_border_unknown"},
        Case{"Tier", Basic(), {}, Paid(kNoon, "CNY 600"), true, "", "CN", "trial"},
        Case{"OtherTier", Basic(), {}, Paid(kNoon, "CNY 600"), false, "", "CN", "gold", "no_limits"},
        Case{"NoTier", Basic(), {}, Paid(kNoon, "CNY 600"), false, "", "CN", "", "no_limits"},
        Case{"ThreeAreAllowed",
             Three(),
             {Paid(kNoon - 3h, "CNY 1"), Paid(kNoon - 2h, "USD 1")},
             Paid(kNoon, "SEK 1"),
             false},
        Case{"AFourthIsNot",
             Three(),
             {Paid(kNoon - 3h, "CNY 1"), Paid(kNoon - 2h, "USD 1"), Paid(kNoon - 1h, "CNY 0")},
             Paid(kNoon, "SEK 1"),
             true},
        Case{"ConvertedAtTheLimit",
             Rolling("CNY 100"),
             {Paid(kNoon - 1h, "USD 10")},
             Paid(kNoon, "CNY 30"),
             false},
        Case{"ConvertedOver",
             Rolling("CNY 100"),
             {Paid(kNoon - 1h, "CNY 30.01")},
             Paid(kNoon, "USD 10"),
             true},
        Case{"NoRate", Rolling("CNY 100"), {}, Paid(kNoon, "SEK 1000"), false, "", "CN", "", "no_rate"},
        Case{"NoRateOfAnEarlierOne",
             Rolling("CNY 100"),
             {Paid(kNoon - 1h, "SEK 1")},
             Paid(kNoon, "CNY 1"),
             false,
             "",
             "CN",
             "",
             "no_rate"},
        Case{"OverEvenWithoutTheOneThatHasNoRate",
             Rolling("CNY 100"),
             {Paid(kNoon - 1h, "SEK 1")},
             Paid(kNoon, "CNY 101"),
             true},
        Case{"NoRateOutsideTheWindow",
             Rolling("CNY 100"),
             {Paid(kNoon - 24h, "SEK 1")},
             Paid(kNoon, "CNY 1"),
             false}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Statuses, BreachTest,
    testing::Values(Case{"AuthorizedCounts",
                         Rolling("CNY 100"),
                         {Status("a", kNoon - 1h, TransactionStatus::kAuthorized)},
                         Paid(kNoon, "CNY 60"),
                         true},
                    Case{"AuthorizedAndCompletedCountOnce",
                         Rolling("CNY 100"),
                         {Status("a", kNoon - 2h, TransactionStatus::kAuthorized)},
                         Status("a", kNoon - 1h, TransactionStatus::kCompleted),
                         false},
                    Case{"DeclinedNeverCounts",
                         Rolling("CNY 100"),
                         {Status("a", kNoon - 1h, TransactionStatus::kDeclined)},
                         Paid(kNoon, "CNY 60"),
                         false},
                    Case{"FailedNeverCounts",
                         Rolling("CNY 100"),
                         {Status("a", kNoon - 1h, TransactionStatus::kFailed)},
                         Paid(kNoon, "CNY 60"),
                         false},
                    Case{"DeclinedIsNotJudged",
                         Rolling("CNY 100"),
                         {},
                         Status("a", kNoon, TransactionStatus::kDeclined, "CNY 600"),
                         false},
                    Case{"ReversedGivesBack",
                         Rolling("CNY 100"),
                         {Status("a", kNoon - 2h, TransactionStatus::kCompleted),
                          Status("a", kNoon - 1h, TransactionStatus::kReversed)},
                         Paid(kNoon, "CNY 60"),
                         false},
                    Case{"ReversedAtTheSameTimeGivesBack",
                         Rolling("CNY 100"),
                         {Status("a", kNoon - 2h, TransactionStatus::kCompleted),
                          Status("a", kNoon, TransactionStatus::kReversed)},
                         Paid(kNoon, "CNY 60"),
                         false},
                    Case{"AuthorizedThenFailedGivesBack",
                         Rolling("CNY 100"),
                         {Status("a", kNoon - 2h, TransactionStatus::kAuthorized),
                          Status("a", kNoon - 1h, TransactionStatus::kFailed)},
                         Paid(kNoon, "CNY 60"),
                         false},
                    Case{"DeclinedThenAuthorizedCounts",
                         Rolling("CNY 100"),
                         {Status("a", kNoon - 2h, TransactionStatus::kDeclined),
                          Status("a", kNoon - 1h, TransactionStatus::kAuthorized)},
                         Paid(kNoon, "CNY 60"),
                         true},
                    Case{"DeclinedAuthorizedReversedGivesBack",
                         Rolling("CNY 100"),
                         {Status("a", kNoon - 3h, TransactionStatus::kDeclined),
                          Status("a", kNoon - 2h, TransactionStatus::kAuthorized),
                          Status("a", kNoon - 1h, TransactionStatus::kReversed)},
                         Paid(kNoon, "CNY 60"),
                         false},
                    Case{"TheCompletedAmountCounts",
                         Rolling("CNY 100"),
                         {Status("a", kNoon - 2h, TransactionStatus::kAuthorized, "CNY 90"),
                          Status("a", kNoon - 1h, TransactionStatus::kCompleted, "CNY 40")},
                         Paid(kNoon, "CNY 60"),
                         false},
                    Case{"CompletedForMoreThanAuthorized",
                         Rolling("CNY 100"),
                         {Status("a", kNoon - 2h, TransactionStatus::kAuthorized)},
                         Status("a", kNoon, TransactionStatus::kCompleted, "CNY 101"),
                         true}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace tocsin::detectors
