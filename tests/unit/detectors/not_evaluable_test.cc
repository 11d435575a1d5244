// What a detector cannot look at it says: for each detector and each fact that its page says it needs, an
// event (or an account) without it is not clear, and the same with it is judged. "Could not look" and
// "nothing there" are two answers, for all of the catalogue.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/support/detector_page.h"
#include "tests/support/money_events.h"
#include "tests/support/settled_account.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::ChangeKind;
using schemas::Direction;
using schemas::Event;
using schemas::FailureReason;
using schemas::Missing;
using schemas::TransactionStatus;
using test::AccountStory;
using test::Build;
using test::EventBuilder;
using test::kNoon;
using test::Pay;

constexpr auto kDay = 24h;
using Live = void (*)(AccountStory&);

struct Lack {
  std::string name;
  std::string_view detector;
  std::string_view reason;
  Live live = nullptr;  // What was before.
  Event without;
  Event with;
  Live live_with = nullptr;  // Where it is the account that lacks it: one that does not.
};
std::ostream& operator<<(std::ostream& out, const Lack& lack) { return out << lack.name; }

// ---- Events

// A login that lacks nothing.
EventBuilder Use(Timestamp at = kNoon) {
  EventBuilder builder("now", at);
  builder.event().session_id = "session-1";
  builder.event().timezone = "Europe/Berlin";
  return builder;
}
// As enrichment leaves an event of whose address nothing is known.
EventBuilder Unplaced(Missing why, Timestamp at = kNoon) {
  EventBuilder builder = Use(at);
  schemas::Event& event = builder.Nowhere(why).event();
  if (why == Missing::kNoAddress) return builder;
  event.ip = IpAddress::Parse(why == Missing::kPrivate ? "10.1.2.3" : test::kHomeLine.address);
  event.facts.network.has_address = true;
  event.facts.network.address = *event.ip;
  if (why == Missing::kPrivate) event.facts.network.network_class = schemas::NetworkClass::kPrivate;
  return builder;
}
EventBuilder InZone(std::string_view zone) {
  EventBuilder builder = Use();
  builder.event().timezone = zone;
  return builder;
}
EventBuilder WithoutSession() {
  EventBuilder builder = Use();
  builder.event().session_id.clear();
  return builder;
}
// As where only the database of systems is there.
EventBuilder WithoutCity(EventBuilder builder) {
  builder.event().facts.place = {.missing = Missing::kNoDatabase};
  return builder;
}
EventBuilder ToCountry(std::string_view country) {
  EventBuilder builder = Use();
  builder.Paid("t", test::MoneyOf("CNY 1"));
  std::get<schemas::Transaction>(builder.event().payload).counterparty.country = country;
  return builder;
}
Pay Sent(std::string amount, std::string balance_after = "") {
  return {.id = "now",
          .at = kNoon,
          .amount = std::move(amount),
          .kind = schemas::TransactionKind::kTransfer,
          .to = "payee",
          .balance_after = std::move(balance_after)};
}
Pay In(Pay pay, Direction direction) { return pay.direction = direction, pay; }
Pay In(Pay pay, TransactionStatus status) { return pay.status = status, pay; }
Pay WithBorder(Pay pay) { return pay.cross_border = false, pay; }
Pay ToNobody(Pay pay) { return pay.to.clear(), pay; }

// ---- Accounts

