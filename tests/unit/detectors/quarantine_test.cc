// No poisoning: what an event under suspicion brings waits, and what becomes of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/learning/answer_quarantine.h"
#include "detectors/novelty.h"
#include "schemas/finding.h"
#include "tests/support/settled_account.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::FeedbackBy;
using schemas::FeedbackVerdict;
using test::AccountStory;
using test::EventBuilder;
using test::kNoon;
using test::SettledAccount;

constexpr auto kDay = 24h;

// A login as an attacker makes it.
EventBuilder Attack(std::string_view id, Timestamp at) {
  return EventBuilder(id, at).From(test::kTokyo).Via(test::kVpn).With(test::kStranger);
}
// The owner away from home with a new device; nothing else about it is strange.
EventBuilder Away(std::string_view id, Timestamp at) {
  return EventBuilder(id, at).From(test::kTokyo).Via(test::kOtherLine).With(test::kLaptop);
}

const Tenure* TenureOfDevice(const AccountState& state, std::string_view id) {
  for (const KnownDevice& device : state.devices().known) {
    if (device.id == id) return &device.tenure;
  }
  return nullptr;
}
Standing StandingOfDevice(const AccountStory& story, std::string_view id) {
  const Tenure* const tenure = TenureOfDevice(story.state(), id);
  EXPECT_NE(tenure, nullptr);
  return tenure == nullptr ? Standing::kKnown : tenure->standing;
}
Standing StandingOfCountry(const AccountStory& story, std::string_view country) {
  for (const KnownPlace& place : story.state().places().known) {
    if (place.country == country) return place.tenure.standing;
  }
  ADD_FAILURE() << "no place in " << country;
  return Standing::kKnown;
}

TEST(Quarantine, AnEventUnderSuspicionTeachesNothing) {
  SettledAccount account;
  const Tenure home = account.state().places().known.at(0).tenure;
  account.Run(Attack("attack", kNoon));
  EXPECT_EQ(StandingOfDevice(account, "stranger-1"), Standing::kPending);
  EXPECT_EQ(StandingOfCountry(account, "JP"), Standing::kPending);
  EXPECT_EQ(account.state().networks().known.back().tenure.standing, Standing::kPending);
  EXPECT_EQ(account.state().networks().known.back().tenure.introduced_by, "attack");
  // Neither does what was known before: a strange device from the home line.
  account.Run(EventBuilder("inside", kNoon + kDay).With(test::kStranger));
  Tenure seen = account.state().places().known.at(0).tenure;
  EXPECT_EQ(std::exchange(seen.suspected_at, kTimestampMin), UseHour(kNoon + kDay)) << "it was seen";
  EXPECT_EQ(seen, home) << "and gains nothing by it";
}

TEST(Quarantine, DailyLoginsWhileTheCaseIsOpenNeverBecomeKnown) {
  SettledAccount account;
  account.Run(Attack("attack-0", kNoon));
  account.set_case_open(true);
  for (int day = 1; day <= 120; ++day) {
    const DetectionResult& result = account.Run(Attack("attack-" + std::to_string(day), kNoon + day * kDay));
    for (const char* detector : {"new_country", "anonymous_network", "new_device"}) {
      ASSERT_TRUE(result.Of(detector).alert()) << detector << " on day " << day;
    }
  }
  EXPECT_EQ(StandingOfDevice(account, "stranger-1"), Standing::kPending);
  EXPECT_EQ(account.ActiveCauses("new_device"), std::vector<std::string>{"attack-0"});
}

TEST(Quarantine, WhatNobodyObjectsToIsLearntAfterAWeek) {
  SettledAccount account;
  account.Run(Away("first", kNoon));
  const DetectionResult& before = account.Run(Away("before", kNoon + 7 * kDay - 1ms));
  EXPECT_TRUE(before.Of("new_device").alert());
  EXPECT_EQ(StandingOfDevice(account, "laptop-1"), Standing::kPending);
  const DetectionResult& ripe = account.Run(Away("ripe", kNoon + 7 * kDay));
  EXPECT_TRUE(ripe.Of("new_device").clear());
  EXPECT_TRUE(ripe.Of("new_country").clear());
  EXPECT_EQ(StandingOfDevice(account, "laptop-1"), Standing::kKnown);
  EXPECT_EQ(StandingOfCountry(account, "JP"), Standing::kKnown);
}

// Ripe, but this login is under suspicion for another reason: nothing is learnt from it.
TEST(Quarantine, ASuspiciousUsePromotesNothing) {
  SettledAccount account;
  account.Run(Away("first", kNoon));
  account.Run(Away("tor", kNoon + 8 * kDay).Via(test::kTor));
  EXPECT_EQ(StandingOfDevice(account, "laptop-1"), Standing::kPending);
  account.Run(Away("plain", kNoon + 9 * kDay));
  EXPECT_EQ(StandingOfDevice(account, "laptop-1"), Standing::kKnown);
}

