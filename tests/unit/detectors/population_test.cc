#include "detectors/population.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/support/event_builder.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::TransactionKind;
using test::EventBuilder;

constexpr Timestamp kNoon = FromMillis(1'772'366'400'000);
const Currency kEur = *Currency::Find("EUR");

schemas::Event LoginFrom(std::string_view country, Timestamp at) {
  schemas::Event event = EventBuilder("e", at);
  event.facts.place.country = country;
  return event;
}
schemas::Event Payment(int64_t minor, Timestamp at = kNoon,
                       schemas::TransactionStatus status = schemas::TransactionStatus::kCompleted) {
  return EventBuilder("p", at).Paid("t", {.minor = minor, .currency = kEur}, status);
}

TEST(Population, SaysNothingBeforeAThousandLogins) {
  Population population;
  for (int i = 0; i < 999; ++i) population.Learn(LoginFrom("DE", kNoon), "");
  EXPECT_LT(population.CountryShare("DE"), 0);
  population.Learn(LoginFrom("FR", kNoon), "");
  EXPECT_NEAR(population.CountryShare("FR"), 0.001, 1e-9);
  EXPECT_EQ(population.CountryShare("JP"), 0);
}

TEST(Population, CountsHalveInThirtyDays) {
  Population population;
  for (int i = 0; i < 4000; ++i) population.Learn(LoginFrom("DE", kNoon), "");
  for (int i = 0; i < 2000; ++i) population.Learn(LoginFrom("FR", kNoon + 24h * 30), "");
  EXPECT_NEAR(population.CountryShare("DE"), 0.5, 1e-9);
  for (int i = 0; i < 500; ++i) population.Learn(LoginFrom("FR", kNoon + 24h * 365), "");
  EXPECT_LT(population.CountryShare("FR"), 0);  // The thousand of a year ago are gone.
}

TEST(Population, FailuresAndOtherEventsDoNotCount) {
  Population population;
  population.Learn(EventBuilder("e", kNoon).Failed(), "");
  population.Learn(EventBuilder("e", kNoon).Nowhere(), "");
  population.Learn(EventBuilder("e", kNoon).Changed(schemas::ChangeKind::kPasswordChanged), "");
  population.Learn(Payment(100, kNoon, schemas::TransactionStatus::kDeclined), "");
  population.Learn(Payment(0), "");
  EXPECT_FALSE(population.changed());
  EXPECT_EQ(population, Population());
}