void Nothing(AccountStory& /*story*/) {}
void Young(AccountStory& story) { story.Run(EventBuilder("first", kNoon - 1h)); }
void Settled(AccountStory& story) { test::Settle(story); }
void Deviceless(AccountStory& story) {
  for (int day = 30; day > 0; --day)
    story.Run(EventBuilder("day" + std::to_string(day), kNoon - day * kDay).WithoutDevice());
}
void AmongMany(AccountStory& story) {
  for (int i = 0; i < 2000; ++i) story.population().Learn(EventBuilder("p", kNoon), "");
  Settled(story);
}
void InASession(AccountStory& story) {
  Settled(story);
  EventBuilder first = Use(kNoon - 1h);
  first.event().event_id.Assign("first");
  story.Run(first);
}
void InASessionOfNoNetwork(AccountStory& story) {
  Settled(story);
  EventBuilder first = Use(kNoon - 1h);
  first.event().event_id.Assign("first");
  first.event().facts.network.asn = 0;
  story.Run(first);
}
void Guessed(AccountStory& story) {
  for (int i = 0; i < 9; ++i)
    story.Run(EventBuilder("f" + std::to_string(i), kNoon - 1min)
                  .Failed()
                  .Nowhere(Missing::kNoAddress)
                  .WithoutDevice());
}
void WithRates(AccountStory& story) { story.limits().rates = test::Rates(); }
void KnownForWeeks(AccountStory& story) {
  WithRates(story);
  story.Run(test::Seen("first", kNoon - 21 * kDay));
}
void JustMet(AccountStory& story) {
  WithRates(story);
  story.Run(test::Seen("first", kNoon - 1h));
}
void OnANewDevice(AccountStory& story) {
  WithRates(story);
  Settled(story);
  story.Run(EventBuilder("new", kNoon - 1h).With(test::kStranger));
}
void UsedToPay(AccountStory& story) {
  for (int day = 12; day > 0; --day)
    story.Run(Build({.id = "past" + std::to_string(day),
                     .at = kNoon - day * kDay,
                     .amount = "CNY 100",
                     .kind = schemas::TransactionKind::kTransfer}));
}
void Limited(AccountStory& story, Limit limit) {
  WithRates(story);
  limit.warn_at = 0.8;
  story.limits().limits = {std::move(limit)};
}
void ByTheDay(AccountStory& story) { Limited(story, test::Rolling("CNY 1000")); }
void ByTheBorder(AccountStory& story) {
  Limit limit = test::Rolling("CNY 1000");
  limit.cross_border = true;
  Limited(story, std::move(limit));
}
void OneByOne(AccountStory& story) {
  Limited(story, test::Single("CNY 1000"));
  story.Run(Build({.id = "earlier", .at = kNoon - 2h, .amount = "CNY 1"}));
}
// As when more transactions came than are kept.
void Forget(AccountStory& story) { story.state().MutableMoney().forgotten_until = kNoon - 1min; }
void ByTheDayForgotten(AccountStory& story) { ByTheDay(story), Forget(story); }
void OneByOneForgotten(AccountStory& story) { OneByOne(story), Forget(story); }
void Raised(AccountStory& story) {
  ByTheDay(story);
  story.Run(test::LimitChanged("raise", kNoon - 1h, "rolling", "CNY 1000", "CNY 2000"));
}
void RaisedForgotten(AccountStory& story) { Raised(story), Forget(story); }
void Opened(AccountStory& story) {
  WithRates(story);
  story.Run(test::ProfileOf("profile", kNoon - 5h, {.opened_at = kNoon - 30 * kDay}));
}
void PaidByThree(AccountStory& story) {
  Opened(story);
  for (const std::string from : {"a", "b", "c"}) {
    Pay pay = Sent("CNY 2000");
    pay.id = "in-" + from;
    pay.at = kNoon - 4h;
    pay.to = from;
    story.Run(Build(In(pay, Direction::kIn)));
  }
}
void PaidByThreeForgotten(AccountStory& story) { PaidByThree(story), Forget(story); }

// ---- The table

class Table {
 public:
  void Add(std::string_view detector, std::string_view reason, Live live, Event without, Event with,
           Live live_with = nullptr) {
    const auto same = std::ranges::count_if(
        rows_, [&](const Lack& known) { return known.detector == detector && known.reason == reason; });
    rows_.push_back({.name = std::string(detector) + "__" + std::string(reason) +
                             (same == 0 ? "" : "_" + std::to_string(same + 1)),
                     .detector = detector,
                     .reason = reason,
                     .live = live,
                     .without = std::move(without),
                     .with = std::move(with),
                     .live_with = live_with});
  }
  [[nodiscard]] std::vector<Lack> Take() { return std::move(rows_); }

