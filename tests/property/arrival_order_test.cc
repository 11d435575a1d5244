// The order in which events of a few minutes arrive decides nothing: every finding of the right order is made
// in any other, and none is left over that only the wrong order produced.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/account_story.h"
#include "tests/support/event_builder.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::ChangeKind;
using schemas::Event;
using schemas::FailureReason;
using test::AccountStory;
using test::EventBuilder;

constexpr Timestamp kNoon = FromMillis(1'772'366'400'000);
constexpr Millis kDisorder = 5min;

class Life {
 public:
  explicit Life(uint64_t seed) : random_(seed) {}

  // Quiet weeks, then a day on which everything happens at once.
  std::vector<Event> Make() {
    std::vector<Event> events;
    const int days = 12 + static_cast<int>(Below(30));
    for (int day = days; day > 1; --day) {
      events.push_back(
          EventBuilder(Id(), kNoon - day * 24h).Via(Below(3) == 0 ? test::kMobile : test::kHomeLine));
      if (Below(2) == 0) events.push_back(EventBuilder(Id(), kNoon - day * 24h + 1h).Paid(Id(), Amount(40)));
    }
    Timestamp at = kNoon;
    const int count = 10 + static_cast<int>(Below(60));
    for (int i = 0; i < count; ++i) {
      at += Millis(1 + Below(90'000));
      events.push_back(Something(at));
    }
    // A day later, so that what did not happen in time is judged.
    for (int hour : {13, 27}) events.push_back(EventBuilder(Id(), at + std::chrono::hours(hour)));
    return events;
  }

  // Each event up to kDisorder late, and some of them twice.
  std::vector<Event> Disturb(const std::vector<Event>& events) {
    std::vector<std::pair<Timestamp, const Event*>> arrivals;
    for (const Event& event : events) {
      arrivals.emplace_back(event.occurred_at + Millis(Below(kDisorder.count())), &event);
      if (Below(8) == 0) arrivals.emplace_back(event.occurred_at + Millis(Below(kDisorder.count())), &event);
    }
    std::stable_sort(arrivals.begin(), arrivals.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Event> disturbed;
    disturbed.reserve(arrivals.size());
    for (const auto& [arrival, event] : arrivals) disturbed.push_back(*event);
    return disturbed;
  }

 private:
  int64_t Below(int64_t bound) { return static_cast<int64_t>(random_() % static_cast<uint64_t>(bound)); }
  std::string Id() { return "e" + std::to_string(++ids_); }
  Money Amount(int64_t bound) { return {100 + Below(bound * 100), *Currency::Find("EUR")}; }

  Event Something(Timestamp at) {
    constexpr std::array kCities = {test::kBerlin, test::kBerlin, test::kMunich, test::kTokyo,
                                    test::kNewYork};
    constexpr std::array kNetworks = {test::kHomeLine, test::kMobile, test::kOtherLine, test::kHosting,
                                      test::kTor};
    constexpr std::array kDevices = {test::kPhone, test::kPhone, test::kLaptop, test::kStranger};
    constexpr std::array kChanges = {ChangeKind::kPasswordChanged, ChangeKind::kEmailChanged,
                                     ChangeKind::kMfaDisabled,     ChangeKind::kPayeeAdded,
                                     ChangeKind::kDeviceTrusted,   ChangeKind::kMfaMethodAdded,
                                     ChangeKind::kPasswordReset};
    constexpr std::array kReasons = {FailureReason::kBadCredentials, FailureReason::kBadCredentials,
                                     FailureReason::kMfaFailed, FailureReason::kMfaDenied,
                                     FailureReason::kMfaTimeout};
    constexpr std::array kSessions = {"", "", "s-1", "s-2"};
    constexpr std::array kZones = {"", "Europe/Berlin", "Europe/Berlin", "Asia/Tokyo"};
    EventBuilder builder(Id(), at);
    builder.From(kCities[static_cast<size_t>(Below(5))]).Via(kNetworks[static_cast<size_t>(Below(5))]);
    builder.With(kDevices[static_cast<size_t>(Below(4))]);
    builder.event().session_id = kSessions[static_cast<size_t>(Below(4))];
    builder.event().timezone = kZones[static_cast<size_t>(Below(4))];
    builder.event().facts.device.emulator = Below(12) == 0;
    builder.event().facts.device.rooted = Below(12) == 0;
    const int64_t kind = Below(10);
    if (kind < 4) builder.Failed(kReasons[static_cast<size_t>(Below(5))]);
    if (kind == 4) builder.Changed(kChanges[static_cast<size_t>(Below(7))]);
    if (kind == 5 || kind == 6) builder.Paid(Id(), Amount(Below(10) == 0 ? 5000 : 40));
    return builder;
  }

  std::mt19937_64 random_;
  int ids_ = 0;
};

std::set<std::string> Findings(const std::vector<Event>& events) {
  AccountStory story;
  const Currency eur = *Currency::Find("EUR");
  story.limits().limits = {{.name = "single", .max = Money{200'000, eur}},
                           {.name = "day",
                            .window = Limit::Window::kRolling,
                            .rolling = 24h,
                            .max = Money{30'000, eur},
                            .warn_at = 0.8}};
  story.RunAll(events);
  std::set<std::string> findings;
  for (const auto& [identity, claim] : story.active()) findings.insert(identity);
  return findings;
}

class ArrivalOrderTest : public testing::TestWithParam<uint64_t> {};

TEST_P(ArrivalOrderTest, ChangesNoFinding) {
  for (uint64_t seed = GetParam(); seed < GetParam() + 100; ++seed) {
    Life life(seed);
    const std::vector<Event> events = life.Make();
    const std::vector<Event> disturbed = life.Disturb(events);
    const std::set<std::string> expected = Findings(events);
    const std::set<std::string> found = Findings(disturbed);
    std::string lost;
    std::string left_over;
    for (const std::string& finding : expected) lost += found.contains(finding) ? "" : finding + " ";
    for (const std::string& finding : found) left_over += expected.contains(finding) ? "" : finding + " ";
    EXPECT_EQ(lost, "") << "seed " << seed;
    EXPECT_EQ(left_over, "") << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ArrivalOrderTest, testing::Range(uint64_t{0}, uint64_t{1000}, uint64_t{100}));

}  // namespace
}  // namespace tocsin::detectors
