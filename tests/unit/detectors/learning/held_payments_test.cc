// A payment under suspicion waits in quarantine, and what becomes of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/learning/answer_quarantine.h"
#include "detectors/learning/learn_money.h"
#include "detectors/state/transaction_key.h"
#include "detectors/unusual_amount.h"
#include "tests/support/account_story.h"
#include "tests/support/event_builder.h"
#include "tests/support/money_events.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::FeedbackBy;
using schemas::FeedbackVerdict;
using test::Build;
using test::EventBuilder;
using test::Pay;

constexpr auto kDay = 24h;
const Timestamp kNoon = test::At("2026-03-11T12:00:00Z");
const UnusualAmount kUnusual{{}};
constexpr const char* kRent = "CNY 2500.00";

// Coffees for forty days, and a rent that was found unusual.
struct Tenant : test::MoneyAccount {
  Tenant() {
    for (int day = 40; day > 0; --day) Coffee(kNoon - day * kDay);
    Rent("rent", kNoon);
  }
  void Coffee(Timestamp at) { Pays(test::Paid(at, "CNY 5.00"), false); }
  void Rent(const std::string& id, Timestamp at) { Pays({.id = id, .at = at, .amount = kRent}, true); }
  void Pays(const Pay& pay, bool suspicious) { LearnMoney(Build(pay), suspicious, Now(), state); }
  [[nodiscard]] Context Now() const {
    return {.population = population,
            .limits = limits,
            .learning = learning,
            .case_open = case_open,
            .held_until = held_until};
  }
  [[nodiscard]] bool IsFound(Timestamp at) const {
    return kUnusual.Evaluate(Build({.id = "next", .at = at, .amount = kRent}), state, Now()).alert();
  }
  void Answer(FeedbackVerdict verdict, Timestamp at, std::vector<std::string_view> causes = {"rent"}) {
    Context context = Now();
    context.answered_causes = causes;
    AnswerQuarantine(EventBuilder("answer", at).Answered(verdict, FeedbackBy::kOwner), context, state);
  }
  // Of any kind and currency.
  [[nodiscard]] uint32_t seen() const {
    uint32_t seen = 0;
    for (const AmountHistogram& histogram : state.money().histograms) seen += histogram.seen;
    return seen;
  }
  bool case_open = false;
  Timestamp held_until = kTimestampMin;
};

TEST(HeldPaymentsTest, AreLearntAfterAWeekWithoutObjection) {
  Tenant tenant;
  EXPECT_TRUE(tenant.IsFound(kNoon + 7 * kDay - 1ms));
  EXPECT_FALSE(tenant.IsFound(kNoon + 7 * kDay)) << "whether a payment has come since or not";
  tenant.Coffee(kNoon + 7 * kDay);
  tenant.Coffee(kNoon + 7 * kDay + 16min);
  EXPECT_EQ(tenant.seen(), 41U) << "forty coffees and the rent";
  EXPECT_FALSE(tenant.IsFound(kNoon + 30 * kDay));
}

TEST(HeldPaymentsTest, WaitForTheCaseAndItsQuarantine) {
  Tenant tenant;
  tenant.case_open = true;
  for (int day = 1; day <= 14; ++day) tenant.Coffee(kNoon + day * kDay);
  EXPECT_TRUE(tenant.IsFound(kNoon + 14 * kDay));
  tenant.case_open = false;
  tenant.held_until = kNoon + 14 * kDay;
  for (int day = 15; day <= 20; ++day) tenant.Coffee(kNoon + day * kDay);
  EXPECT_TRUE(tenant.IsFound(kNoon + 21 * kDay - 1ms));
  EXPECT_FALSE(tenant.IsFound(kNoon + 21 * kDay));
  for (int day = 21; day <= 32; ++day) tenant.Coffee(kNoon + day * kDay);
  EXPECT_EQ(tenant.state.money().Find(TransactionKeyOf("rent")), nullptr) << "it leaves the list";
  EXPECT_TRUE(tenant.state.money().suspected.empty());
  EXPECT_FALSE(tenant.IsFound(kNoon + 32 * kDay));
}