 private:
  std::vector<Lack> rows_;
};

constexpr std::pair<std::string_view, Missing> kAddresses[] = {{kNoAddress, Missing::kNoAddress},
                                                               {kPrivateAddress, Missing::kPrivate},
                                                               {kNoDatabase, Missing::kNoDatabase},
                                                               {kNotInDatabase, Missing::kNotFound}};
// Those that compare where a use came from.
constexpr std::string_view kOfPlaces[] = {"impossible_travel", "new_country",       "new_region",
                                          "new_network",       "anonymous_network", "concurrent_places",
                                          "session_moved",     "locale_mismatch"};
constexpr std::string_view kOfDevices[] = {"new_device", "device_tampered"};

void AddUses(Table& table) {
  for (const std::string_view detector : kOfPlaces) {
    for (const auto& [reason, why] : kAddresses) table.Add(detector, reason, Settled, Unplaced(why), Use());
    table.Add(detector, kNotAUse, Settled, Use().Failed(), Use());
  }
  for (const std::string_view detector : kOfDevices) {
    table.Add(detector, kNoDevice, Settled, Use().WithoutDevice(), Use());
    table.Add(detector, kNotAUse, Settled, Use().Failed(), Use());
  }
  for (const auto& [reason, why] : kAddresses) {
    table.Add("high_risk_country", reason, Nothing, Unplaced(why), Use());
    table.Add("login_rarity", reason, AmongMany, Unplaced(why).WithoutDevice(), Use());
  }
  table.Add("login_rarity", kNotAUse, AmongMany, Use().Failed(), Use());
  table.Add("login_rarity", "small_population", Settled, Use(), Use(), AmongMany);
  table.Add("high_risk_country", kNotAUse, Nothing, Use().Failed(), Use());
  table.Add("high_risk_country", "no_list", Nothing, Use(), Use());
  table.Add("high_risk_country", "no_counterparty_country", Nothing, ToCountry(""), ToCountry("DE"));
  for (const std::string_view detector : {"impossible_travel", "concurrent_places"})
    table.Add(detector, "anonymised", Settled, Use().Via(test::kVpn), Use());
  const test::City country{"", "", "DE", 51, 10, 500, schemas::Precision::kCountry};
  for (const std::string_view detector : {"impossible_travel", "concurrent_places", "new_region"})
    table.Add(detector, kCountryOnly, Settled, Use().From(country), Use());
  for (const std::string_view detector : {"concurrent_places", "session_moved"})
    table.Add(detector, "no_session", Settled, WithoutSession(), Use());
  const EventBuilder moved = Use().Via(test::kOtherLine);
  table.Add("session_moved", kNoDevice, InASession, WithoutCity(moved).WithoutDevice(), moved);
  table.Add("session_moved", kNoDevice, InASession, WithoutCity(moved).WithoutDevice(), WithoutCity(moved));
  table.Add("session_moved", kNotInDatabase, InASessionOfNoNetwork, moved, moved, InASession);
  const test::City nowhere{"", "", "XX", 0, 0};
  for (const Event& event : {Event(InZone("")), Event(InZone("Mars/Olympus")), Event(Use().From(nowhere))})
    table.Add("locale_mismatch", "no_time_zone", Settled, event, Use());
  table.Add("guessed_in", kNoAddress, Guessed, Use().Nowhere().WithoutDevice(), Use());
  table.Add("unusual_hour", kNotAUse, Settled, Use().Failed(), Use());
  table.Add("dormant_reactivation", kNotAUse, Settled, Use().Failed(), Use());
  table.Add("dormant_reactivation", kNoDevice, Settled, Use(kNoon + 119 * kDay).WithoutDevice(),
            Use(kNoon + 119 * kDay));
  const EventBuilder half = Use().Failed(FailureReason::kMfaFailed).With(test::kStranger);
  table.Add("partial_success", kNoDevice, Settled, EventBuilder(half).Nowhere().WithoutDevice(), half);
  table.Add("takeover_chain", kNoDevice, Settled, Use().Nowhere().WithoutDevice(), Use());
  const EventBuilder added = Use().Changed(ChangeKind::kPayeeAdded);
  table.Add("cooling_off", kNoDevice, Deviceless, EventBuilder(added).WithoutDevice(), added);
}