// Whichever of two uses arrives first, one that comes before the end of quarantine is told of, as the same
// finding, and what was learnt in the end is the same.
TEST(Quarantine, ItsEndDoesNotReachBackToWhatComesBefore) {
  const Timestamp end = kNoon + 7 * kDay;
  const auto story = [&](bool in_order) {
    SettledAccount account;
    account.Run(Away("first", kNoon));
    const EventBuilder before = Away("before", end - 2min);
    const EventBuilder after = Away("after", end + 1min);
    bool told = false;
    for (const bool is_before : {in_order, !in_order}) {
      const DetectionResult& result = account.Run(is_before ? before : after);
      if (is_before) told = result.Of("new_device").alert();
    }
    EXPECT_TRUE(told) << in_order;
    EXPECT_EQ(account.ActiveCauses("new_device"), std::vector<std::string>{"first"}) << in_order;
    EXPECT_EQ(StandingOfDevice(account, "laptop-1"), Standing::kKnown);
    account.Run(Away("late", end - 3 * kDay));  // What was decided is not taken back.
    EXPECT_EQ(StandingOfDevice(account, "laptop-1"), Standing::kKnown);
    account.Run(Away("next", end + 4 * kDay));  // Nothing so late can come any more.
    EXPECT_EQ(TenureOfDevice(account.state(), "laptop-1")->known_since, kTimestampMin);
    return *TenureOfDevice(account.state(), "laptop-1");
  };
  EXPECT_EQ(story(true), story(false));
}

TEST(Quarantine, InTheLearningPhaseAllIsLearntUnlessSomethingElseIsWrong) {
  AccountStory story;
  story.Run(EventBuilder("berlin", kNoon));
  story.Run(EventBuilder("laptop", kNoon + 1h).With(test::kLaptop));
  EXPECT_EQ(StandingOfDevice(story, "laptop-1"), Standing::kKnown);
  story.Run(EventBuilder("tokyo", kNoon + 2h).From(test::kTokyo).Via(test::kOtherLine).With(test::kStranger));
  EXPECT_EQ(StandingOfDevice(story, "stranger-1"), Standing::kPending);
  EXPECT_EQ(StandingOfCountry(story, "JP"), Standing::kPending);
}

TEST(Quarantine, FailuresAndDeclinesTeachNothing) {
  SettledAccount account;
  const Places places = account.state().places();
  const Devices devices = account.state().devices();
  const Networks networks = account.state().networks();
  account.Run(Attack("failed", kNoon).Failed());
  const Money amount{.minor = 100, .currency = *Currency::Find("EUR")};
  account.Run(Attack("declined", kNoon + 1min).Paid("t-1", amount, schemas::TransactionStatus::kDeclined));
  EXPECT_EQ(account.state().places(), places);
  EXPECT_EQ(account.state().devices(), devices);
  EXPECT_EQ(account.state().networks(), networks);
}

struct Answer {
  const char* name;
  FeedbackVerdict verdict;
  Standing becomes;
};
std::ostream& operator<<(std::ostream& out, const Answer& answer) { return out << answer.name; }
class AnswerTest : public testing::TestWithParam<Answer> {};

TEST_P(AnswerTest, DecidesWhatWaits) {
  SettledAccount account;
  account.Run(Away("away", kNoon));
  account.Run(EventBuilder("answer", kNoon + 1h).Answered(GetParam().verdict, FeedbackBy::kOwner));
  EXPECT_EQ(StandingOfDevice(account, "laptop-1"), GetParam().becomes);
  EXPECT_EQ(StandingOfCountry(account, "JP"), GetParam().becomes);
  EXPECT_EQ(StandingOfDevice(account, "phone-1"), Standing::kKnown);
}

INSTANTIATE_TEST_SUITE_P(
    Verdicts, AnswerTest,
    testing::Values(Answer{"Me", FeedbackVerdict::kMe, Standing::kKnown},
                    Answer{"FalsePositive", FeedbackVerdict::kFalsePositive, Standing::kKnown},
                    Answer{"NotMe", FeedbackVerdict::kNotMe, Standing::kRefused},
                    Answer{"ConfirmedFraud", FeedbackVerdict::kConfirmedFraud, Standing::kRefused}),
    [](const auto& tested) { return std::string(tested.param.name); });

