#include "detectors/learning/learning.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "detectors/learning/learn_account.h"
#include "tests/support/account_story.h"
#include "tests/support/event_builder.h"

namespace tocsin::detectors {
namespace {

using namespace std::chrono_literals;
using schemas::Event;
using test::AccountStory;
using test::EventBuilder;

constexpr Timestamp kNoon = FromMillis(1'772'366'400'000);

Event ProfileEvent(const std::string& id, Timestamp at, schemas::AccountProfile profile) {
  Event event = EventBuilder(id, at).Nowhere().WithoutDevice();
  event.type = schemas::EventType::kAccountProfile;
  event.payload = std::move(profile);
  return event;
}

schemas::Contact Email(const std::string& address) {
  return {.channel = schemas::ContactChannel::kEmail, .address = address, .verified = true, .primary = true};
}

Claim ClaimOf(schemas::Family family, schemas::Severity severity, schemas::Mode mode = schemas::Mode::kLive) {
  Claim claim;
  claim.family = family;
  claim.severity = severity;
  claim.mode = mode;
  return claim;
}

struct Suspicion {
  std::string name;
  Claim claim;
  bool suspicious = false;
  bool past_learning = true;
};

class SuspicionTest : public testing::TestWithParam<Suspicion> {};

TEST_P(SuspicionTest, IsALiveClaimOfWeight) {
  DetectionResult result;
  EXPECT_FALSE(IsSuspicious(result, GetParam().past_learning));
  result.verdicts[3] = Verdict::Alert(GetParam().claim);
  EXPECT_EQ(IsSuspicious(result, GetParam().past_learning), GetParam().suspicious);
}

using schemas::Family;
using schemas::Severity;
INSTANTIATE_TEST_SUITE_P(
    Claims, SuspicionTest,
    testing::Values(
        Suspicion{"LowLocation", ClaimOf(Family::kLocation, Severity::kLow), true},
        Suspicion{"InfoLocation", ClaimOf(Family::kLocation, Severity::kInfo), false},
        Suspicion{"HighLimit", ClaimOf(Family::kLimit, Severity::kHigh), false},
        Suspicion{"LowMoney", ClaimOf(Family::kMoney, Severity::kLow), true},
        Suspicion{"MoneyWhileLearning", ClaimOf(Family::kMoney, Severity::kHigh), false, false},
        Suspicion{"TravelWhileLearning", ClaimOf(Family::kLocation, Severity::kHigh), true, false},
        Suspicion{"RareAlone", ClaimOf(Family::kRarity, Severity::kLow), false},
        Suspicion{"RareAndGrave", ClaimOf(Family::kRarity, Severity::kMedium), true},
        Suspicion{"CriticalShadow", ClaimOf(Family::kTakeover, Severity::kCritical, schemas::Mode::kShadow),
                  false}),
    [](const auto& tested) { return tested.param.name; });

// a and b are found together, in whichever order they arrive: neither teaches.
TEST(LearningTest, ALateEventShowsThatAnotherWasUnderSuspicion) {
  const auto learnt = [](bool late) {
    AccountState state;
    Population population;
    const LimitTable limits;
    const LearningConfig learning;
    const Context context{.population = population, .limits = limits, .learning = learning};
    const Currency eur = *Currency::Find("EUR");
    const auto learn = [&](const Event& event, const std::vector<std::string>& cause) {
      DetectionResult result;
      if (!cause.empty()) {
        Claim claim = ClaimOf(schemas::Family::kLocation, schemas::Severity::kMedium);
        claim.cause = cause;
        claim.occurred_at = kNoon + 1min;
        result.verdicts[3] = Verdict::Alert(std::move(claim));
      }
      Learn(event, result, context, state, population);
    };
    const Event a = EventBuilder("a", kNoon);
    const Event b = EventBuilder("b", kNoon + 1min);
    learn(EventBuilder("before", kNoon - 24h), {});  // Neither brings anything new.
    learn(late ? b : a, {});
    learn(late ? a : b, {"a", "b"});
    const Event paid = EventBuilder("p", kNoon + 10h).Paid("tx", {1000, eur});
    const Event paid_late = EventBuilder("q", kNoon + 10h - 1min).Paid("ty", {9000, eur});
    learn(late ? paid_late : paid, {});
    learn(late ? paid : paid_late, {"p", "q"});
    learn(EventBuilder("c", kNoon + 11h + 30min), {});
    learn(EventBuilder("r", kNoon + 13h).Paid("tz", {100, eur}), {});
    EXPECT_EQ(state.sign_ins().successes, 2U);
    EXPECT_TRUE(state.money().histograms.empty());
    return std::pair(state.sign_ins(), state.habits());
  };
  EXPECT_EQ(learnt(true), learnt(false));
}

TEST(LearningTest, AnEventIsOfTheProfileOfItsTime) {
  AccountStory story;
  const auto tier_at = [&](Timestamp at) { return story.state().profile().OwnerAt(at).tier; };
  story.Run(ProfileEvent("p1", kNoon, {.tier = "basic"}));
  EXPECT_EQ(tier_at(kNoon - 1ms), "");
  EXPECT_EQ(tier_at(kNoon), "basic");
  story.Run(ProfileEvent("p3", kNoon + 4min, {.tier = "gold"}));
  EXPECT_EQ(tier_at(kNoon + 4min - 1ms), "basic");
  story.Run(ProfileEvent("p2", kNoon + 2min, {.tier = "silver"}));
  EXPECT_EQ(tier_at(kNoon + 4min - 1ms), "silver") << "it came late";
  EXPECT_EQ(tier_at(kNoon + 4min), "gold");
  story.Run(ProfileEvent("p0", kNoon - 1min, {.tier = "lead"}));
  EXPECT_EQ(tier_at(kNoon + 4min - 1ms), "silver") << "what came before it is over";
  story.Run(EventBuilder("later", kNoon + 4min + Profile::kBeforeKept + 1ms));
  EXPECT_EQ(tier_at(kNoon), "gold") << "no event is that late";
  EXPECT_TRUE(story.state().profile().before.empty());
}

TEST(LearningTest, ContactsOfAProfileThatCameLateArePreviousOnes) {
  const auto contacts = [](const std::vector<std::pair<std::string, Timestamp>>& profiles) {
    AccountStory story;
    for (const auto& [name, at] : profiles)
      story.Run(ProfileEvent(name, at, {.contacts = {Email(name + "@example.com")}}));
    return story.state().security();
  };
  const std::pair<std::string, Timestamp> one{"one", kNoon};
  const std::pair<std::string, Timestamp> two{"two", kNoon + 2min};
  const std::pair<std::string, Timestamp> three{"three", kNoon + 4min};
  EXPECT_EQ(contacts({one, two, three}).PreviousContacts(kNoon + 5min).size(), 2U);
  EXPECT_EQ(contacts({one, three, two}).PreviousContacts(kNoon + 5min).size(), 2U);
}

struct Age {
  std::string name;
  int logins = 0;
  Millis first_before;
  bool past = false;
  std::optional<Millis> opened_before = std::nullopt;
  bool device = false;  // One is known.
};

class PastLearningTest : public testing::TestWithParam<Age> {};

TEST_P(PastLearningTest, IsEnoughLoginsOrEnoughTime) {
  AccountState state;
  SignIns& sign_ins = state.MutableSignIns();
  sign_ins.successes = static_cast<uint32_t>(GetParam().logins);
  sign_ins.first_success = kNoon - GetParam().first_before;
  state.MutableProfile().first_seen = kNoon - GetParam().first_before;
  if (GetParam().opened_before) state.MutableProfile().owner.opened_at = kNoon - *GetParam().opened_before;
  if (GetParam().device) state.MutableDevices().known.emplace_back();
  EXPECT_EQ(PastLearning(state, kNoon, LearningConfig{}), GetParam().past);
}

INSTANTIATE_TEST_SUITE_P(Boundaries, PastLearningTest,
                         testing::Values(Age{"Nothing", 0, 0h, false}, Age{"FourLogins", 4, 1h, false},
                                         Age{"FiveLogins", 5, 1h, true},
                                         Age{"OneLoginAlmostTwoWeeks", 1, 336h - 1ms, false},
                                         Age{"OneLoginTwoWeeks", 1, 336h, true},
                                         Age{"OnlyAProfileForYears", 0, 40'000h, false, 40'000h},
                                         Age{"PaymentsAlmostTwoWeeks", 0, 336h - 1ms, false, {}, true},
                                         Age{"PaymentsTwoWeeks", 0, 336h, true, {}, true},
                                         Age{"OldAccountJustMet", 1, 72h - 1ms, false, 40'000h},
                                         Age{"OldAccountKnownForDays", 1, 72h, false, 40'000h},
                                         Age{"OpenedAlmostTwoWeeksAgo", 4, 72h, false, 336h - 1ms},
                                         Age{"BeforeTheFirstLogin", 1, -336h, false}),
                         [](const auto& tested) { return tested.param.name; });

TEST(LearningTest, AnOrdinaryLoginChangesOnlyWhatItTeaches) {
  AccountStory story;
  for (int i = 0; i < 3; ++i) story.Run(EventBuilder("day" + std::to_string(i), kNoon + i * 24h));
  story.state().ClearChanged();
  story.Run(EventBuilder("day3", kNoon + 72h));
  const auto bit = [](Segment segment) { return uint64_t{1} << static_cast<unsigned>(segment); };
  EXPECT_EQ(story.state().changed() & (bit(Segment::kProfile) | bit(Segment::kFailures) |
                                       bit(Segment::kMoney) | bit(Segment::kSecurity)),
            0U);
  EXPECT_NE(story.state().changed() & bit(Segment::kRecentEvents), 0U);
  EXPECT_NE(story.state().changed() & bit(Segment::kSignIns), 0U);
}

// Whoever opens an account to pay and take back, a hundred times an hour, has not taught what others pay.
TEST(LearningTest, ANewAccountsPaymentsAreNoMeasureForOthers) {
  const Currency euro = *Currency::Find("EUR");
  AccountStory story;
  story.Run(EventBuilder("first", kNoon));
  const auto pay_and_take_back = [&](const std::string& name, Timestamp begin, Millis gap) {
    for (int i = 0; i < 300; ++i) {
      const std::string id = name + std::to_string(i);
      const Timestamp at = begin + i * gap;
      story.Run(EventBuilder(id, at).Paid(id, {1'000, euro}, schemas::TransactionStatus::kAuthorized));
      story.Run(EventBuilder(id + "-back", at + 10s)
                    .Paid(id, {1'000, euro}, schemas::TransactionStatus::kReversed));
    }
    return story.population().AmountQuantile(schemas::TransactionKind::kTransfer, "", euro, 0.5);
  };
  EXPECT_LT(pay_and_take_back("new", kNoon + 1h, 200s), 0);
  EXPECT_GT(pay_and_take_back("old", kNoon + 336h, 2h), 0);
}

TEST(LearningTest, ADuplicateChangesNothing) {
  AccountStory story;
  const Event event = EventBuilder("login", kNoon);
  story.Run(event);
  const AccountState before = story.state();
  story.state().ClearChanged();
  story.Run(event);
  EXPECT_EQ(story.state(), before);
  EXPECT_EQ(story.state().changed(), 0U);
}

TEST(LearningTest, ShadowDetectorsDoNotKeepTheAccountFromLearning) {
  DetectorConfigs configs;
  std::apply([](auto&... configured) { ((configured.options.mode = schemas::Mode::kShadow), ...); }, configs);
  AccountStory story(configs);
  for (int day = 0; day < 20; ++day) story.Run(EventBuilder("day" + std::to_string(day), kNoon + day * 24h));
  const uint32_t successes = story.state().sign_ins().successes;
  story.Run(EventBuilder("abroad", kNoon + 481h).From(test::kTokyo).With(test::kStranger));
  EXPECT_EQ(story.state().sign_ins().successes, successes + 1);
}

TEST(LearnProfileTest, TheNewestProfileWinsWhateverTheOrder) {
  AccountStory story;
  story.Run(ProfileEvent("new", kNoon, {.display_name = "New"}));
  story.Run(ProfileEvent("old", kNoon - 1h, {.display_name = "Old"}));
  EXPECT_EQ(story.state().profile().owner.display_name, "New");
  EXPECT_EQ(story.state().profile().first_seen, kNoon - 1h);
}

TEST(LearnProfileTest, ContactsThatAProfileNoLongerHasArePreviousOnes) {
  AccountStory story;
  story.Run(ProfileEvent("p1", kNoon, {.contacts = {Email("owner@example.com")}}));
  EXPECT_TRUE(story.state().security().previous_contacts.empty());
  story.Run(ProfileEvent("p2", kNoon + 1h, {.contacts = {Email("thief@example.com")}}));
  const auto contacts = story.state().security().PreviousContacts(kNoon + 2h);
  ASSERT_EQ(contacts.size(), 1U);
  EXPECT_EQ(contacts.front().address, "owner@example.com");
}

TEST(LearnProfileTest, AChangedContactNamesTheOldOne) {
  AccountStory story;
  Event event = EventBuilder("change", kNoon).Changed(schemas::ChangeKind::kEmailChanged);
  std::get<schemas::AccountChange>(event.payload).previous_contact = Email("owner@example.com");
  story.Run(event);
  ASSERT_EQ(story.state().security().PreviousContacts(kNoon).size(), 1U);
}

TEST(LearnProfileTest, AHugeProfileStaysBounded) {
  schemas::AccountProfile huge;
  huge.display_name.assign(60'000, 'x');
  for (int i = 0; i < 1000; ++i)
    huge.contacts.push_back(Email(std::string(static_cast<size_t>(i), 'a') + "@example.com"));
  for (int i = 0; i < 1000; ++i)
    huge.limits.push_back({.name = std::to_string(i), .max = {100, *Currency::Find("EUR")}});
  AccountStory story;
  story.Run(ProfileEvent("huge", kNoon, huge));
  EXPECT_LE(story.state().profile().owner.display_name.size(), Profile::kTextBytesMax);
  EXPECT_EQ(story.state().profile().owner.contacts.size(), Profile::kContactsMax);
  EXPECT_EQ(story.state().profile().owner.limits.size(), Profile::kLimitsMax);
  std::string bytes;
  story.state().EncodeSegment(Segment::kProfile, bytes);
  AccountState read;
  EXPECT_TRUE(read.DecodeSegment(Segment::kProfile, bytes).ok());
  EXPECT_EQ(read.profile(), story.state().profile());
}

TEST(LearnSecurityTest, AnnouncedTravelIsRemembered) {
  AccountStory story;
  Event event = EventBuilder("notice", kNoon).Changed(schemas::ChangeKind::kTravelNotice);
  std::get<schemas::AccountChange>(event.payload).travel =
      schemas::Travel{.countries = {"JP"}, .from = kNoon, .until = kNoon + 200h};
  story.Run(event);
  ASSERT_EQ(story.state().security().travel.size(), 1U);
  EXPECT_EQ(story.state().security().travel.front().countries, std::vector<std::string>{"JP"});
  story.Run(EventBuilder("home", kNoon + 272h + 1ms));
  EXPECT_TRUE(story.state().security().travel.empty());
}

TEST(LearningTest, TwoRunsGiveEqualStates) {
  const auto live = [] {
    AccountStory story;
    for (int i = 0; i < 200; ++i) {
      EventBuilder builder("e" + std::to_string(i), kNoon + i * 3h);
      if (i % 7 == 3) builder.Failed().With(test::kStranger);
      if (i % 11 == 5) builder.Paid("t" + std::to_string(i), {int64_t{i} * 100, *Currency::Find("EUR")});
      if (i % 13 == 7) builder.From(test::kParis).With(test::kLaptop);
      if (i % 29 == 11) builder.Changed(schemas::ChangeKind::kPasswordChanged);
      story.Run(builder);
    }
    return story.state();
  };
  const AccountState once = live();
  EXPECT_EQ(once, live());
  AccountState read;
  for (const Segment segment : kSegments) {
    std::string bytes;
    once.EncodeSegment(segment, bytes);
    ASSERT_TRUE(read.DecodeSegment(segment, bytes).ok()) << static_cast<int>(segment);
  }
  EXPECT_EQ(read, once);
}

}  // namespace
}  // namespace tocsin::detectors
