// A limit that the account's profile sets in a currency of its own.
#include <gtest/gtest.h>

#include "detectors/limits/account_limits.h"

namespace tocsin::detectors {
namespace {

Currency Code(std::string_view code) { return *Currency::Find(code); }

LimitTable Table() {
  LimitTable table;
  table.limits = {{.name = "day", .max = Money{500'000, Code("SGD")}},
                  {.name = "other", .max = Money{100, Code("SGD")}},
                  {.name = "count", .max_count = 3}};
  table.rates = {
      {.base = Code("SGD"), .quote = Code("CNY"), .mantissa = 54, .scale = 1, .as_of = "2026-03-01"}};
  return table;
}

schemas::AccountProfile Owner(std::string_view limit, Currency currency) {
  schemas::AccountProfile owner;
  owner.limits = {{.name = std::string(limit), .max = {1'200'000, currency}}};
  return owner;
}

TEST(InOwnCurrenciesTest, IsCountedInTheCurrencyOfWhoeverSetIt) {
  const auto own = InOwnCurrencies(Table(), Owner("day", Code("CNY")));
  ASSERT_TRUE(own);
  EXPECT_EQ(own->limits[0].max->minor, 1'200'000);
  EXPECT_EQ(own->limits[0].max->currency, Code("CNY"));
  EXPECT_EQ(own->limits[1].max->currency, Code("SGD"));
  EXPECT_EQ(AllowanceOf(own->limits[0], Owner("day", Code("CNY")), *own).max_minor, 1'200'000);
  EXPECT_NE(LimitKey(own->limits[0]), LimitKey(Table().limits[0])) << "sums in another currency are others";
}

TEST(InOwnCurrenciesTest, AllElseIsAsDeclared) {
  EXPECT_FALSE(InOwnCurrencies(Table(), {}));
  EXPECT_FALSE(InOwnCurrencies(Table(), Owner("day", Code("SGD"))));
  EXPECT_FALSE(InOwnCurrencies(Table(), Owner("nothing", Code("CNY"))));
  EXPECT_FALSE(InOwnCurrencies(Table(), Owner("count", Code("CNY"))));
}

// Payments in euros are known in Singapore's dollars only: in yuan they would no longer count.
TEST(InOwnCurrenciesTest, NothingThatCountedIsLeftOut) {
  LimitTable table = Table();
  EXPECT_FALSE(InOwnCurrencies(table, Owner("day", Code("USD")))) << "no rate at all";
  table.rates.push_back(
      {.base = Code("EUR"), .quote = Code("SGD"), .mantissa = 147, .scale = 2, .as_of = "2026-03-01"});
  EXPECT_FALSE(InOwnCurrencies(table, Owner("day", Code("CNY"))));
  table.rates.push_back(
      {.base = Code("EUR"), .quote = Code("CNY"), .mantissa = 79, .scale = 1, .as_of = "2026-03-01"});
  EXPECT_TRUE(InOwnCurrencies(table, Owner("day", Code("CNY"))));
}

}  // namespace
}  // namespace tocsin::detectors
