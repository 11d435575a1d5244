// 95 of 100 of the account's own payments, at the edge, for the detectors that ask for it:
// dormant_reactivation, new_payee_large and account_drain. Payments are known by bins of a quarter octave,
// and what is larger than the bin in which the 95th of 100 lies is large:
//
//   CNY  20,000:  2,000,000 is in bin 83, from 2^20.75 up to 2^21 =  2,097,152
//   CNY 150,000: 15,000,000 is in bin 95, from 2^23.75 up to 2^24 = 16,777,216
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "detectors/learning/learn_money.h"
#include "tests/support/money_events.h"
#include "tests/support/settled_account.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::TransactionKind;
using test::AccountStory;
using test::Build;
using test::EventBuilder;
using test::kNoon;
using test::Pay;

// At one instant: none of them has faded more than another.
void HasPaid(AccountStory& story, int count, const std::string& amount) {
  const Context context{
      .population = story.population(), .limits = story.limits(), .learning = story.learning()};
  for (int i = 0; i < count; ++i) {
    const Pay pay{.id = amount + " " + std::to_string(i),
                  .at = kNoon - 48h,
                  .amount = amount,
                  .kind = TransactionKind::kTransfer};
    LearnMoney(Build(pay), false, context, story.state());
  }
}

struct Habit {
  const char* name;
  int of_20k;
  int of_150k;
  int64_t large_from;  // In minor units.
};
std::ostream& operator<<(std::ostream& out, const Habit& habit) { return out << habit.name; }

Money Cny(int64_t minor) { return {minor, *Currency::Find("CNY")}; }
Pay Sent(Timestamp at, int64_t minor, std::string_view to = "", std::string_view balance_after = "") {
  return {.id = "now",
          .at = at,
          .amount = FormatMoney(Cny(minor)),
          .kind = TransactionKind::kTransfer,
          .to = std::string(to),
          .balance_after = std::string(balance_after)};
}

class QuantileTest : public testing::TestWithParam<Habit> {
 protected:
  static void Live(AccountStory& story) {
    // A large amount for anybody is SGD 1000, CNY 5000; a large balance SGD 50,000, CNY 250,000.
    story.limits().rates = test::Rates();
    test::Settle(story);
    HasPaid(story, GetParam().of_20k, "CNY 20000");
    HasPaid(story, GetParam().of_150k, "CNY 150000");
  }
  static bool OfADormantAccount(int64_t minor) {
    AccountStory story;
    Live(story);
    story.Run(EventBuilder("back", kNoon + 120 * 24h));
    return story.Run(EventBuilder("now", kNoon + 120 * 24h + 3min).Paid("t", Cny(minor)))
        .Of("dormant_reactivation")
        .alert();
  }
  static bool ToANewPayee(int64_t minor) {
    AccountStory story;
    Live(story);
    return story.Run(Build(Sent(kNoon, minor, "stranger"))).Of("new_payee_large").alert();
  }
  static bool OfAllThereIs(int64_t minor) {
    AccountStory story;
    Live(story);
    return story.Run(Build(Sent(kNoon, minor, "", "CNY 0"))).Of("account_drain").alert();
  }
};

TEST_P(QuantileTest, OneMinorUnitDecides) {
  const int64_t edge = GetParam().large_from;
  EXPECT_FALSE(OfADormantAccount(edge - 1));
  EXPECT_TRUE(OfADormantAccount(edge));
  EXPECT_FALSE(ToANewPayee(edge - 1));
  EXPECT_TRUE(ToANewPayee(edge));
  EXPECT_FALSE(OfAllThereIs(edge - 1));
  EXPECT_TRUE(OfAllThereIs(edge));
}

INSTANTIATE_TEST_SUITE_P(Habits, QuantileTest,
                         testing::Values(Habit{"AllAlike", 20, 0, 2'097'152},
                                         // Exactly 95 of 100 are not above the first bin.
                                         Habit{"NineteenOfTwenty", 19, 1, 2'097'152},
                                         Habit{"EighteenOfTwenty", 18, 2, 16'777'216},
                                         Habit{"TenAreEnough", 10, 0, 2'097'152}),
                         [](const auto& tested) { return tested.param.name; });

// With nine of its own the account is no measure, and there is no population to be one: for two of them the
// check amount is left, and of what wakes a dormant account nobody can tell.
TEST(QuantileEdges, NineAreNot) {
  const auto live = [](AccountStory& story) {
    story.limits().rates = test::Rates();
    test::Settle(story);
    HasPaid(story, 9, "CNY 20000");
  };
  AccountStory dormant;
  live(dormant);
  dormant.Run(EventBuilder("back", kNoon + 120 * 24h));
  EXPECT_EQ(dormant.Run(EventBuilder("now", kNoon + 120 * 24h + 3min).Paid("t", Cny(2'097'152)))
                .Of("dormant_reactivation")
                .why(),
            kLearning);
  for (const auto& [minor, large] : {std::pair(int64_t{499'999}, false), std::pair(int64_t{500'000}, true)}) {
    AccountStory to_new_payee;
    live(to_new_payee);
    EXPECT_EQ(to_new_payee.Run(Build(Sent(kNoon, minor, "stranger"))).Of("new_payee_large").alert(), large);
    AccountStory of_all;
    live(of_all);
    EXPECT_EQ(of_all.Run(Build(Sent(kNoon, minor, "", "CNY 0"))).Of("account_drain").alert(), large);
  }
}

}  // namespace
}  // namespace tocsin::detectors