TEST(Population, QuantilesAreByKindTierAndCurrency) {
  Population population;
  for (int i = 1; i <= 1000; ++i) population.Learn(Payment(int64_t{i} * 100), "gold");
  const int64_t median = population.AmountQuantile(TransactionKind::kTransfer, "gold", kEur, 0.5);
  EXPECT_GE(median, 50'000);
  EXPECT_LE(median, 50'000 * 1.19);  // A quarter octave.
  EXPECT_GE(population.AmountQuantile(TransactionKind::kTransfer, "gold", kEur, 1), 100'000);
  EXPECT_LT(population.AmountQuantile(TransactionKind::kTransfer, "basic", kEur, 0.5), 0);
  EXPECT_LT(population.AmountQuantile(TransactionKind::kPayment, "gold", kEur, 0.5), 0);
  EXPECT_LT(population.AmountQuantile(TransactionKind::kTransfer, "gold", *Currency::Find("USD"), 0.5), 0);
}

TEST(Population, SmallAndLargestAmountsHaveABin) {
  Population population;
  for (int i = 0; i < 200; ++i) population.Learn(Payment(1), "");
  EXPECT_EQ(population.AmountQuantile(TransactionKind::kTransfer, "", kEur, 1), 1);
  for (int i = 0; i < 200; ++i) population.Learn(Payment(kMoneyMinorMax), "");
  EXPECT_GE(population.AmountQuantile(TransactionKind::kTransfer, "", kEur, 1), kMoneyMinorMax);
}

TEST(Population, TheOrderOfArrivalDoesNotMatter) {
  std::vector<schemas::Event> events;
  std::mt19937 random(3);
  for (int i = 0; i < 3000; ++i)
    events.push_back(LoginFrom(i % 3 == 0 ? "DE" : "FR", kNoon + std::chrono::hours(random() % 2000)));
  Population in_order;
  for (const schemas::Event& event : events) in_order.Learn(event, "");
  std::shuffle(events.begin(), events.end(), random);
  Population shuffled;
  for (const schemas::Event& event : events) shuffled.Learn(event, "");
  EXPECT_NEAR(in_order.CountryShare("DE"), shuffled.CountryShare("DE"), 1e-9);
}

TEST(Population, ASumIsWhatOneWouldHaveLearnt) {
  Population one;
  Population sum;
  for (int part = 0; part < 4; ++part) {
    Population more;
    for (int i = 0; i < 600; ++i) {
      const Timestamp at = kNoon + part * 24h * 20 + i * 1min;
      for (Population* population : {&one, &more}) {
        population->Learn(LoginFrom(i % 3 == 0 ? "DE" : "FR", at), "");
        population->Learn(EventBuilder("e", at).Via(test::kMobile).With(test::kLaptop), "");
        population->Learn(Payment(i + 1 + part * 100, at), "gold");
      }
    }
    sum.Add(more);
  }
  sum.Add({});
  EXPECT_NEAR(sum.LoginsSeen(), one.LoginsSeen(), 1e-6);
  EXPECT_NEAR(sum.CountryShare("FR"), one.CountryShare("FR"), 1e-9);
  EXPECT_NEAR(sum.NetworkTally("DE", test::kMobile.asn).lower,
              one.NetworkTally("DE", test::kMobile.asn).lower, 1e-6);
  EXPECT_NEAR(sum.DeviceTally("Windows", "Chrome").upper, one.DeviceTally("Windows", "Chrome").upper, 1e-6);
  for (const double quantile : {0.1, 0.5, 0.99}) {
    EXPECT_EQ(sum.AmountQuantile(TransactionKind::kTransfer, "gold", kEur, quantile),
              one.AmountQuantile(TransactionKind::kTransfer, "gold", kEur, quantile));
  }
}

TEST(Population, TenYearsDoNotOverflow) {
  Population population;
  for (int day = 0; day < 3650; ++day) {
    for (int i = 0; i < 30; ++i) population.Learn(LoginFrom(i < 15 ? "DE" : "FR", kNoon + 24h * day), "");
  }
  EXPECT_NEAR(population.CountryShare("DE"), 0.5, 1e-6);
}

Population Sample() {
  Population population;
  for (int i = 0; i < 50; ++i) {
    population.Learn(LoginFrom(i % 2 == 0 ? "DE" : "CN", kNoon + i * 1h), "");
    population.Learn(Payment(i * 1000 + 1, kNoon + i * 1h), i % 2 == 0 ? "gold" : "");
  }
  return population;
}

TEST(Population, IsReadBackAsItWas) {
  std::string bytes;
  Sample().Encode(bytes);
  Population read;
  ASSERT_TRUE(read.Decode(bytes).ok());
  EXPECT_EQ(read, Sample());
  std::string nothing;
  Population().Encode(nothing);
  EXPECT_TRUE(nothing.empty());
  ASSERT_TRUE(read.Decode("").ok());
  EXPECT_EQ(read, Population());
}

TEST(Population, TalliesAreDecayedAndOfLogins) {
  Population population;
  for (int i = 0; i < 300; ++i) population.Learn(EventBuilder("e", kNoon), "");
  for (int i = 0; i < 100; ++i)
    population.Learn(EventBuilder("e", kNoon).Via(test::kMobile).With(test::kLaptop), "");
  population.Learn(LoginFrom("FR", kNoon + 24h * 30), "");
  const PairTally home = population.NetworkTally("DE", test::kHomeLine.asn);
  EXPECT_NEAR(home.lower, 150, 1e-6);
  EXPECT_NEAR(home.upper, 200, 1e-6);
  EXPECT_NEAR(home.total, 201, 1e-6);
  EXPECT_EQ(home.kinds_in_upper, 2);
  EXPECT_EQ(home.uppers, 2);
  const PairTally laptop = population.DeviceTally("Windows", "Chrome");
  EXPECT_NEAR(laptop.lower, 50, 1e-6);
  EXPECT_EQ(population.DeviceTally("iOS", "iPhone 14").kinds_in_upper, 1);
  EXPECT_EQ(population.DeviceTally("iOS", "iPhone 15").lower, 0);
  EXPECT_EQ(population.NetworkTally("", 1).upper, 0);
}

// Version 1 had neither networks nor devices.
TEST(Population, AnEarlierVersionIsRead) {
  const std::string_view version_1(
      "\x01\x80\x94\x94\xca\xca\x33\x80\x94\x94\xca\xca\x33"
      "\0\0\0\0\0\0\xf0\x3f\x01"
      "DE\0\0\0\0\0\0\xf0\x3f\0",
      13 + 9 + 10 + 1);
  Population read;
  ASSERT_TRUE(read.Decode(version_1).ok());
  EXPECT_NEAR(read.LoginsSeen(), 1, 1e-9);
  EXPECT_EQ(read.NetworkTally("DE", 1).total, 0);
  std::string bytes;
  read.Encode(bytes);
  EXPECT_EQ(bytes.front(), Population::kVersion);
}

TEST(Population, HostileBytesDoNoHarm) {
  std::string bytes;
  Sample().Encode(bytes);
  for (size_t size = 1; size < bytes.size(); ++size) {
    Population read;
    EXPECT_FALSE(read.Decode(std::string_view(bytes).substr(0, size)).ok()) << size;
    EXPECT_EQ(read, Population());
  }
  std::mt19937 random(5);
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = bytes;
    damaged[random() % damaged.size()] = static_cast<char>(random());
    Population read;
    if (!read.Decode(damaged).ok()) continue;
    const double share = read.CountryShare("DE");
    EXPECT_LE(share, 1e300);
    static_cast<void>(read.AmountQuantile(TransactionKind::kTransfer, "gold", kEur, 0.99));
    read.Learn(LoginFrom("DE", kNoon + 24h * 4000), "");
  }
}

TEST(Population, StaysBoundedWithAnyTiersAndCountries) {
  Population population;
  for (int i = 0; i < 2000; ++i) {
    population.Learn(Payment(i + 1), "tier-" + std::to_string(i) + std::string(1000, 'x'));
    population.Learn(
        LoginFrom(std::string{static_cast<char>('A' + i % 26), static_cast<char>('A' + i / 26 % 26)}, kNoon),
        "");
  }
  std::string bytes;
  population.Encode(bytes);
  EXPECT_LT(bytes.size(), 32'768U);
}

}  // namespace
}  // namespace tocsin::detectors