void AddLearning(Table& table) {
  const auto add = [&](std::string_view detector, const Event& event, Live live = Young) {
    table.Add(detector, kLearning, live, event, event, Settled);
  };
  add("new_country", Use().From(test::kTokyo));
  add("new_region", Use().From(test::kMunich));
  add("new_network", Use().Via(test::kMobile));
  add("anonymous_network", Use().Via(test::kTor));
  add("new_device", Use().With(test::kStranger));
  add("device_tampered", Use());
  add("locale_mismatch", InZone("Asia/Tokyo"));
  add("unusual_hour", Use());
  add("dormant_reactivation", Use(), Nothing);
  add("partial_success", Use().Failed(FailureReason::kMfaFailed).With(test::kStranger));
  add("takeover_chain", Use());
  add("cooling_off", Use().Changed(ChangeKind::kPayeeAdded));
  table.Add("unusual_amount", kLearning, Nothing, Build(Sent("CNY 100")), Build(Sent("CNY 100")), UsedToPay);
  table.Add("new_payee_large", kLearning, JustMet, Build(Sent("CNY 6000")), Build(Sent("CNY 6000")),
            KnownForWeeks);
}

void AddMoney(Table& table) {
  const auto add = [&](std::string_view detector, std::string_view reason, Live live, const Pay& without,
                       const Pay& with, Live live_with = nullptr) {
    table.Add(detector, reason, live, Build(without), Build(with), live_with);
  };
  const Pay told = Sent("CNY 9000", "CNY 100000");
  add("account_drain", "no_balance", WithRates, Sent("CNY 9000"), told);
  add("account_drain", "no_rate", WithRates, Sent("KES 9000", "KES 100000"), told);
  add("account_drain", "money_in", WithRates, In(told, Direction::kIn), told);
  add("account_drain", "not_counted", WithRates, In(told, TransactionStatus::kDeclined), told);
  add("balance_mismatch", "no_balance", Nothing, Sent("CNY 9000"), told);

  const Pay pay = Sent("CNY 100");
  add("unusual_amount", "money_in", UsedToPay, In(pay, Direction::kIn), pay);
  add("unusual_amount", "not_counted", UsedToPay, In(pay, TransactionStatus::kDeclined), pay);
  add("velocity", "money_in", WithRates, In(pay, Direction::kIn), pay);
  add("velocity", "no_rate", WithRates, Sent("KES 100"), pay);
  add("new_payee_large", "no_payee", KnownForWeeks, ToNobody(pay), pay);
  add("new_payee_large", "no_rate", KnownForWeeks, Sent("KES 100"), pay);
  add("new_payee_large", "money_in", KnownForWeeks, In(pay, Direction::kIn), pay);
  add("new_payee_large", "not_counted", KnownForWeeks, In(pay, TransactionStatus::kDeclined), pay);
  add("pass_through", "age_unknown", WithRates, pay, pay, Opened);
  add("pass_through", "no_rate", Opened, Sent("KES 100"), pay);
  add("pass_through", kSaturated, PaidByThreeForgotten, pay, pay, PaidByThree);

  for (const std::string_view detector : {"limit_breach", "limit_approach"}) {
    add(detector, "no_limits", WithRates, pay, pay, ByTheDay);
    add(detector, "no_rate", ByTheDay, Sent("KES 100"), pay);
    add(detector, "cross_border_unknown", ByTheBorder, pay, WithBorder(pay));
    add(detector, kSaturated, ByTheDayForgotten, pay, pay, ByTheDay);
  }
  const Pay under = Sent("CNY 900");
  add("structuring", "no_limits", ByTheDay, under, under, OneByOne);
  add("structuring", "no_rate", OneByOne, Sent("KES 900"), under);
  add("structuring", kSaturated, OneByOneForgotten, under, under, OneByOne);
  add("limit_raised_then_spent", "no_rate", Raised, Sent("KES 100"), pay);
  add("limit_raised_then_spent", kSaturated, RaisedForgotten, pay, pay, Raised);
  table.Add("cooling_off", "no_rate", OnANewDevice,
            EventBuilder("now", kNoon).With(test::kStranger).Paid("t", test::MoneyOf("KES 1")),
            EventBuilder("now", kNoon).With(test::kStranger).Paid("t", test::MoneyOf("CNY 1")));
}

