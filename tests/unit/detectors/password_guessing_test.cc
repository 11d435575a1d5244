#include "detectors/password_guessing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "detectors/guessing.h"
#include "tests/support/account_story.h"
#include "tests/support/event_builder.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::Event;
using schemas::FailureReason;
using test::AccountStory;
using test::EventBuilder;

constexpr Timestamp kNoon = FromMillis(1'772'366'400'000);
constexpr std::string_view kId = "password_guessing";

Event Failure(const std::string& id, Timestamp at) {
  return EventBuilder(id, at).Failed().With(test::kStranger).Via(test::kOtherLine);
}

// `count` failures from `begin` on, `gap` apart: "f0", "f1", …
std::vector<Event> Failures(int count, Timestamp begin, Millis gap) {
  std::vector<Event> events;
  for (int i = 0; i < count; ++i) events.push_back(Failure("f" + std::to_string(i), begin + i * gap));
  return events;
}

struct Burst {
  std::string name;
  int count = 0;
  Millis gap;
  bool alerts = false;
};

class BurstTest : public testing::TestWithParam<Burst> {};

TEST_P(BurstTest, IsJudgedByItsWindows) {
  AccountStory story;
  story.RunAll(Failures(GetParam().count, kNoon, GetParam().gap));
  EXPECT_EQ(story.ActiveCauses(kId),
            GetParam().alerts ? std::vector<std::string>{"f0"} : std::vector<std::string>{});
}