TEST(HeldPaymentsTest, AreLearntWhenTheyWereTheOwners) {
  for (const FeedbackVerdict verdict : {FeedbackVerdict::kMe, FeedbackVerdict::kFalsePositive}) {
    Tenant tenant;
    tenant.case_open = true;
    tenant.Answer(verdict, kNoon + 1h, {"coffee"});
    EXPECT_TRUE(tenant.IsFound(kNoon + 1h)) << "of another payment";
    tenant.Answer(verdict, kNoon - 1h);
    EXPECT_TRUE(tenant.IsFound(kNoon + 1h)) << "of what was before";
    tenant.Answer(verdict, kNoon + 1h);
    EXPECT_FALSE(tenant.IsFound(kNoon + 1h));
    const uint32_t seen = tenant.seen();
    tenant.Answer(verdict, kNoon + 2h);
    EXPECT_EQ(tenant.seen(), seen) << "once";
  }
}

// The case may go on for fourteen days, and nobody need look before its end.
TEST(HeldPaymentsTest, AreLearntByALateAnswer) {
  Tenant tenant;
  tenant.case_open = true;
  for (int day = 1; day <= 30; ++day) tenant.Coffee(kNoon + day * kDay);
  EXPECT_TRUE(tenant.IsFound(kNoon + 30 * kDay));
  tenant.Answer(FeedbackVerdict::kFalsePositive, kNoon + 30 * kDay);
  EXPECT_FALSE(tenant.IsFound(kNoon + 30 * kDay));
}

TEST(HeldPaymentsTest, AreNeverLearntWhenTheyWereNotTheOwners) {
  for (const FeedbackVerdict verdict : {FeedbackVerdict::kNotMe, FeedbackVerdict::kConfirmedFraud}) {
    for (const std::vector<std::string_view>& causes :
         {std::vector<std::string_view>{"rent"}, std::vector<std::string_view>{}}) {
      Tenant tenant;
      tenant.Answer(verdict, kNoon + 1h, causes);
      // Its receipt, found as well, and an answer that takes the first one back.
      tenant.Pays({.id = "rent", .at = kNoon + 2h, .amount = kRent, .event_id = "receipt"}, true);
      tenant.Answer(FeedbackVerdict::kMe, kNoon + 3h);
      for (int day = 1; day <= 20; ++day) tenant.Coffee(kNoon + day * kDay);
      EXPECT_TRUE(tenant.IsFound(kNoon + 20 * kDay));
    }
  }
}

TEST(HeldPaymentsTest, ARefusalReachesWhatStillWaits) {
  Tenant tenant;
  tenant.Pays({.id = "other", .at = kNoon + 1min, .amount = "CNY 9000.00"}, false);
  tenant.Answer(FeedbackVerdict::kNotMe, kNoon + 2min, {"other"});
  tenant.Coffee(kNoon + 6h);
  EXPECT_EQ(tenant.seen(), 40U);
}

// A thief who pays every day is never known, and takes no more room than this.
TEST(HeldPaymentsTest, AMonthOfThemTeachesNothing) {
  Tenant tenant;
  tenant.case_open = true;
  for (int hour = 1; hour <= 60 * 24; ++hour) {
    const Timestamp at = kNoon + hour * 1h;
    tenant.Rent("theft" + std::to_string(hour), at);
    ASSERT_TRUE(tenant.IsFound(at + 1h)) << hour;
    // Those of the last eight days, the older ones, and an eighth before they leave.
    ASSERT_LE(tenant.state.money().entries.size(), (8 * 24 + MoneyHistory::kHeldMax) * 8 / 7 + 2);
    ASSERT_LE(tenant.state.money().suspected.size(), tenant.state.money().entries.size());
  }
  EXPECT_EQ(tenant.seen(), 40U);
}

TEST(HeldPaymentsTest, TheirEndDoesNotDependOnTheOrderOfArrival) {
  const auto found = [](bool in_order) {
    Tenant tenant;
    const Timestamp end = kNoon + 7 * kDay;
    const std::vector<Timestamp> times = {end - 2min, end + 1min};
    std::vector<bool> told(2);
    for (const size_t i : in_order ? std::vector<size_t>{0, 1} : std::vector<size_t>{1, 0}) {
      told[i] = tenant.IsFound(times[i]);
      tenant.Coffee(times[i]);
    }
    EXPECT_EQ(told, (std::vector<bool>{true, false})) << in_order;
    tenant.Coffee(end + 2h);
    return tenant.state.money();
  };
  EXPECT_EQ(found(true), found(false));
}

