// RarityOf, one thing at a time: of two uses that differ only in how often the account has used where, with
// what or from which address they come, the one used less never scores less. Everybody else uses all of them
// alike, so nothing but the account's own past decides.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <random>
#include <string>

#include "detectors/rarity.h"
#include "tests/support/settled_account.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using test::EventBuilder;
using test::kNoon;

// Six lines, three in each of two countries; six devices, three of each of two systems.
constexpr size_t kThings = 6;
constexpr size_t kKinds = 2;
constexpr size_t kOfAKind = kThings / kKinds;
using Uses = std::array<int, kThings>;

size_t KindOf(size_t thing) { return thing / kOfAKind; }
int UsesOfKind(const Uses& uses, size_t thing) {
  int sum = 0;
  for (size_t i = 0; i < kThings; ++i) sum += KindOf(i) == KindOf(thing) ? uses[i] : 0;
  return sum;
}
uint32_t SystemOf(size_t thing) { return static_cast<uint32_t>(64'500 + thing); }

EventBuilder Login(size_t line, size_t device) {
  const std::string id = "device-" + std::to_string(device);
  const std::string model = "Model " + std::to_string(device);
  EventBuilder builder("now", kNoon);
  builder.From(KindOf(line) == 0 ? test::kBerlin : test::kParis)
      .Via({"81.2.69.10", SystemOf(line), "Line"})
      .With({id, "android", model, KindOf(device) == 0 ? "Android" : "HarmonyOS", "App"});
  return builder;
}

// As many hours of use in the last weeks, the last of them yesterday.
Tenure Used(int hours) {
  return {.uses = static_cast<float>(hours), .first_seen = kNoon - 60 * 24h, .last_seen = kNoon - 24h};
}

AccountState AccountOf(const Uses& lines, const Uses& devices) {
  AccountState state;
  for (size_t i = 0; i < kThings; ++i) {
    if (i % kOfAKind == 0 && UsesOfKind(lines, i) > 0) {
      const schemas::Place place = Login(i, 0).event().facts.place;
      state.MutablePlaces().known.push_back({.country = place.country,
                                             .label = place.city,
                                             .point = place.point,
                                             .radius_km = 25,
                                             .exact = true,
                                             .tenure = Used(UsesOfKind(lines, i))});
    }
    if (lines[i] > 0) {
      state.MutableNetworks().known.push_back({.asn = SystemOf(i),
                                               .network_class = schemas::NetworkClass::kResidential,
                                               .organization = "Line",
                                               .tenure = Used(lines[i])});
    }
    if (devices[i] > 0) {
      const schemas::Device device = Login(0, i).event().facts.device;
      state.MutableDevices().known.push_back({.id = device.id,
                                              .platform = device.platform,
                                              .model = device.model,
                                              .os_family = device.os_family,
                                              .browser_family = device.browser_family,
                                              .tenure = Used(devices[i])});
    }
  }
  return state;
}

const Population& Everybody() {
  static const Population population = [] {
    Population all;
    for (size_t i = 0; i < 100 * kThings * kThings; ++i)
      all.Learn(Login(i % kThings, i / kThings % kThings), "");
    return all;
  }();
  return population;
}

Uses AnyUses(std::mt19937_64& random) {
  Uses uses{};
  for (int& one : uses) one = random() % 3 == 0 ? 0 : static_cast<int>(1 + random() % 40);
  return uses;
}

// Of all pairs: what is used no more often, and its kind no more often, scores no less. Returns how many of
// them scored more.
template <class FactorOf>
int ExpectMonotone(const Uses& uses, FactorOf factor_of) {
  int more = 0;
  for (size_t a = 0; a < kThings; ++a) {
    for (size_t b = 0; b < kThings; ++b) {
      if (uses[a] < uses[b] || UsesOfKind(uses, a) < UsesOfKind(uses, b)) continue;
      const double often = factor_of(a);
      const double seldom = factor_of(b);
      EXPECT_LE(often, seldom + 1e-9) << uses[a] << " of " << UsesOfKind(uses, a) << " uses, against "
                                      << uses[b] << " of " << UsesOfKind(uses, b);
      more += seldom > often + 1e-3 ? 1 : 0;
    }
  }
  return more;
}

TEST(RarityMonotoneTest, ALineUsedLessNeverScoresLess) {
  std::mt19937_64 random(6);
  int more = 0;
  for (int round = 0; round < 100; ++round) {
    const Uses lines = AnyUses(random);
    const AccountState state = AccountOf(lines, {10, 0, 0, 0, 0, 0});
    more += ExpectMonotone(lines, [&](size_t line) {
      return RarityOf(Login(line, 0), state, Everybody()).network.value().log_ratio;
    });
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(more, 300) << "they do not only not fall";
}

TEST(RarityMonotoneTest, ADeviceUsedLessNeverScoresLess) {
  std::mt19937_64 random(7);
  int more = 0;
  for (int round = 0; round < 100; ++round) {
    const Uses devices = AnyUses(random);
    const AccountState state = AccountOf({10, 0, 0, 0, 0, 0}, devices);
    more += ExpectMonotone(devices, [&](size_t device) {
      return RarityOf(Login(0, device), state, Everybody()).device.value().log_ratio;
    });
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(more, 300) << "they do not only not fall";
}

// Seen in part: the country and not the line; the system and not the model. The published form puts it above
// what has never been seen at all once the account is mostly elsewhere.
TEST(RarityMonotoneTest, HoweverMuchTheAccountIsElsewhereKnownInPartIsBetterThanNotAtAll) {
  for (const int elsewhere : {0, 1, 10, 100, 1000}) {
    const Uses uses = {1,         0, 0,
                       elsewhere, 0, 0};  // Nothing is elsewhere than in the first kind, or nearly all.
    const Uses only_there = {0, 0, 0, elsewhere + 1, 0, 0};
    const AccountState some = AccountOf(uses, uses);
    const AccountState none = AccountOf(only_there, only_there);
    const auto network = [](size_t line, const AccountState& state) {
      return RarityOf(Login(line, 3), state, Everybody()).network.value().log_ratio;
    };
    const auto device = [](size_t thing, const AccountState& state) {
      return RarityOf(Login(3, thing), state, Everybody()).device.value().log_ratio;
    };
    EXPECT_LE(network(0, some), network(1, some)) << elsewhere << ": the line itself, or its country alone";
    EXPECT_LE(network(1, some), network(1, none)) << elsewhere << ": its country, or not even that";
    EXPECT_LE(device(0, some), device(1, some)) << elsewhere << ": the device itself, or its system alone";
    EXPECT_LE(device(1, some), device(1, none)) << elsewhere << ": its system, or not even that";
  }
}

TEST(RarityMonotoneTest, AnAddressUsedLessNeverScoresLess) {
  test::AccountStory story;
  for (int i = 0; i < 8; ++i) {
    story.Run(EventBuilder("e" + std::to_string(i), kNoon - 50h + i * 6h)
                  .Address(i == 3 ? "81.2.69.11" : "81.2.69.10"));
  }
  const auto factor = [&](std::string_view address) {
    const std::optional<RarityFactor> found =
        RarityOf(EventBuilder("now", kNoon).Address(address), story.state(), Everybody()).address;
    return found.value().log_ratio;
  };
  EXPECT_LE(factor("81.2.69.10"), factor("81.2.69.11")) << "seven times, or once";
  EXPECT_LT(factor("81.2.69.11"), factor("81.2.69.12")) << "once, or never";
}

// The sum: a step further from the usual in one of the three, with the other two as they were.
TEST(RarityMonotoneTest, EachFactorAloneRaisesTheScore) {
  const Uses uses = {20, 0, 0, 0, 0, 0};
  const AccountState state = AccountOf(uses, uses);
  const auto score = [&](size_t line, size_t device) {
    return RarityOf(Login(line, device), state, Everybody()).score();
  };
  EXPECT_LT(score(0, 0), score(1, 0)) << "another line";
  EXPECT_LT(score(1, 0), score(3, 0)) << "in another country";
  EXPECT_LT(score(0, 0), score(0, 1)) << "another model";
  EXPECT_LT(score(0, 1), score(0, 3)) << "of another system";
}

}  // namespace
}  // namespace tocsin::detectors