INSTANTIATE_TEST_SUITE_P(Windows, BurstTest,
                         testing::Values(Burst{"NineAtOnce", 9, 0ms, false},
                                         Burst{"TenAtOnce", 10, 0ms, true},
                                         Burst{"TenInExactlyTenMinutes", 10, Millis(600'000 / 9 + 0), true},
                                         Burst{"NineteenInAnHour", 19, 3min, false},
                                         Burst{"TwentyInLessThanAnHour", 20, 3min, true},
                                         Burst{"TwentyOneEachThreeMinutes", 21, 3min, true},
                                         Burst{"TwentyInMoreThanAnHour", 20, 190s, false},
                                         Burst{"OneADayForAMonth", 30, 24h, false}),
                         [](const auto& tested) { return tested.param.name; });

struct Edge {
  std::string name;
  Millis last;  // Of the attempt that completes the number, after the first.
  int count = 0;
  bool alerts = false;
};

class EdgeTest : public testing::TestWithParam<Edge> {};

TEST_P(EdgeTest, BothEndsOfAWindowCount) {
  AccountStory story;
  story.Run(Failure("first", kNoon));
  // The others are near the last one, so that only the first one's distance matters.
  for (int i = 0; i < GetParam().count - 1; ++i) {
    story.Run(Failure("f" + std::to_string(i), kNoon + GetParam().last));
  }
  EXPECT_EQ(!story.ActiveCauses(kId).empty(), GetParam().alerts);
}

INSTANTIATE_TEST_SUITE_P(Edges, EdgeTest,
                         testing::Values(Edge{"ShortAtTheEdge", 10min, 10, true},
                                         Edge{"ShortBeyondTheEdge", 10min + 1ms, 10, false}),
                         [](const auto& tested) { return tested.param.name; });

TEST(PasswordGuessingTest, LongWindowIsExactAtItsEdge) {
  for (const bool beyond : {false, true}) {
    AccountStory story;
    // Nine early, two in the middle, nine late: never ten in ten minutes.
    std::vector<Timestamp> times(9, kNoon);
    times.insert(times.end(), 2, kNoon + 30min);
    times.insert(times.end(), 9, kNoon + 60min + (beyond ? 1ms : 0ms));
    for (size_t i = 0; i < times.size(); ++i) story.Run(Failure("f" + std::to_string(i), times[i]));
    EXPECT_EQ(story.ActiveCauses(kId).empty(), beyond);
  }
}

struct NoGuess {
  std::string name;
  FailureReason reason = FailureReason::kBadCredentials;
  schemas::LoginMethod method = schemas::LoginMethod::kPassword;
};

class NoGuessTest : public testing::TestWithParam<NoGuess> {};

TEST_P(NoGuessTest, IsNoEvidence) {
  AccountStory story;
  for (Event event : Failures(50, kNoon, 1s)) {
    auto& login = std::get<schemas::Login>(event.payload);
    login.failure_reason = GetParam().reason;
    login.method = GetParam().method;
    EXPECT_FALSE(IsGuess(event));
    EXPECT_TRUE(story.Run(event).Of(kId).clear());
  }
  EXPECT_TRUE(story.state().failures().empty());
}

INSTANTIATE_TEST_SUITE_P(
    Reasons, NoGuessTest,
    testing::Values(NoGuess{"Locked", FailureReason::kLocked},
                    NoGuess{"BlockedByPolicy", FailureReason::kBlockedByPolicy},
                    NoGuess{"MfaFailed", FailureReason::kMfaFailed},
                    NoGuess{"MfaDenied", FailureReason::kMfaDenied},
                    NoGuess{"MfaTimeout", FailureReason::kMfaTimeout},
                    NoGuess{"Expired", FailureReason::kExpired},
                    NoGuess{"Passkey", FailureReason::kBadCredentials, schemas::LoginMethod::kPasskey},
                    NoGuess{"Biometric", FailureReason::kBadCredentials, schemas::LoginMethod::kBiometric},
                    NoGuess{"Token", FailureReason::kBadCredentials, schemas::LoginMethod::kToken}),
    [](const auto& tested) { return tested.param.name; });

struct Spreading {
  std::string name;
  int attempts = 10;
  int addresses = 5;
  int networks = 1;
  int countries = 1;
  bool alerts = false;
};

class SpreadingTest : public testing::TestWithParam<Spreading> {};

TEST_P(SpreadingTest, IsDistributedFromManyPlaces) {
  const Spreading& spread = GetParam();
  constexpr std::array kCountries = {"DE", "FR", "PL", "NL"};
  AccountStory story;
  for (int i = 0; i < spread.attempts; ++i) {
    Event event = Failure("f" + std::to_string(i), kNoon + i * 5min);
    event.facts.network.address = *IpAddress::Parse("81.2.71." + std::to_string(i % spread.addresses + 1));
    event.facts.network.asn = 3000 + static_cast<uint32_t>(i % spread.networks);
    event.facts.place.country = kCountries[static_cast<size_t>(i % spread.countries)];
    story.Run(event);
  }
  ASSERT_EQ(!story.ActiveCauses(kId).empty(), spread.alerts);
  if (spread.alerts) {
    EXPECT_EQ(story.Only(kId).reasons.front().code, "password_guessing_distributed");
  }
}

INSTANTIATE_TEST_SUITE_P(Spreads, SpreadingTest,
                         testing::Values(Spreading{"FiveAddressesTwoCountries", 10, 5, 1, 2, true},
                                         Spreading{"FiveAddressesThreeNetworks", 10, 5, 3, 1, true},
                                         Spreading{"FourAddresses", 10, 4, 4, 4, false},
                                         Spreading{"NineAttempts", 9, 9, 9, 4, false},
                                         Spreading{"OneCountryTwoNetworks", 10, 5, 2, 1, false}),
                         [](const auto& tested) { return tested.param.name; });

TEST(PasswordGuessingTest, OneRunIsOneFindingHoweverLong) {
  AccountStory story;
  story.RunAll(Failures(20'000, kNoon, 100ms));
  EXPECT_EQ(story.ActiveCauses(kId), std::vector<std::string>{"f0"});
  EXPECT_EQ(std::get<int64_t>(story.Only(kId).evidence[9].value), 20'000);
  EXPECT_LT(story.state().ByteSize(), 200'000U);
}

// What a platform refuses unseen because the account is locked is no guess; those before and after are of one
// run.
TEST(PasswordGuessingTest, ALockNeitherEndsARunNorHidesIt) {
  AccountStory story;
  for (int i = 0; i < 5; ++i) story.Run(Failure("before" + std::to_string(i), kNoon + i * 1s));
  for (int i = 0; i < 50; ++i) {
    Event refused = Failure("locked" + std::to_string(i), kNoon + 10s + i * 1s);
    std::get<schemas::Login>(refused.payload).failure_reason = FailureReason::kLocked;
    story.Run(refused);
  }
  EXPECT_TRUE(story.ActiveCauses(kId).empty());
  for (int i = 0; i < 5; ++i) story.Run(Failure("after" + std::to_string(i), kNoon + 5min + i * 1s));
  EXPECT_EQ(story.ActiveCauses(kId), std::vector<std::string>{"before0"});
}

TEST(PasswordGuessingTest, APauseOfMoreThanAnHourMakesTwoFindings) {
  AccountStory story;
  story.RunAll(Failures(10, kNoon, 1s));
  for (int i = 0; i < 10; ++i) story.Run(Failure("g" + std::to_string(i), kNoon + 9s + 60min + 1ms + i * 1s));
  EXPECT_EQ(story.ActiveCauses(kId), (std::vector<std::string>{"f0", "g0"}));
}

TEST(PasswordGuessingTest, ALateFailureMovesTheCause) {
  AccountStory story;
  std::vector<Event> events = Failures(12, kNoon, 1s);
  for (size_t i = 1; i < events.size(); ++i) story.Run(events[i]);
  EXPECT_EQ(story.ActiveCauses(kId), std::vector<std::string>{"f1"});
  story.Run(events[0]);
  EXPECT_EQ(story.ActiveCauses(kId), std::vector<std::string>{"f0"});
}

TEST(PasswordGuessingTest, ALateFailureFarBeforeStillMovesTheCause) {
  AccountStory story;
  story.RunAll(Failures(10, kNoon, 1s));
  story.Run(Failure("early", kNoon - 60min));  // In no window with ten, but of the same run.
  EXPECT_EQ(story.ActiveCauses(kId), std::vector<std::string>{"early"});
  story.Run(Failure("apart", kNoon - 120min - 1ms));
  EXPECT_EQ(story.ActiveCauses(kId), std::vector<std::string>{"early"});
}

TEST(PasswordGuessingTest, ALateFailureJoinsTwoRuns) {
  AccountStory story;
  story.RunAll(Failures(10, kNoon, 1s));
  for (int i = 0; i < 10; ++i) story.Run(Failure("g" + std::to_string(i), kNoon + 100min + i * 1s));
  EXPECT_EQ(story.ActiveCauses(kId), (std::vector<std::string>{"f0", "g0"}));
  story.Run(Failure("between", kNoon + 50min));
  EXPECT_EQ(story.ActiveCauses(kId), std::vector<std::string>{"f0"});
}

TEST(PasswordGuessingTest, AnyOrderOfArrivalGivesTheSameFinding) {
  std::vector<Event> events = Failures(15, kNoon, 20s);
  std::mt19937 random(7);
  for (int i = 0; i < 50; ++i) {
    std::shuffle(events.begin(), events.end(), random);
    AccountStory story;
    story.RunAll(events);
    EXPECT_EQ(story.ActiveCauses(kId), std::vector<std::string>{"f0"});
  }
}

TEST(PasswordGuessingTest, DuplicatesCountOnce) {
  AccountStory story;
  for (const Event& event : Failures(9, kNoon, 1s)) {
    story.Run(event);
    story.Run(event);
  }
  EXPECT_TRUE(story.ActiveCauses(kId).empty());
}

TEST(PasswordGuessingTest, TheOwnersOwnDeviceIsWorthLittle) {
  AccountStory story;
  for (int i = 0; i < 6; ++i) story.Run(EventBuilder("login" + std::to_string(i), kNoon - 200h + i * 24h));
  for (int i = 0; i < 10; ++i) story.Run(EventBuilder("f" + std::to_string(i), kNoon + i * 1s).Failed());
  EXPECT_EQ(story.Only(kId).severity, schemas::Severity::kLow);
  EXPECT_LT(story.Only(kId).weight, 0.5);
  story.Run(Failure("stranger", kNoon + 10s));
  EXPECT_EQ(story.Only(kId).severity, schemas::Severity::kMedium);
}

TEST(PasswordGuessingTest, ThresholdsAreConfiguration) {
  DetectorConfigs configs;
  std::get<Configured<PasswordGuessing>>(configs).config.short_attempts = 3;
  AccountStory story(configs);
  story.RunAll(Failures(3, kNoon, 1s));
  EXPECT_EQ(story.ActiveCauses(kId), std::vector<std::string>{"f0"});
  EXPECT_EQ(story.Only(kId).reasons.front().observed, "3 in 10 min");
  EXPECT_EQ(story.Only(kId).reasons.front().usual, "< 3 in 10 min");
}

}  // namespace
}  // namespace tocsin::detectors