std::vector<Lack> All() {
  Table table;
  AddUses(table);
  AddLearning(table);
  AddMoney(table);
  return table.Take();
}

DetectorConfigs Configs(bool with_list) {
  DetectorConfigs configs;
  if (with_list) std::get<Configured<HighRiskCountry>>(configs).config.countries = "RU, NG";
  return configs;
}

class NotEvaluableTest : public testing::TestWithParam<Lack> {};

TEST_P(NotEvaluableTest, IsNotClear) {
  const Lack& lack = GetParam();
  AccountStory story(Configs(lack.reason != "no_list"));
  lack.live(story);
  const Verdict& verdict = story.Run(lack.without).Of(lack.detector);
  EXPECT_EQ(verdict.kind(), Verdict::Kind::kNotEvaluable);
  EXPECT_EQ(verdict.why(), lack.reason);

  AccountStory other(Configs(true));
  (lack.live_with == nullptr ? lack.live : lack.live_with)(other);
  const Verdict& judged = other.Run(lack.with).Of(lack.detector);
  EXPECT_NE(judged.kind(), Verdict::Kind::kNotEvaluable) << "the row shows nothing: " << judged.why();
}

INSTANTIATE_TEST_SUITE_P(Catalogue, NotEvaluableTest, testing::ValuesIn(All()),
                         [](const auto& tested) { return tested.param.name; });

TEST(NotEvaluable, EachReasonOfEachPageHasARow) {
  const std::vector<Lack> all = All();
  size_t reasons = 0;
  for (const DetectorInfo& info : Catalogue()) {
    std::set<std::string> rows;
    for (const Lack& lack : all) {
      if (lack.detector == info.id) rows.insert(std::string(lack.reason));
    }
    EXPECT_EQ(test::NotEvaluableOnPage(info.id), rows) << info.id;
    reasons += rows.size();
  }
  EXPECT_GT(reasons, 90U);
}

// Whatever the account's life was until then, and whichever use it is.
TEST(NotEvaluable, WithoutThemNoLifeMakesAUseClear) {
  const auto away = [](AccountStory& story) {
    Settled(story);
    story.Run(EventBuilder("away", kNoon - 2h).From(test::kTokyo).Via(test::kTor).With(test::kStranger));
  };
  for (const Live live : {Live(Nothing), Live(Young), Live(Settled), Live(Deviceless), Live(away)}) {
    for (const Timestamp at : {kNoon, kNoon + 119 * kDay}) {
      for (const bool pays : {false, true}) {
        const auto found = [&](EventBuilder use) {
          AccountStory story;
          live(story);
          if (pays) use.Paid("t", test::MoneyOf("CNY 1"));
          return story.Run(use);
        };
        for (const auto& [reason, why] : kAddresses) {
          const DetectionResult result = found(Unplaced(why, at));
          for (const std::string_view detector : kOfPlaces)
            EXPECT_FALSE(result.Of(detector).clear()) << detector << " " << reason << " " << pays;
        }
        const DetectionResult result = found(Use(at).WithoutDevice());
        for (const std::string_view detector : kOfDevices)
          EXPECT_FALSE(result.Of(detector).clear()) << detector << " " << pays;
      }
    }
  }
}

}  // namespace
}  // namespace tocsin::detectors