// ---- Payments that are found with others

struct Runner : test::AccountStory {
  Runner() {
    limits().rates = test::Rates();
    for (int i = 0; i < 20; ++i) PaysAt(i);
    EXPECT_EQ(ActiveCauses("velocity"), std::vector<std::string>{"v15"});
  }
  void PaysAt(int i) { Run(Build({.id = "v" + std::to_string(i), .at = kNoon + i * 1min})); }
  void Answer(FeedbackVerdict verdict) {
    Run(EventBuilder("answer", kNoon + 30min).Answered(verdict, FeedbackBy::kOwner, FindingOf("velocity")));
  }
  // Of those of the run, once what waits is old enough.
  uint32_t Learnt(Timestamp at) {
    Run(Build({.id = "after", .at = at}));
    return state().money().histograms.at(0).seen;
  }
};

TEST(HeldPaymentsTest, AnAnswerIsAboutTheWholeRun) {
  EXPECT_EQ(Runner().Learnt(kNoon + 5h), 15U);
  for (const FeedbackVerdict verdict : {FeedbackVerdict::kMe, FeedbackVerdict::kFalsePositive}) {
    Runner runner;
    runner.Answer(verdict);
    EXPECT_EQ(runner.Learnt(kNoon + 5h), 20U);
  }
}

// What came late moves the beginning of the run, and with it what the payments were found with.
TEST(HeldPaymentsTest, TheOrderOfARunHoldsTheSame) {
  const auto held = [](const std::vector<int>& order) {
    test::AccountStory story;
    story.limits().rates = test::Rates();
    for (const int i : order) story.Run(Build({.id = "v" + std::to_string(i), .at = kNoon + i * 2s}));
    EXPECT_EQ(story.ActiveCauses("velocity"), std::vector<std::string>{"v15"});
    return story.state().money();
  };
  const MoneyHistory in_order = held({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19});
  EXPECT_EQ(in_order.suspected.size(), 5U);
  EXPECT_EQ(held({0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 12, 3, 19}), in_order);
}

TEST(HeldPaymentsTest, ARunThatWasRefusedGoesOnRefused) {
  Runner undecided;
  undecided.PaysAt(40);
  EXPECT_EQ(undecided.Learnt(kNoon + 7 * kDay + 2h), 21U);
  Runner refused;
  refused.Answer(FeedbackVerdict::kNotMe);
  refused.PaysAt(40);
  EXPECT_EQ(refused.Learnt(kNoon + 7 * kDay + 2h), 15U);
}

// What arrived first is what was found, whichever it was: neither of the two tells others what is usual.
TEST(HeldPaymentsTest, ItsSettlementTellsNobodyWhatIsUsual) {
  test::AccountStory story;
  for (int i = 0; i < 1000; ++i) {
    story.population().Learn(
        Build({.id = "other-" + std::to_string(i), .at = kNoon - kDay, .amount = "CNY 5.00"}), "");
  }
  for (int day = 40; day > 0; --day) {
    story.Run(Build({.id = "coffee-" + std::to_string(day), .at = kNoon - day * kDay, .amount = "CNY 5.00"}));
  }
  const auto largest = [&] {
    return story.population().AmountQuantile(schemas::TransactionKind::kPayment, "", *Currency::Find("CNY"),
                                             1);
  };
  const int64_t before = largest();
  story.Run(Build({.id = "rent",
                   .at = kNoon,
                   .amount = kRent,
                   .status = schemas::TransactionStatus::kAuthorized,
                   .event_id = "authorized"}));
  EXPECT_EQ(story.ActiveCauses("unusual_amount"), std::vector<std::string>{"authorized"});
  story.Run(Build({.id = "rent", .at = kNoon + 2min, .amount = kRent, .event_id = "completed"}));
  EXPECT_EQ(largest(), before);
  story.Run(Build({.id = "dear", .at = kNoon + 3min, .amount = "CNY 7.00"}));
  EXPECT_GT(largest(), before);
}

}  // namespace
}  // namespace tocsin::detectors
