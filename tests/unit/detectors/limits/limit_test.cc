#include "detectors/limits/limit.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace tocsin::detectors {
namespace {

Currency Of(std::string_view code) { return *Currency::Find(code); }

LimitTable Rates() {
  LimitTable table;
  table.rates = {
      {.base = Of("USD"), .quote = Of("CNY"), .mantissa = 725, .scale = 2, .as_of = "2026-03-01"},
      {.base = Of("USD"), .quote = Of("JPY"), .mantissa = 150, .scale = 0},
      {.base = Of("KWD"), .quote = Of("JPY"), .mantissa = 4881, .scale = 1},
      {.base = Of("EUR"), .quote = Of("VND"), .mantissa = 1'000'000'000'000'000'000, .scale = 0},
      {.base = Of("EUR"), .quote = Of("GBP"), .mantissa = 0, .scale = 0},
      {.base = Of("EUR"), .quote = Of("CHF"), .mantissa = 1, .scale = 19},
      {.base = Of("EUR"), .quote = Of("CHF"), .mantissa = 9, .scale = 1},
      {.base = Of("GBP"), .quote = Of("SEK"), .mantissa = 3, .scale = 0},
  };
  return table;
}

struct Conversion {
  std::string name;
  std::string from;
  int64_t minor = 0;
  std::string to;
  std::optional<int64_t> wanted;
};

class ConvertTest : public testing::TestWithParam<Conversion> {};

TEST_P(ConvertTest, IsExact) {
  const Conversion& tested = GetParam();
  const auto got = Convert({.minor = tested.minor, .currency = Of(tested.from)}, Of(tested.to), Rates());
  ASSERT_EQ(got.has_value(), tested.wanted.has_value());
  if (got) {
    EXPECT_EQ(*got, (Money{.minor = *tested.wanted, .currency = Of(tested.to)}));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Pairs, ConvertTest,
    testing::Values(Conversion{"SameCurrencyNeedsNoRate", "SEK", 123, "SEK", 123},
                    Conversion{"Direct", "USD", 1000, "CNY", 7250},
                    Conversion{"HalfUp", "USD", 2, "CNY", 15},    // 14.5
                    Conversion{"BelowHalf", "USD", 1, "CNY", 7},  // 7.25
                    Conversion{"NegativeHalfAwayFromZero", "USD", -2, "CNY", -15},
                    Conversion{"Inverse", "CNY", 7250, "USD", 1000},
                    Conversion{"InverseRounds", "CNY", 1, "USD", 0},  // 0.138
                    Conversion{"InverseHalf", "SEK", 3, "GBP", 1},
                    Conversion{"InverseBelowHalf", "SEK", 4, "GBP", 1},   // 1.33
                    Conversion{"InverseAboveHalf", "SEK", 5, "GBP", 2},   // 1.67
                    Conversion{"FewerDecimals", "USD", 199, "JPY", 299},  // 298.5
                    Conversion{"MoreDecimals", "JPY", 150, "USD", 100},
                    Conversion{"ThreeDecimals", "KWD", 1000, "JPY", 488},  // 488.1
                    Conversion{"ThreeDecimalsInverse", "JPY", 4881, "KWD", 10000},
                    Conversion{"Nothing", "USD", 0, "CNY", 0},
                    Conversion{"Largest", "CNY", kMoneyMinorMax, "USD", 1242372310998757},
                    Conversion{"BeyondRange", "USD", kMoneyMinorMax, "CNY", std::nullopt},
                    Conversion{"FarBeyondRange", "EUR", kMoneyMinorMax, "VND", std::nullopt},
                    Conversion{"InverseOfAHugeRate", "VND", kMoneyMinorMax, "EUR", 1},  // 0.9
                    Conversion{"NoRate", "USD", 100, "SEK", std::nullopt},
                    Conversion{"NoRateThroughAThird", "CNY", 100, "JPY", std::nullopt},
                    Conversion{"ARateOfZeroIsNone", "EUR", 100, "GBP", std::nullopt},
                    Conversion{"AnUnusableRowIsSkipped", "EUR", 100, "CHF", 90}),
    [](const auto& tested) { return tested.param.name; });

TEST(ConvertForSumTest, BeyondRangeIsOverEveryLimit) {
  const ExchangeRate* rate = nullptr;
  const auto got = ConvertForSum({kMoneyMinorMax, Of("EUR")}, Of("VND"), Rates(), &rate);
  EXPECT_EQ(got, std::numeric_limits<int64_t>::max());
  ASSERT_NE(rate, nullptr);
  EXPECT_FALSE(ConvertForSum({1, Of("USD")}, Of("SEK"), Rates(), &rate));
  EXPECT_EQ(rate, nullptr);
}

// Sums of a limit must not be continued by a limit of another meaning.
TEST(LimitKeyTest, TellsMeaningsApart) {
  std::vector<Limit> limits;
  const auto add = [&](auto change) {
    Limit limit{.name = "a",
                .window = Limit::Window::kCalendar,
                .unit = CalendarUnit::kMonth,
                .max = Money{100, Of("CNY")}};
    change(limit);
    limits.push_back(limit);
  };
  add([](Limit&) {});
  add([](Limit& limit) { limit.name = "b"; });
  add([](Limit& limit) { limit.unit = CalendarUnit::kWeek; });
  add([](Limit& limit) {
    limit.window = Limit::Window::kRolling;
    limit.rolling = std::chrono::hours(1);
  });
  add([](Limit& limit) {
    limit.window = Limit::Window::kRolling;
    limit.rolling = std::chrono::hours(2);
  });
  add([](Limit& limit) { limit.direction = schemas::Direction::kOut; });
  add([](Limit& limit) { limit.direction = schemas::Direction::kIn; });
  add([](Limit& limit) { limit.cross_border = true; });
  add([](Limit& limit) { limit.cross_border = false; });
  add([](Limit& limit) { limit.kinds = {schemas::TransactionKind::kFee}; });
  add([](Limit& limit) { limit.kinds = {schemas::TransactionKind::kPayment}; });
  add([](Limit& limit) { limit.max = Money{100, Of("USD")}; });
  add([](Limit& limit) {
    limit.max.reset();
    limit.max_count = 3;
  });
  std::set<uint64_t> keys;
  for (const Limit& limit : limits) keys.insert(LimitKey(limit));
  EXPECT_EQ(keys.size(), limits.size());
}

TEST(LimitKeyTest, IsTheSameForWhatOnlyChangesWhomAndWhenItStops) {
  const Limit limit{.name = "a", .window = Limit::Window::kCalendar, .max = Money{100, Of("CNY")}};
  Limit other = limit;
  other.max->minor = 200;
  other.tenant = "eu";
  other.tiers = {"gold"};
  other.warn_at = 0.5;
  other.weight = 3;
  EXPECT_EQ(LimitKey(limit), LimitKey(other));
  // It is stored.
  EXPECT_EQ(
      LimitKey(Limit{.name = "monthly", .window = Limit::Window::kCalendar, .unit = CalendarUnit::kMonth}),
      571262262126236096U);
}

}  // namespace
}  // namespace tocsin::detectors
