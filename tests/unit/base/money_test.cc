#include "base/money.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <set>

namespace tocsin {
namespace {

constexpr int64_t kInt64Min = std::numeric_limits<int64_t>::min();
constexpr int64_t kInt64Max = std::numeric_limits<int64_t>::max();

Currency Cur(std::string_view code) {
  const std::optional<Currency> currency = Currency::Find(code);
  EXPECT_TRUE(currency.has_value()) << code;
  return currency.value_or(Currency());
}

struct Decimals {
  const char* code;
  int decimals;
};

TEST(CurrencyTest, IsFoundWithItsDecimals) {
  const Decimals kTable[] = {Decimals{"AED", 2}, Decimals{"CNY", 2}, Decimals{"USD", 2}, Decimals{"EUR", 2},
                             Decimals{"HUF", 2}, Decimals{"ISK", 0}, Decimals{"JPY", 0}, Decimals{"KRW", 0},
                             Decimals{"VND", 0}, Decimals{"CLP", 0}, Decimals{"XAF", 0}, Decimals{"UGX", 0},
                             Decimals{"KWD", 3}, Decimals{"BHD", 3}, Decimals{"IQD", 3}, Decimals{"JOD", 3},
                             Decimals{"LYD", 3}, Decimals{"OMR", 3}, Decimals{"TND", 3}, Decimals{"CLF", 4},
                             Decimals{"UYW", 4}, Decimals{"MGA", 2}, Decimals{"MRU", 2}, Decimals{"ZWG", 2},
                             Decimals{"XCG", 2}, Decimals{"SLE", 2}, Decimals{"VED", 2}};
  for (const Decimals& tested : kTable) {
    SCOPED_TRACE(tested.code);
    const Currency currency = Cur(tested.code);
    EXPECT_EQ(currency.code(), tested.code);
    EXPECT_EQ(currency.decimals(), tested.decimals);
    EXPECT_FALSE(currency.none());
  }
}

TEST(NoCurrencyTest, IsNotFound) {
  const char* const kTable[] = {"",    "C",   "CN",  "cny", "Cny", "CNYY", " CNY", "CN ",          "RMB",
                                "BTC", "XTS", "XAU", "DEM", "HRK", "[[[",  "@@@",  "\xff\xff\xff", "123"};
  for (const char* const tested : kTable) {
    SCOPED_TRACE(tested);
    EXPECT_EQ(Currency::Find(tested), std::nullopt);
  }
  EXPECT_EQ(Currency::Find(std::string(3, 'X')), std::nullopt) << "the code for no currency";
}

TEST(CurrencyTableTest, EveryThreeLettersAreConsistent) {
  std::set<std::string> codes;
  Currency last;
  for (char a = 'A'; a <= 'Z'; ++a) {
    for (char b = 'A'; b <= 'Z'; ++b) {
      for (char c = 'A'; c <= 'Z'; ++c) {
        const std::string code{a, b, c};
        const std::optional<Currency> currency = Currency::Find(code);
        if (!currency) continue;
        EXPECT_EQ(currency->code(), code);
        EXPECT_EQ(Currency::FromPacked(currency->packed()), currency);
        EXPECT_LT(last, *currency) << "currencies compare as their codes do";
        EXPECT_GE(currency->decimals(), 0);
        EXPECT_LE(currency->decimals(), 4);
        last = *currency;
        codes.insert(code);
      }
    }
  }
  EXPECT_EQ(codes.size(), 158U);
}

TEST(CurrencyPackedTest, EveryNumberIsACurrencyOrNothing) {
  size_t known = 0;
  for (uint32_t packed = 1; packed <= 0xffff; ++packed) {
    const std::optional<Currency> currency = Currency::FromPacked(static_cast<uint16_t>(packed));
    if (!currency) continue;
    EXPECT_EQ(currency->packed(), packed);
    ++known;
  }
  EXPECT_EQ(known, 158U);
}

TEST(CurrencyPackedTest, StoredFormIsFixed) {
  EXPECT_EQ(Cur("CNY").packed(), 3 << 10 | 14 << 5 | 25);
  EXPECT_EQ(Currency::FromPacked(0), Currency());
  EXPECT_EQ(Currency().packed(), 0);
}

TEST(CurrencyNoneTest, HasNoCodeAndNoDecimals) {
  EXPECT_TRUE(Currency().none());
  EXPECT_EQ(Currency().code(), "");
  EXPECT_EQ(Currency().decimals(), 0);
}

struct Amount {
  const char* literal;
  const char* currency;
  int64_t minor;
};

TEST(ParseMinorGood, ReadsTheLiteral) {
  const Amount kTable[] = {
      Amount{"0", "CNY", 0}, Amount{"-0", "CNY", 0}, Amount{"0.00", "CNY", 0}, Amount{"5", "CNY", 500},
      Amount{"12.3", "CNY", 1230}, Amount{"12.30", "CNY", 1230}, Amount{"12.3000", "CNY", 1230},
      Amount{"-0.01", "CNY", -1}, Amount{"0.1", "CNY", 10}, Amount{"0.07", "CNY", 7},
      // Where a double would round: 4.35 * 100 is 434.99…, 1.005 * 1000 is 1004.99….
      Amount{"4.35", "CNY", 435}, Amount{"1.005", "KWD", 1005}, Amount{"1.15", "CNY", 115},
      Amount{"123", "JPY", 123}, Amount{"123.0", "JPY", 123}, Amount{"1.2345", "CLF", 12345},
      // Exponents.
      Amount{"1.5e3", "CNY", 150'000}, Amount{"1.5E+3", "CNY", 150'000}, Amount{"1e-2", "CNY", 1},
      Amount{"1200e-2", "JPY", 12}, Amount{"0.00012e4", "CNY", 120}, Amount{"1e0", "CNY", 100},
      Amount{"1e00000000000000000000000002", "CNY", 10'000}, Amount{"0e99999999999999999999", "CNY", 0},
      Amount{"0e-99999999999999999999", "CNY", 0}, Amount{"0.000e5", "CNY", 0}, Amount{"1.0e-2", "CNY", 1},
      // The largest amount.
      Amount{"90071992547409.91", "CNY", kMoneyMinorMax}, Amount{"9007199254740991", "JPY", kMoneyMinorMax},
      Amount{"-9007199254740991", "JPY", -kMoneyMinorMax},
      Amount{"9007199254740991.000000000000000000000000000", "JPY", kMoneyMinorMax}};
  for (const Amount& tested : kTable) {
    SCOPED_TRACE(tested.literal);
    const Result<int64_t> minor = ParseMinor(tested.literal, Cur(tested.currency));
    ASSERT_TRUE(minor.ok()) << minor.error().detail;
    EXPECT_EQ(*minor, tested.minor);
  }
}

constexpr const char* kNotANumber = "not a decimal number";
constexpr const char* kDecimals = "more decimals than the currency has";
constexpr const char* kTooLarge = "amount is too large";

struct Refused {
  const char* literal;
  const char* currency;
  const char* why;
};

TEST(ParseMinorBad, SaysWhyWithoutTheValue) {
  const Refused kTable[] = {Refused{"", "CNY", kNotANumber},
                            Refused{"-", "CNY", kNotANumber},
                            Refused{"+5", "CNY", kNotANumber},
                            Refused{"05", "CNY", kNotANumber},
                            Refused{"00", "CNY", kNotANumber},
                            Refused{".5", "CNY", kNotANumber},
                            Refused{"5.", "CNY", kNotANumber},
                            Refused{"5.e1", "CNY", kNotANumber},
                            Refused{"5e", "CNY", kNotANumber},
                            Refused{"5e+", "CNY", kNotANumber},
                            Refused{"5e+-1", "CNY", kNotANumber},
                            Refused{"5e1.5", "CNY", kNotANumber},
                            Refused{"--5", "CNY", kNotANumber},
                            Refused{"NaN", "CNY", kNotANumber},
                            Refused{"Infinity", "CNY", kNotANumber},
                            Refused{"0x10", "CNY", kNotANumber},
                            Refused{"1,000.00", "CNY", kNotANumber},
                            Refused{" 5", "CNY", kNotANumber},
                            Refused{"5 ", "CNY", kNotANumber},
                            Refused{"5.0.0", "CNY", kNotANumber},
                            Refused{"\xef\xbc\x95", "CNY", kNotANumber},
                            Refused{"12.345", "CNY", kDecimals},
                            Refused{"0.001", "CNY", kDecimals},
                            Refused{"0.5", "JPY", kDecimals},
                            Refused{"1e-3", "CNY", kDecimals},
                            Refused{"1e-99999999999999999999", "CNY", kDecimals},
                            Refused{"1.00000000000000000001", "CNY", kDecimals},
                            Refused{"9007199254740992", "JPY", kTooLarge},
                            Refused{"90071992547409.92", "CNY", kTooLarge},
                            Refused{"-9007199254740992", "JPY", kTooLarge},
                            Refused{"1e16", "JPY", kTooLarge},
                            Refused{"1e99999999999999999999", "CNY", kTooLarge},
                            Refused{"18446744073709551617", "JPY", kTooLarge},
                            Refused{"99999999999999999999999999999999999999", "JPY", kTooLarge}};
  for (const Refused& tested : kTable) {
    SCOPED_TRACE(tested.literal);
    const Result<int64_t> minor = ParseMinor(tested.literal, Cur(tested.currency));
    ASSERT_FALSE(minor.ok());
    EXPECT_EQ(minor.error(), (Error{ErrorCode::kInvalid, "", tested.why}));
  }
}

TEST(ParseMinorTest, NoCurrency) { EXPECT_EQ(ParseMinor("5", Currency()).error().detail, "no currency"); }

TEST(ParseMinorTest, MillionDigitsTakeOnePass) {
  const std::string zeros(1'000'000, '0');
  EXPECT_EQ(*ParseMinor("1." + zeros, Cur("CNY")), 100);
  EXPECT_EQ(*ParseMinor("0." + zeros + "1e1000001", Cur("CNY")), 100);
  EXPECT_EQ(*ParseMinor("1" + zeros + "e-1000000", Cur("CNY")), 100);
  EXPECT_FALSE(ParseMinor("1" + zeros, Cur("CNY")).ok());
  EXPECT_FALSE(ParseMinor("1e" + std::string(1'000'000, '9'), Cur("CNY")).ok());
}

TEST(ParseMinorTest, RandomAmountsComeBackFromTheirText) {
  std::mt19937_64 random(6);
  std::uniform_int_distribution<int64_t> any(-kMoneyMinorMax, kMoneyMinorMax);
  for (int i = 0; i < 20'000; ++i) {
    const Money money{any(random) >> random() % 53, Cur(i % 3 == 0 ? "JPY" : i % 3 == 1 ? "CNY" : "KWD")};
    const Result<int64_t> minor = ParseMinor(FormatAmount(money), money.currency);
    ASSERT_TRUE(minor.ok()) << FormatAmount(money);
    ASSERT_EQ(*minor, money.minor);
    const Result<Money> back = ParseMoney(FormatMoney(money));
    ASSERT_TRUE(back.ok());
    ASSERT_EQ(*back, money);
  }
}

TEST(ParseMinorTest, TheSameValueWrittenWithAnyExponent) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 2'000; ++i) {
    const int64_t value = static_cast<int64_t>(random() % 1'000'000);
    const int shift = static_cast<int>(random() % 40);
    const std::string digits = std::to_string(value);
    ASSERT_EQ(*ParseMinor(digits + std::string(static_cast<size_t>(value == 0 ? 0 : shift), '0') + "e-" +
                              std::to_string(shift),
                          Cur("JPY")),
              value);
    ASSERT_EQ(*ParseMinor("0." + std::string(static_cast<size_t>(shift), '0') + digits + "e" +
                              std::to_string(shift + static_cast<int>(digits.size())),
                          Cur("JPY")),
              value);
  }
}

TEST(ParseMoneyTest, Table) {
  EXPECT_EQ(*ParseMoney("CNY 5000.00"), (Money{500'000, Cur("CNY")}));
  EXPECT_EQ(*ParseMoney("JPY 1"), (Money{1, Cur("JPY")}));
  for (const char* bad : {"", "CNY", "CNY ", "CNY5000", "CNY  5", "cny 5", "5000 CNY", "ABC 5", "CNY\t5",
                          "CNY 5.001", "CNY 5 ", " CNY 5"}) {
    EXPECT_FALSE(ParseMoney(bad).ok()) << bad;
  }
}

TEST(FormatMoneyTest, Table) {
  EXPECT_EQ(FormatAmount({500'000, Cur("CNY")}), "5000.00");
  EXPECT_EQ(FormatAmount({0, Cur("CNY")}), "0.00");
  EXPECT_EQ(FormatAmount({5, Cur("CNY")}), "0.05");
  EXPECT_EQ(FormatAmount({-5, Cur("CNY")}), "-0.05");
  EXPECT_EQ(FormatAmount({0, Cur("JPY")}), "0");
  EXPECT_EQ(FormatAmount({-120, Cur("JPY")}), "-120");
  EXPECT_EQ(FormatAmount({1, Cur("CLF")}), "0.0001");
  EXPECT_EQ(FormatMoney({1'234'567, Cur("KWD")}), "KWD 1234.567");
  EXPECT_EQ(FormatMoney({7, Currency()}), "7");
  EXPECT_EQ(FormatAmount({kInt64Min, Cur("CLF")}), "-922337203685477.5808");
  EXPECT_EQ(FormatAmount({kInt64Max, Cur("JPY")}), "9223372036854775807");
}

TEST(SaturatingAddTest, StopsAtTheEnds) {
  EXPECT_EQ(SaturatingAdd(2, 3), 5);
  EXPECT_EQ(SaturatingAdd(kInt64Max, 1), kInt64Max);
  EXPECT_EQ(SaturatingAdd(1, kInt64Max), kInt64Max);
  EXPECT_EQ(SaturatingAdd(kInt64Min, -1), kInt64Min);
  EXPECT_EQ(SaturatingAdd(-1, kInt64Min), kInt64Min);
  EXPECT_EQ(SaturatingAdd(kInt64Min, kInt64Max), -1);
}

}  // namespace
}  // namespace tocsin