// Nobody confirms what he has not been shown; who denies is believed of all.
TEST(Answers, AboutWhatIsNotKnownConfirmNothing) {
  for (const FeedbackVerdict verdict :
       {FeedbackVerdict::kMe, FeedbackVerdict::kFalsePositive, FeedbackVerdict::kNotMe}) {
    SettledAccount account;
    account.Run(Away("away", kNoon));
    account.Run(EventBuilder("answer", kNoon + 1h).Answered(verdict, FeedbackBy::kOwner, "unknown"));
    EXPECT_EQ(StandingOfDevice(account, "laptop-1"),
              verdict == FeedbackVerdict::kNotMe ? Standing::kRefused : Standing::kPending);
  }
}

TEST(Answers, ConfirmedThingsAreClearFromThenOn) {
  SettledAccount account;
  account.Run(Away("away", kNoon));
  account.Run(EventBuilder("answer", kNoon + 1h).Answered(FeedbackVerdict::kMe, FeedbackBy::kOwner));
  const DetectionResult& result = account.Run(Away("again", kNoon + 2h));
  EXPECT_TRUE(result.Of("new_device").clear());
  EXPECT_TRUE(result.Of("new_country").clear());
  // Late, and before what is confirmed: still the owner's.
  EXPECT_TRUE(account.Run(Away("late", kNoon - 1h)).Of("new_device").clear());
}

TEST(Answers, RefusedThingsAreAlarmedEachTimeAndNeverLearnt) {
  SettledAccount account;
  account.Run(Away("away", kNoon));
  account.Run(EventBuilder("no", kNoon + 1h).Answered(FeedbackVerdict::kNotMe, FeedbackBy::kOwner));
  for (int day = 1; day <= 60; ++day) {
    const DetectionResult& result = account.Run(Away("again-" + std::to_string(day), kNoon + day * kDay));
    ASSERT_TRUE(result.Of("new_device").alert()) << day;
    ASSERT_EQ(result.Of("new_device").claims()[0].reasons[0].code, "new_device_refused");
    ASSERT_EQ(result.Of("new_device").claims()[0].cause,
              std::vector<std::string>{"again-" + std::to_string(day)});
    ASSERT_EQ(result.Of("new_device").claims()[0].weight, 2.4);
  }
  account.Run(EventBuilder("yes", kNoon + 61 * kDay).Answered(FeedbackVerdict::kMe, FeedbackBy::kOwner));
  EXPECT_EQ(StandingOfDevice(account, "laptop-1"), Standing::kRefused);
}

TEST(Answers, ARefusalIsForgottenHalfAYearAfterItsLastUse) {
  SettledAccount account;
  account.Run(Away("away", kNoon));
  account.Run(EventBuilder("no", kNoon + 1h).Answered(FeedbackVerdict::kNotMe, FeedbackBy::kOwner));
  EXPECT_EQ(account.Run(Away("later", kNoon + 181 * kDay)).Of("new_device").claims()[0].reasons[0].code,
            "new_device");
  EXPECT_EQ(StandingOfDevice(account, "laptop-1"), Standing::kPending);
}

TEST(Answers, NotMeTakesTheTrustOfWhatIsThreeDaysOld) {
  AccountStory story;
  for (int day = 0; day < 20; ++day) story.Run(EventBuilder("e" + std::to_string(day), kNoon + day * kDay));
  story.Run(EventBuilder("new-line", kNoon + 20 * kDay).Via(test::kOtherLine));  // Info: learnt at once.
  story.Run(EventBuilder("no", kNoon + 21 * kDay).Answered(FeedbackVerdict::kNotMe, FeedbackBy::kOwner));
  for (const KnownNetwork& network : story.state().networks().known) {
    EXPECT_EQ(network.tenure.standing, Standing::kKnown);
    EXPECT_EQ(network.tenure.uses == 0, network.asn == test::kOtherLine.asn);
  }
  EXPECT_GT(TenureOfDevice(story.state(), "phone-1")->uses, 0);
}

TEST(Answers, AreAboutTheFindingTheyName) {
  SettledAccount account;
  account.Run(Away("mine", kNoon));
  const std::string finding = account.FindingOf("new_device");
  account.Run(Attack("theirs", kNoon + 30min));
  account.Run(EventBuilder("answer", kNoon + 1h).Answered(FeedbackVerdict::kMe, FeedbackBy::kOwner, finding));
  EXPECT_EQ(StandingOfDevice(account, "laptop-1"), Standing::kKnown);
  EXPECT_EQ(StandingOfDevice(account, "stranger-1"), Standing::kPending);
}

TEST(Answers, AreAboutThePairOfATravelFinding) {
  SettledAccount account;
  account.Run(EventBuilder("home", kNoon));
  account.Run(Attack("pending-before", kNoon + 30min));
  account.Run(Away("tokyo", kNoon + 1h));
  const std::string finding =
      schemas::FindingId("impossible_travel", AccountId("account-1"), {"home", "tokyo"}, "");
  account.Run(
      EventBuilder("answer", kNoon + 2h).Answered(FeedbackVerdict::kNotMe, FeedbackBy::kOwner, finding));
  EXPECT_EQ(StandingOfDevice(account, "laptop-1"), Standing::kRefused);
  EXPECT_EQ(StandingOfDevice(account, "stranger-1"), Standing::kPending);
}

