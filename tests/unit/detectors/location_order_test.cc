// A law: what is claimed does not depend on the order in which events arrive, as long as none is more than
// five minutes late.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/settled_account.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using test::EventBuilder;
using test::kNoon;
using test::SettledAccount;

constexpr const char* kDetectors[] = {"impossible_travel", "new_country",       "new_region",
                                      "new_network",       "anonymous_network", "concurrent_places",
                                      "new_device",        "device_tampered",   "session_moved",
                                      "locale_mismatch",   "unusual_hour",      "dormant_reactivation"};

constexpr test::City kCities[] = {test::kBerlin, test::kPotsdam,    test::kParis,
                                  test::kTokyo,  test::kStrasbourg, test::kMunich};
constexpr test::NetworkOf kNetworks[] = {test::kHomeLine, test::kMobile,  test::kOtherLine,
                                         test::kVpn,      test::kHosting, test::kTor};
constexpr test::DeviceOf kDevices[] = {test::kPhone,
                                       test::kLaptop,
                                       test::kStranger,
                                       test::kBrowser,
                                       {"cookie-9", "web", "", "Windows", "Chrome", 10, 121}};

std::vector<schemas::Event> SmallHistory(std::mt19937& random) {
  std::vector<schemas::Event> events;
  Timestamp at = kNoon;
  const size_t size = 3 + random() % 8;
  for (size_t i = 0; i < size; ++i) {
    // Ties in time included.
    at += std::chrono::minutes(random() % 5 == 0 ? random() % 300 : random() % 3);
    EventBuilder builder("e" + std::to_string(random() % 1000) + "-" + std::to_string(i), at);
    builder.From(kCities[random() % std::size(kCities)])
        .Via(kNetworks[random() % std::size(kNetworks)])
        .With(kDevices[random() % std::size(kDevices)]);
    builder.Address("81.2." + std::to_string(random() % 4) + ".1");
    if (random() % 10 == 0) builder.Failed();
    if (random() % 4 != 0) builder.event().session_id = "s-" + std::to_string(random() % 3);
    if (random() % 6 == 0) builder.event().facts.device.emulator = true;
    if (random() % 6 == 0) builder.event().facts.device.rooted = true;
    if (random() % 8 == 0) builder.event().facts.device.browser_family = "Chrome";
    if (random() % 4 == 0) builder.event().timezone = random() % 2 == 0 ? "Asia/Tokyo" : "Europe/Berlin";
    if (random() % 8 == 0) builder.event().facts.place.precision = schemas::Precision::kCountry;
    events.push_back(builder);
  }
  return events;
}

// Each event arrives up to five minutes after its time.
std::vector<schemas::Event> Delayed(const std::vector<schemas::Event>& events, std::mt19937& random) {
  std::vector<std::pair<Timestamp, schemas::Event>> arrivals;
  for (const schemas::Event& event : events) {
    arrivals.emplace_back(event.occurred_at + std::chrono::milliseconds(random() % 300'001), event);
  }
  std::stable_sort(arrivals.begin(), arrivals.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<schemas::Event> order;
  for (auto& arrival : arrivals) order.push_back(std::move(arrival.second));
  return order;
}

std::map<std::string, std::vector<std::string>> Claimed(const std::vector<schemas::Event>& events) {
  SettledAccount account;
  account.RunAll(events);
  std::map<std::string, std::vector<std::string>> claimed;
  for (const char* detector : kDetectors) claimed[detector] = account.ActiveCauses(detector);
  return claimed;
}

std::string Told(const std::vector<schemas::Event>& events) {
  std::string told;
  for (const schemas::Event& event : events) {
    told += "\n" + event.event_id.str() + " at " + FormatRfc3339(event.occurred_at) + " " +
            event.facts.place.city + " AS" + std::to_string(event.facts.network.asn) + " " +
            event.facts.device.id + event.facts.device.browser_family +
            (event.IsSuccessfulUse() ? "" : " failed");
  }
  return told;
}

TEST(LocationOrder, ArrivalWithinFiveMinutesDoesNotChangeWhatIsClaimed) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const std::vector<schemas::Event> history = SmallHistory(random);
    std::vector<schemas::Event> in_order = history;
    std::sort(in_order.begin(), in_order.end(), [](const schemas::Event& a, const schemas::Event& b) {
      return std::pair(a.occurred_at, a.event_id.view()) < std::pair(b.occurred_at, b.event_id.view());
    });
    const auto expected = Claimed(in_order);
    for (int round = 0; round < 3; ++round) {
      const std::vector<schemas::Event> arrived = Delayed(history, random);
      ASSERT_EQ(Claimed(arrived), expected) << "seed " << seed << Told(arrived);
    }
  }
}

TEST(LocationOrder, TwiceTheSameIsTheSameStateAndTheSameClaims) {
  for (unsigned seed = 0; seed < 30; ++seed) {
    std::mt19937 random(seed);
    std::vector<schemas::Event> history = SmallHistory(random);
    SettledAccount once;
    once.RunAll(history);
    SettledAccount twice;
    for (const schemas::Event& event : history) {
      twice.Run(event);
      twice.Run(event);
    }
    twice.RunAll(history);
    ASSERT_EQ(once.state(), twice.state()) << "seed " << seed;
    ASSERT_EQ(once.active().size(), twice.active().size()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace tocsin::detectors