// Two share the account, each in a city of their own, and are never more than minutes apart: all that the
// second one does is under suspicion, so that only the owner's answers can teach that it is no stranger.
TEST(Answers, SettleTwoWhoShareTheAccount) {
  SettledAccount account;
  const auto travels = [&](int day) {
    const std::string n = std::to_string(day);
    account.Run(EventBuilder("berlin-" + n, kNoon + day * kDay));
    const auto judged = account.Run(Away("tokyo-" + n, kNoon + day * kDay + 5min));
    if (!judged.Of("impossible_travel").alert()) return false;
    const std::string finding =
        schemas::FindingId("impossible_travel", AccountId("account-1"), {"berlin-" + n, "tokyo-" + n}, "");
    account.Run(EventBuilder("me-" + n, kNoon + day * kDay + 1h)
                    .Answered(FeedbackVerdict::kMe, FeedbackBy::kOwner, finding));
    return true;
  };
  int asked = 0;
  while (asked < 60 && travels(asked * 5)) ++asked;
  EXPECT_GE(asked, 3) << "a single answer does not open the door";
  EXPECT_LE(asked, 7) << "asked for a month, and told each time";
}

TEST(Answers, AreAboutTheCausesOfTheCaseWhenTheseAreKnown) {
  SettledAccount account;
  account.Run(Away("mine", kNoon));
  account.Run(Attack("theirs", kNoon + 30min));
  const std::array<std::string_view, 1> causes = {"theirs"};
  const Population population;
  const LimitTable limits;
  const LearningConfig learning;
  const Context context{
      .population = population, .limits = limits, .learning = learning, .answered_causes = causes};
  AnswerQuarantine(
      EventBuilder("answer", kNoon + 1h).Answered(FeedbackVerdict::kNotMe, FeedbackBy::kAnalyst, ""), context,
      account.state());
  EXPECT_EQ(StandingOfDevice(account, "laptop-1"), Standing::kPending);
  EXPECT_EQ(StandingOfDevice(account, "stranger-1"), Standing::kRefused);
}

TEST(Answers, DoNotReachBeyondTheirTime) {
  SettledAccount account;
  account.Run(Away("later", kNoon + 2h));
  account.Run(EventBuilder("answer", kNoon + 1h).Answered(FeedbackVerdict::kMe, FeedbackBy::kOwner));
  EXPECT_EQ(StandingOfDevice(account, "laptop-1"), Standing::kPending);
}

// A hostile account with a million devices, places and networks stays bounded, and the owner's stay known.
TEST(Bounds, AMillionStrangeThingsLeaveTheOwnersAlone) {
  SettledAccount account;
  for (int i = 0; i < 20'000; ++i) {
    const std::string id = std::to_string(i);
    schemas::Event event = Attack("e" + id, kNoon + i * 1min);
    event.facts.device.id = "stranger-" + id;
    event.facts.network.asn = static_cast<uint32_t>(100'000 + i);
    event.facts.place.country = {static_cast<char>('A' + i % 26), static_cast<char>('A' + i / 26 % 26)};
    account.Run(event);
  }
  EXPECT_LE(account.state().devices().known.size(), Devices::kKnownMax);
  EXPECT_LE(account.state().networks().known.size(), Networks::kKnownMax);
  EXPECT_LE(account.state().places().known.size(), Places::kKnownMax);
  EXPECT_LE(account.state().places().uses.size(), Places::kUsesMax);
  EXPECT_EQ(StandingOfDevice(account, "phone-1"), Standing::kKnown);
  EXPECT_EQ(StandingOfCountry(account, "DE"), Standing::kKnown);
  std::string bytes;
  for (const Segment segment : {Segment::kPlaces, Segment::kDevices, Segment::kNetworks})
    account.state().EncodeSegment(segment, bytes);
  EXPECT_LT(bytes.size(), 4096U);
}

TEST(Writing, AKnownLoginMinutesLaterChangesOnlyItsUse) {
  SettledAccount account;
  account.Run(EventBuilder("a", kNoon));
  account.state().ClearChanged();
  account.Run(EventBuilder("b", kNoon + 10min));
  EXPECT_EQ(account.state().changed() >> static_cast<int>(Segment::kDevices) & 1, 0U);
  EXPECT_EQ(account.state().changed() >> static_cast<int>(Segment::kNetworks) & 1, 0U);
}

}  // namespace
}  // namespace tocsin::detectors
